"""Which of paper and ink is the darker, and when paper is flattened."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from app.lenet.canonical.background import flatten, ink_is_dark
from tests.drawn_digits import PEN, Picture, paper, seven, zero


def crop(picture: Picture) -> Picture:
    """Cut to the ink, so that it touches all four borders."""
    x, y, width, height = cv2.boundingRect((picture < 130).astype(np.uint8))
    return np.ascontiguousarray(picture[y : y + height, x : x + width])


def vignette(picture: Picture) -> Picture:
    height, width = picture.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.asarray(picture * (1 - 0.45 * (x**2 + y**2)), np.uint8)


def framed(picture: Picture) -> Picture:
    cv2.rectangle(picture, (0, 0), (picture.shape[1] - 1, picture.shape[0] - 1), PEN, 5)
    return picture


@pytest.mark.parametrize("change", [np.copy, crop, vignette, framed])
@pytest.mark.parametrize("drawn", [zero(paper(), 100, 90), seven(paper(), 70, 50)])
def test_ink_is_told_from_paper_either_way_round(change: Callable[[Picture], Picture], drawn: Picture) -> None:
    picture = change(drawn.copy())
    assert ink_is_dark(picture)
    assert not ink_is_dark(255 - picture)


def test_half_in_the_shadow_is_still_dark_ink() -> None:
    picture = zero(paper(), 100, 100)
    picture[:, :100] //= 2
    assert ink_is_dark(picture)
    assert not ink_is_dark(255 - picture)


def test_even_paper_is_left_alone() -> None:
    for picture in (zero(paper(), 100, 100), zero(paper(), 100, 100, thickness=30), crop(seven(paper(), 70, 50))):
        ink = 255 - picture
        flat, flattened = flatten(ink)
        assert not flattened
        assert np.array_equal(flat, ink)


def test_flattened_paper_is_dark_everywhere_and_ink_is_not() -> None:
    drawn = zero(paper(), 100, 100)
    flat, flattened = flatten(255 - vignette(drawn))
    middle = np.s_[30:170, 30:170]
    assert flattened
    assert np.percentile(flat[middle][drawn[middle] > 200], 90) < 30
    assert np.percentile(flat[drawn < 50], 5) > 90
