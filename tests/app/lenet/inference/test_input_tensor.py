import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import transforms

from app.lenet.inference.input_tensor import NOTEBOOK_INPUT, InputSpec, normalise, resize, resize_squares, to_input
from training.data.mnist import Mnist

NOTEBOOK = transforms.Compose(
    [transforms.Resize((32, 32)), transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
)


def test_mnist_digits_are_bit_equal_with_torchvisions_transforms(mnist: Mnist) -> None:
    digits = mnist.test.images[:500]
    theirs = torch.stack([NOTEBOOK(Image.fromarray(digit)) for digit in digits])
    assert np.array_equal(to_input(list(digits)), theirs.numpy())
    assert torch.equal(mnist.test.inputs(NOTEBOOK_INPUT)[:500], theirs)


@pytest.mark.parametrize("shape", [(1, 1), (32, 32), (5, 200), (641, 480)])
def test_pictures_of_any_size_are_bit_equal_with_torchvisions_transforms(shape: tuple[int, int]) -> None:
    grey = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    assert np.array_equal(to_input([grey]), NOTEBOOK(Image.fromarray(grey)).unsqueeze(0).numpy())


def test_a_batch_may_mix_sizes() -> None:
    assert to_input([np.zeros((3, 4), np.uint8), np.zeros((90, 20), np.uint8)]).shape == (2, 1, 32, 32)


@pytest.mark.parametrize("size", [16, 32, 63])
@pytest.mark.parametrize("side", [1, 5, 20, 27, 28, 32, 33, 100, 500])
def test_squares_are_resized_as_pillow_does_to_the_bit(side: int, size: int) -> None:
    greys = np.random.default_rng(0).integers(0, 256, (9, side, side), dtype=np.uint8)
    greys[0], greys[1] = 0, 255
    assert np.array_equal(resize_squares(greys, size), np.stack([resize(grey, size) for grey in greys]))


def test_all_test_digits_are_resized_as_pillow_does_to_the_bit(mnist: Mnist) -> None:
    digits = mnist.test.images
    assert np.array_equal(resize_squares(digits, 32), np.stack([resize(digit, 32) for digit in digits]))


def test_normalise_leaves_its_input_alone() -> None:
    pixels = np.full((1, 32, 32), 7, np.uint8)
    normalise(pixels, NOTEBOOK_INPUT)
    assert (pixels == 7).all()


def test_the_spec_decides_size_and_normalisation() -> None:
    batch = to_input([np.full((8, 8), 255, np.uint8)], InputSpec(size=16, mean=0.5, std=0.25))
    assert batch.shape == (1, 1, 16, 16)
    assert (batch == 2).all()
