"""Which of paper and ink is the darker."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from app.lenet.canonical.background import ink_is_dark
from tests.drawn_digits import PEN, Picture, crop, paper, seven, vignette, written, zero


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


def test_thin_writing_decides_over_a_bright_patch_of_light() -> None:
    page = written(paper(768, 1024))
    lit = cv2.GaussianBlur(cv2.circle(np.zeros_like(page), (900, 600), 150, 255, -1), (0, 0), 40)
    page = np.asarray(page * (0.5 + 0.5 * (lit / 255)), np.uint8)
    assert ink_is_dark(page)
    assert not ink_is_dark(255 - page)
