"""Draws the picture of the page at `/`: a digit in Chromium, and the network at work. `python -m docs.render_page`."""

import io
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.e2e.browser import draw
from tests.serving import serving

PICTURE = Path(__file__).with_name("page.png")
VIEW = {"width": 1280, "height": 880}
COLOURS = 256

if __name__ == "__main__":
    with serving(LENET_MODEL="robust", LENET_WORKERS="1") as (_, address), sync_playwright() as running:
        browser = running.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport=VIEW, locale="en")
        page.goto(f"{address}/")
        page.click("#think")
        draw(page, "3")
        page.wait_for_selector("#verdict.sure")
        page.wait_for_selector("#inside figure")
        page.mouse.move(0, 0)
        screenshot = page.screenshot()
        browser.close()
    with Image.open(io.BytesIO(screenshot)) as shown:
        shown.convert("RGB").quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
            PICTURE, optimize=True
        )
