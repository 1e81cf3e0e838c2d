"""Chromium for the tests of the page, and a hand that draws in it.

Where Playwright or Chromium is missing, the tests are skipped and say so.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

STROKES: dict[str, list[list[tuple[int, int]]]] = json.loads(Path(__file__).with_name("strokes.json").read_text())
"""Pen strokes of each digit in a square of 100 by 100, traced from handwritten digits of MNIST's test set."""

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
DESKTOP = {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        pytest.skip("there is no Chromium")
    with playwright.sync_playwright() as running:
        options = ["--no-sandbox", "--disable-background-networking"]
        browser = running.chromium.launch(executable_path=path, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of a service with its default settings."""
    with serving(LENET_WORKERS="1", LENET_MODEL="robust") as (_, address):
        yield f"{address}/"


class Visit:
    """Opens pages, and notes what must not happen: a request to another host, an error in a script."""

    def __init__(self, chromium: Browser) -> None:
        self.wrong: list[str] = []
        self._chromium = chromium
        self._contexts: list[BrowserContext] = []

    def __call__(self, address: str, **options: Any) -> Page:
        context = self._chromium.new_context(**DESKTOP | options)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("console", lambda message: self._note(message.type, message.text))
        host = address.split("/")[2]
        page.on("request", lambda request: self._note_request(request.url, host))
        page.goto(address)
        return page

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def _note(self, kind: str, text: str) -> None:
        if kind == "error" and not text.startswith("Failed to load resource"):  # that is what a refusal looks like
            self.wrong.append(text)

    def _note_request(self, url: str, host: str) -> None:
        if not url.startswith((f"http://{host}/", "data:", "blob:")):
            self.wrong.append(url)


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    visit = Visit(chromium)
    yield visit
    visit.close()
    assert visit.wrong == []


def points(page: Page, digit: str, x: float, width: float) -> list[list[tuple[float, float]]]:
    """Where on the page the strokes of a digit go: in a square `width` wide, `x` from the left, in paper widths."""
    paper = page.locator("#paper").bounding_box()
    assert paper
    scale = paper["width"] * width / 100
    left, top = paper["x"] + paper["width"] * x, paper["y"] + (paper["height"] - 100 * scale) / 2
    return [[(left + px * scale, top + py * scale) for px, py in stroke] for stroke in STROKES[digit]]


def draw(page: Page, digit: str, x: float = 0.25, width: float = 0.5) -> None:
    """Draw with the mouse."""
    for first, *others in points(page, digit, x, width):
        page.mouse.move(*first)
        page.mouse.down()
        for point in others:
            page.mouse.move(*point, steps=3)
        page.mouse.up()


def draw_by_touch(page: Page, digit: str) -> None:
    """Draw with a finger."""
    session = page.context.new_cdp_session(page)
    for stroke in points(page, digit, 0.25, 0.5):
        for at, (px, py) in enumerate(stroke):
            touch = {"type": "touchMove" if at else "touchStart", "touchPoints": [{"x": px, "y": py}]}
            session.send("Input.dispatchTouchEvent", touch)
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def hand_over(page: Page, event: str, content: bytes, kind: str) -> None:
    """Drop or paste a file on the page, as the browser does."""
    page.evaluate(
        """([event, content, type]) => {
          const bytes = Uint8Array.from(atob(content), (one) => one.charCodeAt(0));
          const data = new DataTransfer();
          data.items.add(new File([bytes], "picture", { type }));
          const init = { bubbles: true, cancelable: true };
          document.body.dispatchEvent(event === "drop"
            ? new DragEvent("drop", { ...init, dataTransfer: data })
            : new ClipboardEvent("paste", { ...init, clipboardData: data }));
        }""",
        [event, base64.b64encode(content).decode(), kind],
    )
