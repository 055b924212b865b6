"""Every page fits a phone, a tablet and a desk, and is kept as a picture in both themes and languages.

The pictures are for whoever changes a page: `screenshots/<language>/<page>-<width>-<theme>.jpg` in the data folder.
"""

import os
import re
from pathlib import Path

import pytest

from neuralbox.tests.pages.conftest import NO_PAGE, PRIVATE_PAGES, PUBLIC_PAGES

pytestmark = pytest.mark.browser

PICTURES = Path(os.environ["TEST_ARTIFACTS"]) / "screenshots"
WIDTHS = {"phone": (360, 740), "tablet": (768, 1024), "desk": (1440, 900)}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"

# The bar is at its widest with much on the balance, of which a part is set aside.
MUCH = """() => {
    const words = { ru: ["123 456 токенов", "1 234 отложено"], en: ["123,456 tokens", "1,234 set aside"] };
    const [available, held] = words[document.documentElement.lang];
    document.querySelector("[data-balance=available]").textContent = available;
    Object.assign(document.querySelector("[data-balance=held]"), { textContent: held, hidden: false });
}"""


@pytest.mark.parametrize("language", ["ru", "en"])
def test_nothing_sticks_out_at_any_width(reader_of, pages_of_alice, language):
    reader = reader_of(reduced_motion="reduce")
    reader.sign_in("alice@example.com")
    for path in (*PUBLIC_PAGES, *PRIVATE_PAGES, *pages_of_alice, NO_PAGE):
        page = reader.open(f"/{language}{path}")
        page.wait_for_timeout(150)
        page.evaluate(MUCH)
        name = UUID.sub("", path).strip("/").replace("/", "-") or "first"
        for width, (across, down) in WIDTHS.items():
            page.set_viewport_size({"width": across, "height": down})
            assert page.evaluate(WIDER) <= 0, f"{path} at {across} px"
            for theme in ("light", "dark"):
                page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
                picture = PICTURES / language / f"{name}-{width}-{theme}.jpg"
                page.screenshot(path=picture, type="jpeg", quality=70, animations="disabled")
