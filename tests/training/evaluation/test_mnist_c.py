import numpy as np
import pytest

from training.data.mnist import Mnist
from training.evaluation.mnist_c import CORRUPTIONS, SIMILAR_IN_TRAINING, corrupted


def test_there_are_fifteen_corruptions() -> None:
    assert len(CORRUPTIONS) == 15
    assert CORRUPTIONS.keys() > SIMILAR_IN_TRAINING


@pytest.mark.parametrize("kind", CORRUPTIONS)
def test_each_corruption_changes_the_digits_and_is_deterministic(kind: str, mnist: Mnist) -> None:
    digits = mnist.test.images[:20]
    once, again = corrupted(kind, digits), corrupted(kind, digits)
    assert once.shape == digits.shape
    assert once.dtype == np.uint8
    assert np.array_equal(once, again)
    assert (once != digits).any(axis=(1, 2)).all()
    assert once.max(axis=(1, 2)).min() > 50  # the digit has not vanished


def test_impulse_noise_hits_17_percent_of_the_pixels() -> None:
    grey = np.full((50, 28, 28), 100, np.uint8)
    hit = corrupted("impulse_noise", grey)
    assert (hit == 0).mean() == pytest.approx(0.085, abs=0.01)
    assert (hit == 255).mean() == pytest.approx(0.085, abs=0.01)


def test_stripes_invert_the_outer_quarters(mnist: Mnist) -> None:
    digits = mnist.test.images[:5]
    striped = corrupted("stripe", digits)
    assert np.array_equal(striped[:, :, 7:21], digits[:, :, 7:21])
    assert np.array_equal(striped[:, :, :7], 255 - digits[:, :, :7])
    assert np.array_equal(striped[:, :, 21:], 255 - digits[:, :, 21:])


def test_brightness_raises_the_background_by_half() -> None:
    [bright] = corrupted("brightness", np.array([[[0, 100, 255]]], np.uint8).repeat(28, 1).repeat(28, 2)[:, :28, :28])
    assert bright.min() == 128
    assert bright.max() <= 255


@pytest.mark.parametrize(("kind", "area"), [("scale", 0.49), ("rotate", 1.0), ("shear", 1.0)])
def test_linear_maps_keep_the_centre_and_scale_the_area(kind: str, area: float) -> None:
    square = np.zeros((10, 28, 28), np.uint8)
    square[:, 9:19, 9:19] = 255
    mapped = corrupted(kind, square).astype(float)
    assert mapped.sum() / square.sum() == pytest.approx(area, abs=0.05)
    y, x = np.indices((28, 28))
    for picture in mapped:
        assert (picture * x).sum() / picture.sum() == pytest.approx(13.5, abs=0.2)
        assert (picture * y).sum() / picture.sum() == pytest.approx(13.5, abs=0.2)


def test_translation_shifts_by_three_pixels() -> None:
    dot = np.zeros((10, 28, 28), np.uint8)
    dot[:, 14, 14] = 255
    places = {tuple(np.argwhere(picture == 255)[0] - 14) for picture in corrupted("translate", dot)}
    assert places <= {(y, x) for y in (-3, 3) for x in (-3, 3)}
    assert len(places) > 1


def test_an_unknown_corruption_raises() -> None:
    with pytest.raises(KeyError):
        corrupted("hail", np.zeros((1, 28, 28), np.uint8))
