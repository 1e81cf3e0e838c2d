"""What lies along a border is not written."""

import numpy as np

from app.lenet.canonical.canonical_form import canonicalise, find_ink
from tests.drawn_digits import PEN, likeness, paper, seven, written

PAGE = 1024


def test_the_edge_of_a_dark_desk_is_no_mark() -> None:
    page = written(paper(400, 500))
    page[330:] = PEN
    ink = find_ink(page, PAGE)
    assert np.count_nonzero(ink.firm > 20) == 6


def test_a_digit_that_covers_a_border_is_kept() -> None:
    crop = seven(paper(112, 72), 6, 6)[:, 4:68]
    assert likeness(canonicalise(crop).image, canonicalise(seven(paper(), 70, 50)).image) > 0.8


def test_a_shadow_along_a_border_is_not_part_of_the_digit() -> None:
    light = np.minimum(1, 0.35 + np.linspace(0, 2.6, 200))
    shaded = np.asarray(seven(paper(), 90, 50, thickness=8) * light, np.uint8)
    assert likeness(canonicalise(shaded).image, canonicalise(seven(paper(), 90, 50, thickness=8)).image) > 0.9


def test_a_piece_of_an_edge_is_no_mark_and_a_stroke_that_runs_into_the_border_is() -> None:
    page = written(paper(400, 500))
    page[150:250, :6] = PEN  # along the border
    page[350:, 250:256] = PEN  # into it
    ink = find_ink(page, PAGE)
    assert np.count_nonzero(ink.firm > 20) == 7
