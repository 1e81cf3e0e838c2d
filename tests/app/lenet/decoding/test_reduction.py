"""Large pictures are reduced in their own mode, and look as the whole would."""

import cv2
import numpy as np
import pytest
from PIL import Image

from app.lenet.decoding.greyscale import to_grey
from app.lenet.decoding.reduction import DIGIT, PAGE, STRIP_PIXELS, reduced
from tests.image_files import gradient

LARGE = gradient(1503, 1204)  # several strips; 7 divides neither side
assert LARGE.size > 3 * STRIP_PIXELS


def as_mode(mode: str) -> Image.Image:
    """Return the large gradient in a mode."""
    if mode == "I;16":
        return Image.fromarray(LARGE.astype(np.uint16) * 257)
    if mode == "I":
        return Image.fromarray(LARGE.astype(np.int32) * 1000 - 5)
    if mode == "F":
        return Image.fromarray(LARGE.astype(np.float32) / 3)
    if mode == "LAB":
        return Image.merge("LAB", [Image.fromarray(LARGE)] * 3)
    return Image.fromarray(LARGE).convert("RGB").convert(mode)


@pytest.mark.parametrize("mode", ["L", "P", "RGB", "CMYK", "YCbCr", "LAB", "RGBA", "LA", "I;16", "I", "F"])
def test_every_mode_is_reduced_to_the_means_of_squares(mode: str) -> None:
    image = as_mode(mode)
    grey = to_grey(reduced(image, 7))
    whole = to_grey(reduced(image, 1))
    assert grey.shape == (215, 172)
    means = cv2.resize(whole[:1498], (172, 214), interpolation=cv2.INTER_AREA)
    assert np.abs(grey[:-1].astype(int) - means).max() <= 2


def test_bits_become_greys() -> None:
    chequered = np.indices((1500, 1200)).sum(axis=0) % 2 == 0
    assert set(np.unique(to_grey(reduced(Image.fromarray(chequered), 2)))) <= {127, 128}


def test_the_colour_of_transparent_pixels_does_not_shine_through() -> None:
    pixels = np.zeros((1200, 1200, 4), np.uint8)
    pixels[..., 1] = 255  # green, and transparent
    pixels[:, 601:] = (0, 0, 0, 255)  # black ink, whose edge shares squares with green
    small = np.asarray(reduced(Image.fromarray(pixels), 4))
    assert small[:, 149:151, :3].max() == 0


def test_a_small_picture_is_left_alone() -> None:
    image = as_mode("P")
    assert reduced(image, 1) is image


@pytest.mark.parametrize(
    ("size", "factor", "draft"),
    [
        ((28, 28), 1, (28, 28)),
        ((1999, 1500), 1, (666, 500)),
        ((7000, 7000), 7, (500, 500)),
        ((4000, 3000), 4, (666, 500)),
        ((50_000, 1000), 50, (1000, 20)),
    ],
)
def test_a_digit_keeps_a_thousand_pixels(size: tuple[int, int], factor: int, draft: tuple[int, int]) -> None:
    assert DIGIT.factor(size) == factor
    assert DIGIT.draft_size(size) == draft


def test_a_page_keeps_more_than_the_reader_works_at() -> None:
    assert all(1024 <= side // PAGE.factor((side, side)) < 3000 for side in range(1024, 8000))
