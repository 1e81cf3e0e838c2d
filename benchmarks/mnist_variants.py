"""Accuracy on variants of MNIST's test digits: inverted, enlarged, padded, as JPEG; answered by the service's code.

`python -m benchmarks.mnist_variants` prints a table and a JSON line. `--artifact` selects the weights.
"""

import argparse
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import torch

from app.lenet.decoding.decoder import decode
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.image_types import GreyImage
from app.lenet.inference.predictor import Predictor
from app.lenet.inference.preprocessing import preprocess
from app.lenet.vocabulary import PreprocessingMode
from benchmarks.input_pipeline import encoded
from benchmarks.shipped import shipped_predictor
from training.data.mnist import Digits, load_mnist

Variant = Callable[[GreyImage, np.random.Generator], bytes]

BATCH = 1000


def enlarged(digit: GreyImage, how: int) -> GreyImage:
    """Return the digit enlarged to 280 pixels."""
    return np.asarray(cv2.resize(digit, (280, 280), interpolation=how), np.uint8)


def padded(digit: GreyImage, random: np.random.Generator, side: int) -> GreyImage:
    """Return the digit at a random place in a black square."""
    frame = np.zeros((side, side), np.uint8)
    x, y = random.integers(0, side - 28, 2, endpoint=True)
    frame[y : y + 28, x : x + 28] = digit
    return frame


VARIANTS: dict[str, Variant] = {
    "PNG, white on black": lambda digit, _: encoded(digit, "PNG"),
    "PNG, black on white": lambda digit, _: encoded(255 - digit, "PNG"),
    "JPEG, quality 90": lambda digit, _: encoded(digit, "JPEG"),
    "JPEG, quality 90, black on white": lambda digit, _: encoded(255 - digit, "JPEG"),
    "280 pixels, bilinear": lambda digit, _: encoded(enlarged(digit, cv2.INTER_LINEAR), "PNG"),
    "280 pixels, nearest": lambda digit, _: encoded(enlarged(digit, cv2.INTER_NEAREST), "PNG"),
    "280 pixels, black on white": lambda digit, _: encoded(255 - enlarged(digit, cv2.INTER_LINEAR), "PNG"),
    "padded, anywhere in 32 pixels": lambda digit, random: encoded(padded(digit, random, 32), "PNG"),
    "padded, anywhere in 56 pixels": lambda digit, random: encoded(padded(digit, random, 56), "PNG"),
    "padded, anywhere in 100 pixels": lambda digit, random: encoded(padded(digit, random, 100), "PNG"),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--artifact", default="notebook")
    parser.add_argument("--digits", type=int, default=10_000)
    options = parser.parse_args()
    predictor = shipped_predictor(options.artifact)
    test = load_mnist(Path("data")).test
    digits = Digits(test.images[: options.digits], test.labels[: options.digits])
    rows = dict(accuracies(predictor, digits))
    plain = rows["plain"]
    print("| MNIST test digits | accuracy | difference from plain, points |\n|---|---|---|")
    for name, accuracy in rows.items():
        print(f"| {name} | {accuracy:.2%} | {(accuracy - plain) * 100:+.2f} |")
    print(json.dumps({"benchmark": "mnist_variants", "artifact": predictor.card.name, "accuracy": rows}))


def accuracies(predictor: Predictor, digits: Digits) -> Iterator[tuple[str, float]]:
    """Yield the accuracy with plain preprocessing, and that on each variant with the canonical form."""
    yield "plain", variant_accuracy(predictor, digits, VARIANTS["PNG, white on black"], "plain")
    for name, variant in VARIANTS.items():
        yield name, variant_accuracy(predictor, digits, variant, "auto")


def variant_accuracy(predictor: Predictor, digits: Digits, variant: Variant, preprocessing: PreprocessingMode) -> float:
    """Return the accuracy on one variant of the digits."""
    random = np.random.default_rng(0)
    files = (variant(digit, random) for digit in digits.images)
    seen = [preprocess(decode(file, ImageLimits()), preprocessing, predictor.card.input.size).image for file in files]
    batches = (seen[at : at + BATCH] for at in range(0, len(seen), BATCH))
    answers = torch.tensor([prediction.digit for batch in batches for prediction in predictor.predict(batch)])
    return (answers == digits.labels).float().mean().item()


if __name__ == "__main__":
    main()
