"""The width of strokes as told from grey levels."""

import numpy as np
import pytest

from app.lenet.canonical.stroke_scale import stroke_scale
from tests.drawn_digits import paper, written


@pytest.mark.parametrize("thickness", [4, 8, 16])
def test_it_is_at_least_a_stroke_and_at_most_three(thickness: int) -> None:
    page = written(paper(512, 512), thickness=thickness)
    assert thickness <= stroke_scale(255 - page) <= 3 * thickness


def test_a_shadow_does_not_count_as_a_stroke() -> None:
    page = written(paper(512, 512), thickness=4)
    page[:, 330:] //= 2
    assert stroke_scale(255 - page) <= 16


def test_empty_paper_has_none() -> None:
    assert stroke_scale(np.zeros((40, 60), np.uint8)) == 0
