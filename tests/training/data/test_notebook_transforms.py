"""The input tensor is what the notebook's torchvision transforms give, bit for bit."""

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import transforms

from app.lenet.inference.input_tensor import to_input
from app.lenet.network.input_spec import NOTEBOOK_INPUT
from training.data.mnist import Mnist

NOTEBOOK = transforms.Compose(
    [transforms.Resize((32, 32)), transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
)


def test_of_mnist_digits(mnist: Mnist) -> None:
    digits = mnist.test.images[:500]
    theirs = torch.stack([NOTEBOOK(Image.fromarray(digit)) for digit in digits])
    assert np.array_equal(to_input(list(digits)), theirs.numpy())
    assert torch.equal(mnist.test.inputs(NOTEBOOK_INPUT)[:500], theirs)


@pytest.mark.parametrize("shape", [(1, 1), (32, 32), (5, 200), (641, 480)])
def test_of_pictures_of_any_size(shape: tuple[int, int]) -> None:
    grey = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    assert np.array_equal(to_input([grey]), NOTEBOOK(Image.fromarray(grey)).unsqueeze(0).numpy())
