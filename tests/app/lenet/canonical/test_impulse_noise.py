import numpy as np
import pytest
from numpy.typing import NDArray

from app.lenet.canonical.canonical_form import canonicalise
from app.lenet.canonical.impulse_noise import remove_impulse_noise
from app.lenet.canonical.ink import start
from tests.drawn_digits import likeness, paper, seven
from tests.mnist_sample import MnistSample


def peppered(picture: NDArray[np.uint8], share: float) -> NDArray[np.uint8]:
    random = np.random.default_rng(0).random(picture.shape)
    return np.where(random < share / 2, 0, np.where(random > 1 - share / 2, 255, picture)).astype(np.uint8)


@pytest.mark.parametrize("share", [0.05, 0.17])
def test_a_digit_is_found_among_impulses(share: float) -> None:
    clean = canonicalise(seven(paper(), 60, 50))
    noisy = canonicalise(peppered(seven(paper(), 60, 50), share))
    assert "noise" in noisy.removed
    assert "noise" not in clean.removed
    assert likeness(noisy.image, clean.image) > 0.95
    assert noisy.inverted


def test_clean_digits_are_not_filtered(sample: MnistSample) -> None:
    for digit in sample.images:
        ink = start(digit, 384)
        assert remove_impulse_noise(ink) is ink


def test_lines_one_pixel_wide_are_not_impulses() -> None:
    picture = np.zeros((28, 28), np.uint8)
    picture[4:24, 14] = 255
    picture[np.arange(4, 24), np.arange(4, 24)] = 255
    assert remove_impulse_noise(start(picture, 384)).removed == ()
