"""MNIST's digits are the same digits however they are sent; python -m benchmarks.variants measures all 10,000."""

import pytest

from app.lenet.predictor import Predictor
from benchmarks.variants import VARIANTS, accuracy
from training.data import Digits, Mnist


@pytest.mark.parametrize(
    ("variant", "digits", "points"),
    [
        ("PNG, white on black", 10_000, 0.05),
        ("PNG, black on white", 10_000, 0.05),
        ("JPEG, quality 90", 2_500, 0.4),
        ("280 pixels, bilinear", 2_500, 0.4),
        ("padded, anywhere in 56 pixels", 2_500, 0.4),
    ],
)
def test_accuracy_stays_near_the_plain_paths(
    notebook: Predictor, mnist: Mnist, variant: str, digits: int, points: float
) -> None:
    some = Digits(mnist.test.images[:digits], mnist.test.labels[:digits])
    plain = accuracy(notebook, some, VARIANTS["PNG, white on black"], "plain")
    assert plain == pytest.approx(0.98, abs=0.01)
    assert accuracy(notebook, some, VARIANTS[variant], "auto") >= plain - points / 100
