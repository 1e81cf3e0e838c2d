"""Boxes of forms: where they are, and what is left of the digits when they are gone."""

import cv2
import numpy as np
import pytest

from app.lenet.canonical.canonical_form import find_ink
from app.lenet.image_types import GreyImage
from tests.drawn_digits import paper, seven, strokes, written, zero

PAGE = 1024


def boxed(apart: int, pen: int = 60) -> GreyImage:
    """0, 7, 0 and 7, 100 tall, in boxes of 100 by 130 that are `apart` pixels from one another; the last touches."""
    form = paper(200, 560)
    for number in range(4):
        x = 30 + number * (100 + apart)
        cv2.rectangle(form, (x, 30), (x + 100, 160), pen, 2)
    zero(form, 80, 95, thickness=7)
    seven(form, 150 + apart, 45, thickness=7)
    zero(form, 280 + 2 * apart, 95, thickness=7)
    return strokes(form, [(350 + 3 * apart, 45), (410 + 3 * apart, 45), (380 + 3 * apart, 160)], thickness=7)


@pytest.mark.parametrize("apart", [0, 20])
@pytest.mark.parametrize("pen", [60, 150])
def test_each_digit_is_in_a_cell_and_without_its_walls(apart: int, pen: int) -> None:
    ink = find_ink(boxed(apart, pen), PAGE)
    digits = ink.boxes[ink.firm > 100]
    assert len(ink.cells) == len(digits) == 4
    assert digits[:, 2].max() <= 75
    for x, y, width, height in digits:
        middle = x + width / 2, y + height / 2
        off = abs(ink.cells[:, :2] + ink.cells[:, 2:] / 2 - middle)
        assert np.count_nonzero((off < ink.cells[:, 2:] / 2).all(axis=1)) == 1


def test_thick_walls_go_too_and_so_do_those_of_a_cell_that_a_digit_hides() -> None:
    form = paper(200, 700)
    for number in range(5):
        cv2.rectangle(form, (30 + number * 110, 30), (140 + number * 110, 160), 60, 9)
    for number in range(4):
        zero(form, 85 + 110 * number, 95, thickness=7)
    strokes(form, [(480, 95), (700, 95)], thickness=12)  # across the walls of the last cell
    digits = find_ink(form, PAGE)
    upright = digits.boxes[(digits.firm > 100) & (digits.boxes[:, 3] > 90)]
    assert len(upright) == 4
    assert upright[:, 2].max() <= 75


def test_cells_of_a_row_may_differ_in_width() -> None:
    form = paper(200, 700)
    x = 30
    for width in (100, 130, 85, 120):
        cv2.rectangle(form, (x, 30), (x + width, 160), 60, 2)
        zero(form, x + width // 2, 95, thickness=7)
        x += width
    assert len(find_ink(form, PAGE).cells) == 4


def test_digits_of_two_cells_that_touch_at_the_wall_are_apart() -> None:
    form = paper(340, 590)
    for row in (30, 160):
        for column in (30, 160, 290, 420):
            cv2.rectangle(form, (column, row), (column + 130, row + 130), 60, 2)
            zero(form, column + 65, row + 65, thickness=7)
    strokes(form, [(485, 125), (485, 195)], thickness=9)  # from one zero to that below it
    digits = find_ink(form, PAGE)
    assert np.count_nonzero(digits.firm > 1000) == 8


def test_a_digit_across_cells_stays_whole_where_no_other_fits_them() -> None:
    form = paper(340, 590)
    for row in (30, 160):
        for column in (30, 160, 290, 420):
            cv2.rectangle(form, (column, row), (column + 130, row + 130), 60, 2)
    strokes(form, [(200, 60), (320, 60), (240, 260)], thickness=9)
    assert find_ink(form, PAGE).boxes[:, 3].max() >= 195


def test_loops_of_digits_are_no_cells() -> None:
    page = paper(200, 560)
    for x in (80, 200, 320, 440):
        zero(page, x, 100, thickness=7)
    assert not len(find_ink(page, PAGE).cells)


def test_squared_paper_has_no_cells_for_digits_larger_than_its_squares() -> None:
    page = written(paper(400, 500), thickness=5)
    for at in range(10, 500, 22):
        page[at : at + 1] = np.minimum(page[at : at + 1], 120)
        page[:, at : at + 1] = np.minimum(page[:, at : at + 1], 120)
    ink = find_ink(page, PAGE)
    assert not len(ink.cells)
    assert np.count_nonzero(ink.firm > 100) == 6
