"""Frames around a whole number: their sides go, and digits that look like them stay."""

import cv2
import numpy as np
import pytest

from app.lenet.canonical.canonical_form import find_ink
from app.lenet.image_types import GreyImage
from tests.drawn_digits import one, paper, seven, strokes, zero

PAGE = 1024


def number() -> GreyImage:
    """0, 7, 0 and 1, 100 tall."""
    return one(zero(seven(zero(paper(240, 640), 90, 120), 160, 70), 300, 120), 400, 70)


def digits(page: GreyImage) -> int:
    """Components as tall as digits or taller."""
    ink = find_ink(page, PAGE)
    return int(np.count_nonzero(ink.boxes[ink.firm > 0, 3] >= 90))


@pytest.mark.parametrize("side", ["both", "left", "right"])
@pytest.mark.parametrize("thickness", [2, 4])
def test_sides_of_a_frame_go(side: str, thickness: int) -> None:
    page = number()
    cv2.rectangle(page, (40, 50), (470, 190), 60, thickness)
    if side != "both":
        at = slice(440, 640) if side == "left" else slice(0, 60)
        page[:, at] = paper(240, 640)[:, at]
    page[185:195, 200:330] = 235  # print drops out
    assert digits(page) == 4
    assert "lines" in find_ink(page, PAGE).removed


def test_a_one_between_two_rules_stays() -> None:
    page = number()
    page[55:57] = page[183:185] = 60
    assert digits(strokes(page, [(520, 56), (520, 184)], thickness=4)) == 5


def test_digits_with_corners_like_a_frames_stay() -> None:
    page = paper(240, 640)
    for x in (60, 180, 300, 420):
        strokes(page, [(x, 70), (x + 60, 70), (x + 60, 170), (x, 170), (x, 70)], thickness=4)
    assert digits(page) == 4
