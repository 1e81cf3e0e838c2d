"""When the background is subtracted."""

import numpy as np

from app.lenet.canonical.background import flatten_background
from app.lenet.canonical.ink import start
from tests.drawn_digits import crop, paper, seven, vignette, zero


def test_an_even_background_is_left_alone() -> None:
    for picture in (zero(paper(), 100, 100), zero(paper(), 100, 100, thickness=30), crop(seven(paper(), 70, 50))):
        ink = start(255 - picture, 384)
        assert flatten_background(ink) is ink


def test_an_uneven_background_becomes_dark_everywhere_and_ink_does_not() -> None:
    drawn = zero(paper(), 100, 100)
    flat = flatten_background(start(255 - vignette(drawn), 384))
    middle = np.s_[30:170, 30:170]
    assert flat.flattened
    assert np.percentile(flat.sheet[middle][drawn[middle] > 200], 90) < 30
    assert np.percentile(flat.sheet[drawn < 50], 5) > 90
