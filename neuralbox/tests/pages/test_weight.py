"""A first visit is light, and nothing jumps while it loads, not even when the fonts come late."""

import brotli
import pytest

from neuralbox.tests.pages.conftest import PHONE, PUBLIC_PAGES

pytestmark = pytest.mark.browser

HEAVIEST_VISIT = 150 * 1024
LARGEST_SHIFT = 0.05  # half of what the Web Vitals call good
MEDIA = ("image/webp", "image/png", "image/jpeg", "video/", "audio/")
COUNT_SHIFTS = """
  window.shifts = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
"""


def weight(request) -> int:
    """Bytes of a part of the page as production sends it: fonts as they are, everything else compressed."""
    answer = request.response()
    kind = answer.headers.get("content-type", "")
    if answer.status != 200 or kind.startswith(MEDIA):
        return 0
    return len(answer.body()) if "font" in kind else len(brotli.compress(answer.body(), quality=5))


def late(route) -> None:
    """As on a slow line: the text is there before its font."""
    route.request.frame.page.wait_for_timeout(400)
    route.continue_()


@pytest.mark.parametrize("path", PUBLIC_PAGES)
def test_a_first_visit_on_a_phone_is_light_and_nothing_jumps(reader_of, path):
    reader = reader_of(viewport=PHONE, locale="ru-RU")
    parts = []
    reader.page.on("requestfinished", lambda request: parts.append(request))  # noqa: PLW0108 - Playwright inspects it
    reader.page.add_init_script(COUNT_SHIFTS)
    reader.page.route("**/*.woff2", late)
    page = reader.open(f"/ru{path}")
    page.wait_for_function("document.fonts.status === 'loaded'")
    page.wait_for_timeout(300)
    assert sum(weight(part) for part in parts if part.resource_type != "fetch") < HEAVIEST_VISIT
    assert page.evaluate("window.shifts") <= LARGEST_SHIFT
