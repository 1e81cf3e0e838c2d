from collections.abc import Callable

import numpy as np
import pytest

from app.lenet.image_types import GreyImage
from training.data.mnist import Mnist
from training.synthesis.fragments import part, remains, several

Random = np.random.Generator


def shapes(make: Callable[[Random], GreyImage], count: int = 200) -> list[float]:
    """Return width over height of the ink of that many pictures."""
    random = np.random.default_rng(0)
    found: list[float] = []
    for _ in range(count):
        rows, columns = np.nonzero(make(random) > 40)
        found.append((np.ptp(columns) + 1) / (np.ptp(rows) + 1))
    return found


@pytest.fixture
def cross() -> GreyImage:
    """A letter x, in a way."""
    picture = np.zeros((28, 28), np.uint8)
    picture[4:24, 4:24] = 255 * np.maximum(np.eye(20), np.eye(20)[::-1])
    return picture


def test_no_part_of_a_digit_is_as_narrow_as_a_one(mnist: Mnist, cross: GreyImage) -> None:
    assert min(shapes(lambda random: part(random, mnist.train, lambda: cross))) > 0.3


def test_several_digits_are_wider_than_one(mnist: Mnist, cross: GreyImage) -> None:
    one = np.median(shapes(lambda random: mnist.train.images[random.integers(60_000)]))
    more = np.median(shapes(lambda random: several(random, mnist.train, lambda: cross)))
    assert more > 1.5 * one


def test_remains_are_thin_and_straight() -> None:
    """Most of the ink's rows or columns hold a run or next to nothing."""
    random = np.random.default_rng(0)
    for _ in range(50):
        picture = remains(random) > 100
        longest = max(picture.sum(0).max(), picture.sum(1).max())
        assert longest >= 0.4 * max(np.ptp(np.nonzero(picture)[0]), np.ptp(np.nonzero(picture)[1]))
