"""A real browser for the tests marked `browser`: Chromium as the system installs it."""

import os
import shutil
from typing import Any

import pytest

HOW_TO = "no browser found: apt-get install chromium, or name one in the variable CHROMIUM"


def chromium() -> str | None:
    """The browser's program: from the variable CHROMIUM, or on the path."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if chromium():
        return
    for item in items:
        if item.get_closest_marker("browser"):
            if os.environ.get("CI") == "true":
                raise pytest.UsageError(HOW_TO)
            item.add_marker(pytest.mark.skip(reason=HOW_TO))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium, told to call nobody on its own account."""
    quietly = [
        *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
        *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
    ]
    return {**browser_type_launch_args, "executable_path": chromium(), "args": quietly}
