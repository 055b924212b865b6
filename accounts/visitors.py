"""Where a request comes from: address, browser, and the device as a person would name it (P3)."""

import re
from dataclasses import dataclass

from django.http import HttpRequest

from neuralbox.core.rate_limits import client_address

_BROWSERS = (
    ("YaBrowser/", "Yandex Browser"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_PROGRAM = re.compile(r"([A-Za-z][\w.-]{1,30})/\d")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who knocks: `ip` as far as trusted proxies tell, `user_agent` cut to 200 characters."""

    ip: str | None
    user_agent: str

    @property
    def device(self) -> str:
        return device_name(self.user_agent)


def visitor_of(request: HttpRequest) -> Visitor:
    return Visitor(client_address(request), request.headers.get("User-Agent", "")[:200])


def device_name(user_agent: str) -> str:
    """Such as "Firefox, Windows"; the program's own name when it is no browser; empty when nothing is known."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if not browser and (program := _PROGRAM.match(user_agent)) and program[1] != "Mozilla":
        browser = program[1]
    return ", ".join(part for part in (browser, system) if part)
