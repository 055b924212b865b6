"""A reader of the live site: signed in or not, in either language, on a phone or at a desk."""

from collections.abc import Callable, Iterator

import pytest
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
    "/legal/terms",
    "/promises",
    "/login",
)
PRIVATE_PAGES = (
    "/history",
    "/wallet",
    "/profile",
    "/devices",
    "/keys",
    "/notices",
    "/developers/webhooks",
    "/privacy-center",
)


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
def alice_reading(reader_of: Callable[..., Reader], live_site: LiveSite) -> Reader:
    live_site.api_key("alice@example.com", tokens=1000)
    reader = reader_of()
    reader.sign_in("alice@example.com")
    return reader
