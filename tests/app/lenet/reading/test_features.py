"""What tells digits from other ink: pens, leaning strokes and strange neighbours."""

import numpy as np
import pytest

from app.lenet.canonical.mnist_frame import lean_of
from app.lenet.image_types import GreyImage
from app.lenet.reading.features import Page, strangeness
from app.lenet.reading.lines import Line
from app.lenet.reading.marks import Mark
from app.lenet.reading.pen import Pen
from tests.drawn_digits import strokes

FAMILIAR, STRANGE = np.array([20.0] + [0.0] * 9), np.zeros(10)


def stroke(lean: int, thickness: int = 8) -> GreyImage:
    return strokes(np.zeros((120, 120), np.uint8), [(60 + lean, 10), (60 - lean, 110)], pen=255, thickness=thickness)


def line_of(*gaps: int) -> Line:
    """Marks 40 wide and 60 tall, with gaps between them."""
    marks, x = [], 0
    for number, gap in enumerate((*gaps, 0), start=1):
        marks.append(Mark(number, x, 0, x + 40, 60, 500))
        x += 40 + gap
    line = Line(marks)
    line.measure()
    return line


def test_a_pen_is_as_wide_as_its_strokes() -> None:
    for thickness in (4, 8, 16):
        assert Pen.of(stroke(0, thickness)).width == pytest.approx(thickness, abs=2)


def test_a_pen_of_pieces_is_that_of_the_whole() -> None:
    thin, bold = Pen.of(stroke(0, 4)), Pen.of(stroke(0, 16) // 4 * 3)
    both = Pen.of_all([thin, bold])
    assert both.area == thin.area + bold.area
    assert min(thin.darkness, bold.darkness) <= both.darkness <= max(thin.darkness, bold.darkness)


def test_a_slash_leans_and_an_upright_stroke_does_not() -> None:
    assert lean_of(stroke(0)) == pytest.approx(0, abs=0.02)
    assert lean_of(stroke(25)) == pytest.approx(-0.5, abs=0.05)


def test_a_mark_close_to_a_letter_has_a_strange_neighbour() -> None:
    page = Page(100, 400, 60.0, Pen(), 0.0, least_energy=4.0)
    named = {1: FAMILIAR, 2: FAMILIAR, 3: STRANGE, 4: FAMILIAR}
    strange = strangeness(line_of(10, 10, 100), named, page)
    assert strange[1] == (0, 0)
    assert strange[2][1] > 0.3
    assert strange[3] == (0, 0)
    assert strange[4] == (0, 0)
