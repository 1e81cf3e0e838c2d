"""Which of ink and background is darker."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from app.lenet.canonical.ink import start
from app.lenet.canonical.polarity import ink_is_dark, make_ink_light
from app.lenet.image_types import GreyImage
from tests.drawn_digits import PEN, crop, paper, seven, vignette, written, zero


def framed(picture: GreyImage) -> GreyImage:
    cv2.rectangle(picture, (0, 0), (picture.shape[1] - 1, picture.shape[0] - 1), PEN, 5)
    return picture


@pytest.mark.parametrize("change", [np.copy, crop, vignette, framed])
@pytest.mark.parametrize("drawn", [zero(paper(), 100, 90), seven(paper(), 70, 50)])
def test_polarity_is_found_either_way_round(change: Callable[[GreyImage], GreyImage], drawn: GreyImage) -> None:
    picture = change(drawn.copy())
    assert ink_is_dark(picture)
    assert not ink_is_dark(255 - picture)


def test_half_in_the_shadow_is_still_dark_ink() -> None:
    picture = zero(paper(), 100, 100)
    picture[:, :100] //= 2
    assert ink_is_dark(picture)
    assert not ink_is_dark(255 - picture)


def test_only_dark_ink_is_inverted() -> None:
    picture = zero(paper(), 100, 90)
    dark, light = make_ink_light(start(picture, 384)), make_ink_light(start(255 - picture, 384))
    assert (dark.inverted, light.inverted) == (True, False)
    assert np.array_equal(dark.sheet, light.sheet)


def test_thin_writing_decides_over_a_bright_patch_of_light() -> None:
    page = written(paper(768, 1024))
    lit = cv2.GaussianBlur(cv2.circle(np.zeros_like(page), (900, 600), 150, 255, -1), (0, 0), 40)
    page = np.asarray(page * (0.5 + 0.5 * (lit / 255)), np.uint8)
    assert ink_is_dark(page)
    assert not ink_is_dark(255 - page)
