"""Printed lines are found as lines; strokes are not."""

import cv2
import numpy as np

from app.lenet.canonical.canonical_form import find_ink
from app.lenet.canonical.printed_lines import printed_lines
from app.lenet.image_types import GreyImage
from tests.drawn_digits import PEN, paper, strokes, written

PAGE = 1024


def mask(picture: GreyImage) -> GreyImage:
    return np.where(picture < 130, 255, 0).astype(np.uint8)


def sloping(page: GreyImage, y: int, pen: int = PEN) -> GreyImage:
    return strokes(page, [(0, y), (page.shape[1], y + page.shape[1] // 40)], pen=pen, thickness=2)


def test_a_sloping_line_is_found_and_the_strokes_across_it_are_not() -> None:
    writing = written(paper(400, 500))
    lined = sloping(sloping(writing.copy(), 95), 215)
    lines = printed_lines(mask(lined), (400, 400), alone=False)
    only_lines = sloping(sloping(paper(400, 500), 95), 215)
    assert np.mean(lines[mask(only_lines) > 0] > 0) > 0.9
    left = cv2.bitwise_and(mask(lined), cv2.bitwise_not(lines))
    assert np.mean(left[mask(writing) > 0] > 0) > 0.9


def test_a_long_stroke_alone_is_no_line_unless_it_runs_from_border_to_border() -> None:
    bar = strokes(paper(), [(15, 100), (185, 102)], thickness=4)
    line = strokes(paper(), [(0, 100), (200, 102)], thickness=4)
    assert not printed_lines(mask(bar), (160, 160), alone=False).any()
    assert printed_lines(mask(line), (160, 160), alone=False).any()


def test_a_thick_bar_is_no_line() -> None:
    bar = strokes(paper(), [(0, 100), (200, 100)], thickness=20)
    assert not printed_lines(mask(bar), (160, 160), alone=False).any()


def test_writing_on_ruled_paper_has_no_lines_and_no_broken_strokes() -> None:
    ink = find_ink(sloping(sloping(written(paper(400, 500)), 125), 225), PAGE)
    assert ink.removed == ("lines",)
    assert np.count_nonzero(ink.firm > 20) == 6
    assert ink.boxes[ink.firm > 20, 2].max() < 60


def test_a_dash_much_longer_than_the_digits_is_taken_out_and_a_minus_is_not() -> None:
    page = written(paper(400, 500))
    ruled = find_ink(strokes(page.copy(), [(40, 300), (280, 302)], thickness=3), PAGE)
    minus = find_ink(strokes(page.copy(), [(40, 300), (80, 300)], thickness=3), PAGE)
    assert np.count_nonzero(ruled.firm > 20) == 6
    assert np.count_nonzero(minus.firm > 20) == 7


def test_a_line_with_small_breaks_is_one_line() -> None:
    page = written(paper(400, 500))
    broken = strokes(page.copy(), [(40, 300), (280, 300)], thickness=3)
    broken[298:303, 80::50] = 235
    broken[298:303, 81::50] = 235
    ink = find_ink(broken, PAGE)
    assert np.count_nonzero(ink.firm > 20) == 6
