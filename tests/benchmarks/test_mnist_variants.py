"""Accuracy on variants of MNIST's test digits; `python -m benchmarks.mnist_variants` measures more of them."""

import pytest

from app.lenet.inference.predictor import Predictor
from benchmarks.mnist_variants import VARIANTS, variant_accuracy
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
def test_accuracy_is_close_to_that_of_plain_preprocessing(
    notebook: Predictor, mnist: Mnist, variant: str, points: float
) -> None:
    assert variant_accuracy(notebook, mnist.test, VARIANTS[variant], "auto") >= 0.9856 - points / 100
