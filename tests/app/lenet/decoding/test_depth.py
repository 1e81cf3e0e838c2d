"""Pictures of more than 8 bits."""

import numpy as np
import pytest
from PIL import Image

from app.lenet.decoding.greyscale import to_grey
from app.lenet.decoding.reduction import reduced
from app.lenet.image_types import GreyImage


def in_eight_bits(image: Image.Image) -> GreyImage:
    return to_grey(reduced(image, 1))


def test_sixteen_bits_by_257() -> None:
    values = np.array([[0, 257, 128 * 257, 65535]], np.uint16)
    assert in_eight_bits(Image.fromarray(values)).tolist() == [[0, 1, 128, 255]]


def test_sixteen_bits_with_a_transparent_grey_are_not_clipped() -> None:
    image = Image.fromarray(np.array([[9, 0, 257, 128 * 257, 65535, 65535]], np.uint16))
    image.info["transparency"] = 9
    grey = in_eight_bits(image)
    assert grey.tolist() == [[128, 0, 1, 128, 255, 255]]  # the transparent one shows the paper, here of middle grey


def test_integers_by_their_range() -> None:
    values = np.array([[-1000, 0, 1000]], np.int32)
    assert in_eight_bits(Image.fromarray(values)).tolist() == [[0, 128, 255]]


def test_floats_by_their_finite_range() -> None:
    values = np.array([[0.25, 0.5, 0.75, np.nan, np.inf, -np.inf]], np.float32)
    assert in_eight_bits(Image.fromarray(values)).tolist() == [[0, 128, 255, 0, 255, 0]]


@pytest.mark.parametrize("value", [7.0, np.nan, np.finfo(np.float32).max])
def test_floats_without_a_range_are_black(value: float) -> None:
    assert not in_eight_bits(Image.fromarray(np.full((2, 2), value, np.float32))).any()


def test_floats_of_the_widest_range_do_not_overflow() -> None:
    widest = np.finfo(np.float32).max
    assert in_eight_bits(Image.fromarray(np.array([[-widest, 0, widest]], np.float32))).tolist() == [[0, 128, 255]]


def test_the_range_of_a_large_picture_is_that_of_the_whole() -> None:
    values = np.zeros((1500, 1500), np.float32)  # several strips
    values[0, 0], values[-1, -1] = -100, 100
    grey = in_eight_bits(Image.fromarray(values))
    assert (grey[0, 0], grey[700, 700], grey[-1, -1]) == (0, 128, 255)
