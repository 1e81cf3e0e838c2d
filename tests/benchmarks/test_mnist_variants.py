"""MNIST's digits are the same digits however they are sent; python -m benchmarks.mnist_variants measures more ways."""

import pytest

from app.lenet.inference.predictor import Predictor
from benchmarks.mnist_variants import VARIANTS, accuracy
from training.data.mnist import Mnist


@pytest.mark.parametrize(
    ("variant", "points"),
    [
        ("PNG, white on black", 0.05),
        ("PNG, black on white", 0.05),
        ("JPEG, quality 90", 0.4),
        ("280 pixels, bilinear", 0.4),
        ("padded, anywhere in 56 pixels", 0.4),
    ],
)
def test_accuracy_stays_near_the_plain_paths(notebook: Predictor, mnist: Mnist, variant: str, points: float) -> None:
    assert accuracy(notebook, mnist.test, VARIANTS[variant], "auto") >= 0.9856 - points / 100
