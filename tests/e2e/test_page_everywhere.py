"""The page in languages, sizes and colours, behind keys and proxies, and while its service is away."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from app.api_keys import key_line, new_key
from app.lenet.network import artifact
from tests.e2e.browser import PHONE, Visit, draw
from tests.e2e.test_page import EXAMPLES, expect_found
from tests.serving import serving

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def verdict_says(page: Page, text: str) -> None:
    page.wait_for_function("(text) => document.getElementById('verdict').textContent.includes(text)", arg=text)


@pytest.mark.parametrize(("locale", "title"), [("en-GB", "Draw a digit"), ("es-AR", "Dibuja un dígito"), ("fr", None)])
def test_the_language_is_the_browsers_until_it_is_changed(
    visit: Visit, address: str, locale: str, title: str | None
) -> None:
    page = visit(address, locale=locale)
    titles = {"en": "Draw a digit", "es": "Dibuja un dígito"}
    before = page.inner_text("h1")
    assert before == (title or titles["en"])
    page.click("#language")
    after = page.inner_text("h1")
    assert {before, after} == set(titles.values())
    assert titles[page.evaluate("document.documentElement.lang")] == after
    page.reload()
    assert page.inner_text("h1") == after


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("options", [{}, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    visit: Visit, address: str, options: dict[str, Any], scheme: str
) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed; make check does that where npm is")
    page = visit(address, color_scheme=scheme, locale="es", **options)

    def check(view: str) -> None:
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        assert [(view, one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), view

    check("empty")
    draw(page, "5")
    expect_found(page, "5")
    page.click("#think")
    page.wait_for_selector("#inside figure")
    check("inside")
    page.set_input_files("#file", EXAMPLES / "2026.jpg")
    expect_found(page, "2026")
    check("number")
    page.click("a[href='#model']")
    page.wait_for_selector("#model table")
    check("model")


def test_the_card_and_both_shipped_weights_are_shown(visit: Visit, address: str) -> None:
    page = visit(f"{address}#model")
    page.wait_for_selector("#model table")
    rows = [row.split("\t") for row in page.locator("#model tr").all_inner_texts()]
    assert rows[0][1:] == ["robust (served)", "notebook"]
    assert rows[1] == ["accuracy", "99.49%", "98.56%"]
    assert rows[4][1:] == ["87% (0.5%)", "–"]  # noqa: RUF001 - the page's sign for none
    assert rows[-1] == ["F1: 9", "0.9920", "0.9786"]
    assert page.locator("#model svg").count() == 4
    # A dot for each bin of both cards; the largest, of the most answers, is where confidence and accuracy are near 1.
    dots = page.locator("#model circle")
    cards = [artifact.load_card(artifact.SHIPPED / f"{name}.safetensors") for name in ("robust", "notebook")]
    assert dots.count() == sum(len(card.scores.reliability) for card in cards)
    places = dots.evaluate_all("(dots) => dots.map((dot) => [dot.r, dot.cx, dot.cy].map((one) => one.baseVal.value))")
    _, x, y = max(places)
    assert x == max(x for _, x, _ in places)
    assert y == pytest.approx(min(y for *_, y in places), abs=4)


@pytest.mark.parametrize("locale", ["en", "es"])
def test_the_words_beside_the_bars_stay_on_their_line(visit: Visit, address: str, locale: str) -> None:
    page = visit(address, locale=locale, **PHONE)
    draw(page, "3")
    expect_found(page, "3")
    heights = page.locator("#bars output").evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().height)")
    assert max(heights) == min(heights)
    choices = page.locator("#mode label").evaluate_all("(all) => all.map((one) => one.getBoundingClientRect().top)")
    assert max(choices) == min(choices)


@pytest.fixture
def port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    return str(number)


def test_a_service_that_goes_and_comes_back_is_asked_again(visit: Visit, port: str) -> None:
    with serving(LENET_WORKERS="1", LENET_PORT=port) as (_, address):
        page = visit(f"{address}/")
        draw(page, "6")
        expect_found(page, "6")
    page.click("#clear")
    draw(page, "3")
    verdict_says(page, "does not answer")
    with serving(LENET_WORKERS="1", LENET_PORT=port):
        expect_found(page, "3")


def test_a_service_with_keys_is_given_one(visit: Visit, tmp_path: Path) -> None:
    key = new_key()
    file = tmp_path / "keys"
    file.write_text(key_line("page", key))
    with serving(LENET_WORKERS="1", LENET_API_KEYS_FILE=str(file)) as (_, address):
        page = visit(f"{address}/")
        assert not page.is_visible("#key")
        draw(page, "2")
        page.wait_for_selector("#key-value")
        page.fill("#key-value", key)
        page.keyboard.press("Enter")
        expect_found(page, "2")
        page.click("a[href='#model']")
        page.wait_for_selector("#model table")


def test_a_proxy_may_publish_it_under_a_path(visit: Visit) -> None:
    def cut_off(route: Route) -> None:
        route.fulfill(response=route.fetch(url=route.request.url.replace("/digits/", "/")))

    with serving(LENET_WORKERS="1", LENET_ROOT_PATH="/digits") as (_, address):
        page = visit(f"{address}/health/live")
        page.route("**/digits/**", cut_off)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(f"{address}/digits/")
        draw(page, "7")
        expect_found(page, "7")
        page.unroute_all(behavior="wait")  # a request may be under way
        assert all(url.startswith((f"{address}/digits/", "data:")) for url in asked)


def test_the_docs_page_is_linked_and_tries_an_upload(visit: Visit, address: str) -> None:
    page = visit(address)
    page.click("nav a[href=docs]")
    page.click("#operations-digits-predict .opblock-summary-control")
    page.click("#operations-digits-predict .try-out__btn")
    page.set_input_files("#operations-digits-predict input[type=file]", EXAMPLES / "seven.png")
    page.click("#operations-digits-predict .execute")
    body = page.wait_for_selector("#operations-digits-predict .live-responses-table .highlight-code")
    assert body
    assert '"digit": 7' in body.inner_text()
    assert page.locator(".info a", has_text="draw a digit").evaluate("(link) => link.href") == address
