"""The pictures that benchmarks send to servers: MNIST test digits as PNG files."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.input_pipeline import encoded
from training.data.mnist import load_mnist


@dataclass(frozen=True, slots=True)
class DigitFiles:
    """PNG files and the digits that they show."""

    files: tuple[bytes, ...]
    labels: tuple[int, ...]


def first_digits(count: int) -> DigitFiles:
    """Return the first `count` MNIST test digits. The shipped weights recognise the first 247 of them."""
    test = load_mnist(Path("data")).test
    return DigitFiles(
        tuple(encoded(digit, "PNG") for digit in test.images[:count]), tuple(test.labels[:count].tolist())
    )
