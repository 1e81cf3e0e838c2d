import numpy as np
import pytest

from app.lenet.inference.input_tensor import normalise, resize, resize_squares, to_input
from app.lenet.network.input_spec import NOTEBOOK_INPUT, InputSpec


def test_a_batch_may_mix_sizes() -> None:
    assert to_input([np.zeros((3, 4), np.uint8), np.zeros((90, 20), np.uint8)]).shape == (2, 1, 32, 32)


@pytest.mark.parametrize("size", [16, 32, 63])
@pytest.mark.parametrize("side", [1, 5, 20, 27, 28, 32, 33, 100, 500])
def test_squares_are_resized_as_pillow_does_to_the_bit(side: int, size: int) -> None:
    greys = np.random.default_rng(0).integers(0, 256, (9, side, side), dtype=np.uint8)
    greys[0], greys[1] = 0, 255
    assert np.array_equal(resize_squares(greys, size), np.stack([resize(grey, size) for grey in greys]))


def test_normalise_leaves_its_input_alone() -> None:
    pixels = np.full((1, 32, 32), 7, np.uint8)
    normalise(pixels, NOTEBOOK_INPUT)
    assert (pixels == 7).all()


def test_the_spec_decides_size_and_normalisation() -> None:
    batch = to_input([np.full((8, 8), 255, np.uint8)], InputSpec(size=16, mean=0.5, std=0.25))
    assert batch.shape == (1, 1, 16, 16)
    assert (batch == 2).all()
