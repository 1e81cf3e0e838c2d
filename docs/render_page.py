"""Draws the pictures of the page at `/`: a digit and the network at work, and a photo of a number.

`python -m docs.render_page` writes them beside this file; it needs Chromium.
"""

import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.e2e.browser import draw
from tests.serving import serving

DOCS = Path(__file__).parent
COLOURS = 256
THINKING: ViewportSize = {"width": 1280, "height": 1170}
READING: ViewportSize = {"width": 1280, "height": 840}


def save(page: Page, name: str) -> None:
    """Save what the page shows as a small PNG."""
    page.mouse.move(0, 0)
    page.evaluate("() => scrollTo(0, 0)")  # Playwright scrolls to what it handles
    with Image.open(io.BytesIO(page.screenshot(animations="disabled"))) as shown:
        small = shown.convert("RGB").quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        small.save(DOCS / name, optimize=True)


if __name__ == "__main__":
    with serving(LENET_MODEL="robust", LENET_WORKERS="1") as (_, address), sync_playwright() as running:
        browser = running.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=THINKING, locale="en")
        page.goto(f"{address}/")
        page.click("#think")
        draw(page, "3")
        page.wait_for_selector("#verdict.sure")
        page.wait_for_selector("#inside figure")
        save(page, "page.png")
        page = browser.new_page(viewport=READING, locale="en")
        page.goto(f"{address}/")
        page.set_input_files("#file", DOCS / "examples" / "2026.jpg")
        page.wait_for_selector("#digits:not([hidden])")
        save(page, "number.png")
        browser.close()
