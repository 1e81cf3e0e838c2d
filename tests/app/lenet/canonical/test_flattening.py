"""When paper is flattened, and what is left of it and of the ink."""

import cv2
import numpy as np

from app.lenet.canonical.flattening import flatten
from tests.drawn_digits import crop, paper, seven, vignette, written, zero


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


def test_on_a_page_a_hand_s_shadow_is_paper_and_thin_writing_is_ink() -> None:
    page = written(paper(768, 1024), thickness=5)
    hand = cv2.ellipse(np.zeros_like(page), (150, 600), (700, 400), 30, 0, 360, 255, -1)
    shadow = 1 - 0.6 * cv2.GaussianBlur(hand, (0, 0), 8) / 255
    flat, flattened = flatten(255 - np.asarray(page * shadow, np.uint8))
    assert flattened
    assert np.percentile(flat[page > 200], 99) < 0.3 * np.median(flat[page < 60])
    assert np.percentile(flat[page < 60], 5) > 100
