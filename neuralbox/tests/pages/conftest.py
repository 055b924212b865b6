"""A reader of the live site: signed in or not, in either language, on a phone or at a desk."""

import secrets
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page

from neuralbox.tests.site import LiveSite

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1440, "height": 900}
PUBLIC_PAGES = (
    "/",
    "/models",
    "/models/demo-image",
    "/create",
    "/create/demo-video",
    "/compare",
    "/developers",
    "/developers/errors",
    "/status",
    "/support",
    "/legal/privacy",
    "/legal/privacy/history",
    "/legal/privacy/1",
    "/legal/terms",
    "/promises",
    "/login",
)
PRIVATE_PAGES = (
    "/history",
    "/wallet",
    "/profile",
    "/profile/email",
    "/devices",
    "/keys",
    "/notices",
    "/developers/webhooks",
    "/privacy-center",
)


NO_PAGE = "/no-such-page"


class Reader:
    """One browser profile. Notes what the pages complain of and whom they call."""

    def __init__(self, context: BrowserContext, site: LiveSite) -> None:
        self.context = context
        self.site = site
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.page: Page = context.new_page()
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        context.on("request", lambda request: self.hosts.add(request.url.split("/")[2] if "//" in request.url else ""))

    def _listen(self, message: object) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def open(self, path: str) -> Page:
        self.page.goto(self.site.url + path)
        self.page.wait_for_load_state("networkidle" if path.startswith("/login") else "load")
        return self.page

    def agree(self) -> None:
        """Whoever comes for the first time states their age and accepts the documents."""
        self.page.wait_for_url("**/login/welcome")
        self.page.get_by_label("I am 16 or older").check()
        self.page.get_by_label("I have read and accept").check()
        self.page.get_by_role("button", name="Make the account").click()

    def sign_in(self, email: str, wanted: str = "/en/create") -> Page:
        self.open(f"/en/login?next={wanted}")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(f"**{wanted}*")
        return self.page


@pytest.fixture
def reader_of(browser: Browser, live_site: LiveSite) -> Iterator[Callable[..., Reader]]:
    """Makes readers; `theme`, `locale`, `viewport` as Playwright names them."""
    contexts = []

    def make(*, locale: str = "en-US", viewport: dict[str, int] = DESK, theme: str = "light", **more: object) -> Reader:
        context = browser.new_context(locale=locale, viewport=viewport, color_scheme=theme, **more)
        contexts.append(context)
        return Reader(context, live_site)

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def stranger(reader_of: Callable[..., Reader]) -> Reader:
    return reader_of()


@pytest.fixture
def newcomer(live_site: LiveSite) -> str:
    """The address of somebody who has joined, with 1,100 tokens, and whom no other test knows."""
    email = f"person-{secrets.token_hex(4)}@example.com"
    live_site.api_key(email, tokens=1000)
    return email


@pytest.fixture
def member(reader_of: Callable[..., Reader], newcomer: str) -> Reader:
    """The newcomer, signed in and in the studio."""
    reader = reader_of()
    reader.sign_in(newcomer)
    return reader


@pytest.fixture(scope="session")
def pages_of_alice(live_site: LiveSite) -> list[str]:
    """The pages of one result, one payment and one key of hers."""
    api = requests.Session()
    api.headers["Authorization"] = f"Bearer {live_site.api_key('alice@example.com', tokens=1000)}"

    def made(path: str, **order: object) -> str:
        answer = api.post(f"{live_site.url}/api/v1{path}", json=order, timeout=60)
        answer.raise_for_status()
        return answer.json()["id"]

    picture = made("/generations", model="demo-image", input={"prompt": "A lighthouse on a quiet evening"})
    payment = made("/payments", package="base", gateway="sandbox", currency="USD")
    with psycopg.connect(live_site.database_url) as connection:
        (key,) = connection.execute(
            "SELECT key.id FROM accounts_apikey AS key JOIN accounts_user AS person ON person.id = key.user_id "
            "WHERE person.email = 'alice@example.com' ORDER BY key.created_at LIMIT 1"
        ).fetchone()
    deadline = time.monotonic() + 60
    while api.get(f"{live_site.url}/api/v1/generations/{picture}", timeout=60).json()["status"] != "succeeded":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    return [f"/g/{picture}", f"/wallet/payments/{payment}", f"/keys/{key}"]
