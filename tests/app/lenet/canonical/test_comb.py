"""Ticks of combs are found on their line; digits that stand on it are not."""

import cv2
import numpy as np

from app.lenet.canonical.canonical_form import find_ink
from app.lenet.canonical.comb import comb_ticks
from app.lenet.image_types import GreyImage
from tests.drawn_digits import paper, seven, zero

PAGE = 1024


def comb(page: GreyImage, ticks: int = 5, step: int = 100) -> GreyImage:
    """A line at 180 with ticks 40 tall on it, from 30 on."""
    cv2.line(page, (30, 180), (30 + (ticks - 1) * step, 180), 60, 2)
    for number in range(ticks):
        cv2.line(page, (30 + number * step, 140), (30 + number * step, 180), 60, 2)
    return page


def test_ticks_go_with_their_line_and_digits_between_them_stay() -> None:
    page = comb(paper(240, 480))
    for number, draw in enumerate((zero, seven, zero, seven)):
        draw(page, (80 if draw is zero else 50) + 100 * number, 110 if draw is zero else 60, thickness=7)
    ink = find_ink(page, PAGE)
    digits = ink.boxes[ink.firm > 20]
    assert len(digits) == 4
    assert digits[:, 3].min() > 90


def test_two_ticks_are_no_comb_nor_are_uneven_ones() -> None:
    for places in ((30, 130), (30, 130, 175, 300)):
        mask = np.zeros((200, 400), np.uint8)
        lines = np.zeros_like(mask)
        lines[180:183] = mask[180:183] = 255
        for number, x in enumerate(places):
            mask[140 - 18 * number : 180, x : x + 3] = 255
        assert not comb_ticks(mask, lines, 60).any()


def test_strokes_that_cross_a_tick_are_spared() -> None:
    mask = np.zeros((200, 500), np.uint8)
    lines = np.zeros_like(mask)
    lines[180:183] = mask[180:183] = 255
    for x in range(30, 431, 100):
        mask[140:180, x : x + 3] = 255
    mask[150:158, 110:160] = 255
    found = comb_ticks(mask, lines, 60)
    assert found[165, 131]
    assert not found[154, 131]
