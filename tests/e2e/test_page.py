"""The page in a real browser: what is drawn or handed over, and what it answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from tests.e2e.browser import PHONE, STROKES, Visit, draw, draw_by_touch, hand_over
from tests.image_files import encoded

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def expect_found(page: Page, text: str) -> None:
    """Wait until this is the last answer."""
    page.wait_for_function(
        """(text) => document.getElementById("answer").ariaBusy === "false" &&
          document.getElementById("found").textContent === text""",
        arg=text,
    )


def test_all_ten_digits_are_answered_while_they_are_drawn(visit: Visit, address: str) -> None:
    page = visit(address)
    for digit in STROKES:
        draw(page, digit)
        expect_found(page, digit)
        page.wait_for_selector("#verdict.sure")
        assert digit in page.inner_text("#verdict")
        page.click("#clear")
        expect_found(page, "")


def test_a_finger_draws_and_does_not_scroll(visit: Visit, address: str) -> None:
    page = visit(address, **PHONE)
    draw_by_touch(page, "3")
    expect_found(page, "3")
    assert page.evaluate("scrollY") == 0


def hold_first(page: Page) -> tuple[list[Route], list[Route]]:
    """Hold the first request for a prediction back, as a slow service does; return it, and all of them as they come."""
    held: list[Route] = []
    every: list[Route] = []

    def handle(route: Route) -> None:
        every.append(route)
        if held:
            route.continue_()
        else:
            held.append(route)

    page.route("**/predict*", handle)
    return held, every


def test_there_is_one_request_at_a_time_and_the_newest_drawing_is_answered(visit: Visit, address: str) -> None:
    page = visit(address)
    held, every = hold_first(page)
    with page.expect_request("**/predict*"):
        draw(page, "1", x=0.1, width=0.3)
    draw(page, "7", x=0.5, width=0.3)
    page.click("#undo")
    page.click("#undo")
    draw(page, "2")
    assert len(every) == 1
    held[0].continue_()
    expect_found(page, "2")


def test_an_answer_to_what_was_cleared_is_not_shown(visit: Visit, address: str) -> None:
    page = visit(address)
    page.evaluate("""() => {
      const found = document.getElementById("found");
      window.shown = [];
      new MutationObserver(() => window.shown.push(found.textContent)).observe(found, { childList: true });
    }""")
    held, _ = hold_first(page)
    with page.expect_request("**/predict*"):
        draw(page, "8")
    page.click("#clear")
    draw(page, "1")
    held[0].continue_()
    expect_found(page, "1")
    assert "8" not in page.evaluate("window.shown")


def test_several_digits_are_read_as_a_number(visit: Visit, address: str) -> None:
    page = visit(address)
    for at, digit in enumerate("2047"):
        draw(page, digit, x=0.04 + 0.24 * at, width=0.2)
    expect_found(page, "2047")
    page.focus("#digits button:nth-child(4)")
    assert page.inner_text("#bars li.top").split()[0] == "7"
    assert page.get_attribute("#digits button:nth-child(4)", "aria-pressed") == "true"
    page.check("input[value=digit]")
    page.wait_for_function("() => document.getElementById('found').textContent.length === 1")


@pytest.mark.parametrize("way", ["file", "drop", "paste"])
def test_a_photo_of_a_number_is_read(visit: Visit, address: str, way: str) -> None:
    page = visit(address)
    photo = EXAMPLES / "2026.jpg"
    if way == "file":
        page.set_input_files("#file", photo)
    else:
        hand_over(page, way, photo.read_bytes(), "image/jpeg")
    expect_found(page, "2026")
    assert page.locator("#digits button").all_inner_texts() == list("2026")


def test_a_large_photo_is_made_smaller_before_it_is_sent(visit: Visit, address: str) -> None:
    page = visit(address)
    with Image.open(EXAMPLES / "2026.jpg") as photo:
        large = photo.convert("RGB").resize((4000, 4000 * photo.height // photo.width))
    page.evaluate("""() => {
      const send = window.fetch;
      window.fetch = (path, init) => send(path, { ...init, body: (window.sent = init.body) });
    }""")
    page.set_input_files("#file", {"name": "p", "mimeType": "image/png", "buffer": encoded(large)})
    expect_found(page, "2026")
    kind, width, height = page.evaluate("""async () => {
      const { width, height } = await createImageBitmap(window.sent);
      return [window.sent.type, width, height];
    }""")
    assert (kind, max(width, height)) == ("image/jpeg", 2048)


def test_a_format_that_only_the_service_knows_is_sent_as_it_is(visit: Visit, address: str) -> None:
    page = visit(address)
    with Image.open(EXAMPLES / "seven.png") as seven:
        tiff = encoded(seven, "TIFF")
    page.set_input_files("#file", {"name": "seven.tif", "mimeType": "image/tiff", "buffer": tiff})
    expect_found(page, "7")


@pytest.mark.parametrize(("content", "sentence"), [(b"seven", "the file is not a picture"), (b"", "the file is empty")])
def test_a_refused_upload_shows_the_services_sentence(
    visit: Visit, address: str, content: bytes, sentence: str
) -> None:
    page = visit(address)
    page.set_input_files("#file", {"name": "p", "mimeType": "image/png", "buffer": content})
    page.wait_for_function("(text) => document.getElementById('verdict').textContent.includes(text)", arg=sentence)


def test_why_an_answer_is_unsure_is_said(visit: Visit, address: str) -> None:
    page = visit(address)
    blank = encoded(np.full((60, 60), 200, np.uint8))
    page.set_input_files("#file", {"name": "p", "mimeType": "image/png", "buffer": blank})
    page.wait_for_selector("#verdict.unsure")
    assert page.inner_text("#verdict") == "No digit found"
    assert page.inner_text("#notes") == "There is no ink."


def test_the_network_is_shown_at_work_and_changes_with_the_drawing(visit: Visit, address: str) -> None:
    page = visit(address)

    def pictures() -> Any:
        return page.evaluate("[...document.querySelectorAll('#inside canvas')].map((one) => one.toDataURL())")

    draw(page, "4")
    expect_found(page, "4")
    page.click("#think")
    page.wait_for_selector("#inside figure")
    four = pictures()
    assert len(four) == len(set(four)) == 9  # eight layers, and what decided
    page.click("#clear")
    page.wait_for_selector("#inside figure", state="detached")
    draw(page, "9")
    expect_found(page, "9")
    page.wait_for_selector("#inside figure")
    assert not set(pictures()) & set(four)


def test_keys_alone_suffice(visit: Visit, address: str) -> None:
    page = visit(address)
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.id") != "paper":
        page.keyboard.press("Tab")
    for key in [*["ArrowUp"] * 7, " ", *["ArrowDown"] * 14, " "]:
        page.keyboard.press(key)
    expect_found(page, "1")
    page.keyboard.press("Delete")
    expect_found(page, "")
    page.keyboard.press("Control+z")
    expect_found(page, "1")
