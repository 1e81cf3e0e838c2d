"""When the background is subtracted."""

import cv2
import numpy as np

from app.lenet.canonical.background import flatten_background
from app.lenet.canonical.ink import start
from tests.drawn_digits import crop, paper, seven, vignette, written, zero
from tests.mnist_sample import MnistSample


def test_an_even_background_is_left_alone() -> None:
    for picture in (zero(paper(), 100, 100), zero(paper(), 100, 100, thickness=30), crop(seven(paper(), 70, 50))):
        ink = start(255 - picture, 384)
        flat = flatten_background(ink)
        assert not flat.flattened
        assert np.array_equal(flat.sheet, ink.sheet)


def test_an_uneven_background_becomes_dark_everywhere_and_ink_does_not() -> None:
    drawn = zero(paper(), 100, 100)
    flat = flatten_background(start(255 - vignette(drawn), 384))
    middle = np.s_[30:170, 30:170]
    assert flat.flattened
    assert np.percentile(flat.sheet[middle][drawn[middle] > 200], 90) < 30
    assert np.percentile(flat.sheet[drawn < 50], 5) > 90


def test_on_a_page_a_hand_s_shadow_is_paper_and_thin_writing_is_ink() -> None:
    page = written(paper(768, 1024), thickness=5)
    hand = cv2.ellipse(np.zeros_like(page), (150, 600), (700, 400), 30, 0, 360, 255, -1)
    shadow = 1 - 0.6 * cv2.GaussianBlur(hand, (0, 0), 8) / 255
    flat = flatten_background(start(255 - np.asarray(page * shadow, np.uint8), 1024))
    assert flat.flattened
    assert np.percentile(flat.sheet[page > 200], 99) < 0.3 * np.median(flat.sheet[page < 60])
    assert np.percentile(flat.sheet[page < 60], 5) > 100


def test_a_bold_digit_is_not_hollowed(sample: MnistSample) -> None:
    """Enlarged, its strokes fill the neighbourhood against which their width is measured."""
    for digit in sample.images:
        enlarged = cv2.resize(digit, (280, 280), interpolation=cv2.INTER_LINEAR)
        flat = flatten_background(start(enlarged, 384)).sheet
        assert flat[enlarged > 200].mean() > 200


def test_the_background_of_a_strip_with_one_line_of_writing_is_flattened_too() -> None:
    strip = written(paper(120, 700), thickness=5)
    light = np.linspace(1, 0.6, strip.shape[1])
    flat = flatten_background(start(255 - np.asarray(strip * light, np.uint8), 1024))
    assert flat.flattened
    assert np.percentile(flat.sheet[strip > 200], 99) < 0.3 * np.median(flat.sheet[strip < 60])
