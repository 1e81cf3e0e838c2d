"""A note that lies on a dark desk is read as the note alone is."""

import cv2
import numpy as np
import pytest

from app.lenet.box import Box
from app.lenet.canonical.canonical_form import canonicalise, find_ink
from app.lenet.canonical.ink import start
from app.lenet.canonical.sheet_of_paper import cut_out_paper
from app.lenet.image_types import GreyImage
from tests.drawn_digits import likeness, paper, seven, strokes, written, zero

PAGE = 1024
DESK = 45


def on_desk(note: GreyImage, *, top: int = 0, bottom: int = 0, left: int = 0, right: int = 0) -> GreyImage:
    """Return a note with so many pixels of a dark desk on each side, a little noisy."""
    picture = cv2.copyMakeBorder(note, top, bottom, left, right, cv2.BORDER_CONSTANT, value=DESK)
    noise = np.random.default_rng(0).normal(0, 3, picture.shape)
    return np.asarray(np.clip(cv2.GaussianBlur(picture, (3, 3), 0) + noise, 0, 255), np.uint8)


@pytest.mark.parametrize(
    "desk",
    [
        {"top": 90, "bottom": 90, "left": 90, "right": 90},
        {"top": 300, "bottom": 250, "left": 300, "right": 350},
        {"top": 90, "left": 90, "right": 90},
        {"top": 90, "left": 120},
        {"left": 150},
        {"top": 80, "bottom": 120},
    ],
)
def test_the_desk_around_a_note_is_forgotten(desk: dict[str, int]) -> None:
    note = written(paper(400, 500), thickness=5)
    ink = find_ink(on_desk(note, **desk), PAGE)
    assert ink.inverted
    assert ink.removed == ("surroundings",)
    assert np.count_nonzero(ink.firm > 20) == 6
    assert abs(ink.shown.x - desk.get("left", 0)) <= 20
    assert abs(ink.shown.y - desk.get("top", 0)) <= 20


def test_boxes_are_in_pixels_of_the_whole_picture() -> None:
    note = seven(paper(300, 300), 120, 90)
    alone, on_it = canonicalise(note), canonicalise(on_desk(note, top=100, bottom=40, left=160, right=40))
    assert likeness(on_it.image, alone.image) > 0.9
    assert alone.box is not None
    assert on_it.box is not None
    moved = alone.box.moved(160, 100)
    assert max(abs(on_it.box.x - moved.x), abs(on_it.box.y - moved.y), abs(on_it.box.width - moved.width)) <= 4
    ink = find_ink(on_desk(note, top=100, bottom=40, left=160, right=40), PAGE)
    there = Box(200, 150, 40, 50)
    back = ink.in_picture(ink.on_sheet(there))
    assert max(abs(back.x - there.x), abs(back.y - there.y), abs(back.width - there.width)) <= 3


def test_a_note_that_lies_askew_is_found_too() -> None:
    picture = on_desk(written(paper(400, 500), thickness=5), top=150, bottom=150, left=150, right=150)
    turn = cv2.getRotationMatrix2D((400, 350), 6, 1)
    askew = np.asarray(cv2.warpAffine(picture, turn, (800, 700), borderValue=DESK), np.uint8)
    ink = find_ink(askew, PAGE)
    assert ink.removed == ("surroundings",)
    assert np.count_nonzero(ink.firm > 20) == 6


def shaded(page: GreyImage) -> GreyImage:
    """Return a page that grows darker towards the bottom, where nothing is written."""
    light = np.linspace(1.1, 0.5, len(page))[:, np.newaxis]
    return np.asarray(np.clip(page * light, 0, 255), np.uint8)


def half_in_shadow(page: GreyImage) -> GreyImage:
    """Return a page with a shadow whose edge is sharp, and writing on both sides of it."""
    dark = page.copy()
    dark[len(page) // 2 :] = dark[len(page) // 2 :] * 0.5
    return dark


@pytest.mark.parametrize(
    "picture",
    [
        written(paper(400, 500)),
        shaded(written(paper(400, 500))),
        half_in_shadow(written(written(paper(400, 500))[::-1].copy())),
        np.invert(zero(paper(), 100, 100, thickness=30)),
        np.invert(strokes(paper(), [(100, 40), (100, 160)], thickness=60)),
        np.invert(strokes(paper(), [(60, 40), (140, 40), (140, 160), (60, 160), (60, 40)], thickness=24)),
        np.invert(written(paper(400, 500), thickness=20)),
        on_desk(paper(300, 300), top=60, bottom=60, left=60, right=60),
        paper(1, 300),
        np.zeros((300, 300), np.uint8),
    ],
    ids=["page", "shaded", "shadow", "bold 0", "bold 1", "square 0", "chalk", "empty note", "one row", "black"],
)
def test_nothing_is_cut_off_where_there_is_no_desk(picture: GreyImage) -> None:
    ink = start(picture, PAGE)
    assert cut_out_paper(ink) is ink
