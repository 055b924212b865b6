"""The imitated login providers, and a traveller who goes to them and comes back."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from django.test import Client

from accounts.fakes import environment
from accounts.fakes.server import Fakes
from neuralbox.tests.fixtures import FIREFOX

# The settings are put together above all apps, which may not import them.
configure = import_module("neuralbox.settings.logins").configure


@pytest.fixture(scope="session")
def login_fakes_process() -> Iterator[Fakes]:
    fakes = Fakes()
    fakes.start()
    yield fakes
    fakes.stop()


@pytest.fixture
def login_fakes(login_fakes_process: Fakes, settings: Any) -> Iterator[Fakes]:
    """All six logins are configured and lead to loopback."""
    found = environment(login_fakes_process.url)
    for name, value in configure(found.get).items():
        setattr(settings, name, value)
    login_fakes_process.forget()
    yield login_fakes_process
    login_fakes_process.forget()


@dataclass
class Traveller:
    """One browser. `go` walks from the login page to the provider and back to where the site sends it then."""

    browser: Client = field(default_factory=lambda: Client(HTTP_USER_AGENT=FIREFOX, HTTP_ACCEPT_LANGUAGE="en"))

    def leave(self, login: str, **form: str) -> str:
        """The provider's address that the site sends this browser to."""
        page = self.browser.post(f"/login/with/{login}", form)
        assert page.status_code == 200, (page.status_code, page.headers)
        return html.unescape(re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', page.content.decode())[1])

    def decide(self, address: str, **choice: str) -> str:
        """What the provider's page does when the person chooses: the address that it comes back to."""
        page = requests.get(address, timeout=10)
        assert page.status_code == 200, page.text
        party = urlsplit(address).path.split("/")[1]
        query = dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
        parts = urlsplit(address)
        decided = requests.post(
            f"{parts.scheme}://{parts.netloc}/{party}/decide",
            data={**query, **choice},
            timeout=10,
            allow_redirects=False,
        )
        return decided.headers["Location"]

    def come_back(self, address: str) -> str:
        """Follows the provider's redirect into the site; where the site sends the browser next."""
        parts = urlsplit(address)
        landed = self.browser.get(f"{parts.path}?{parts.query}")
        assert landed.status_code == 302, (landed.status_code, landed.content[:500])
        return landed["Location"]

    def go(self, login: str, *, person: str = "alice", **form: str) -> str:
        choice = {"person": person} if person else {"refuse": "1"}
        return self.come_back(self.decide(self.leave(login, **form), **choice))

    def agree(self) -> str:
        """States age and acceptance on the page before the account; where the site sends the browser next."""
        page = self.browser.get("/login/welcome")
        versions = re.search(r'name="versions" value="([^"]*)"', page.content.decode())[1]
        landed = self.browser.post("/login/welcome", {"age": "on", "accepted": "on", "versions": versions})
        assert landed.status_code == 302, landed.content.decode()
        return landed["Location"]

    def join(self, login: str, **how: str) -> str:
        assert self.go(login, **how) == "/login/welcome"
        return self.agree()


@pytest.fixture
def traveller(db: None, login_fakes: Fakes) -> Traveller:
    return Traveller()


@pytest.fixture
def another_traveller(db: None, login_fakes: Fakes) -> Traveller:
    return Traveller()
