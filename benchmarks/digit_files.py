"""The pictures that servers are sent: MNIST test digits as PNG files."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.input_pipeline import encoded
from training.data.mnist import load_mnist


@dataclass(frozen=True, slots=True)
class Pictures:
    """PNG files and the digits they show."""

    files: tuple[bytes, ...]
    labels: tuple[int, ...]


def chosen_digits(count: int) -> Pictures:
    """Return the first `count` MNIST test digits, which every set of shipped weights recognises (the first miss is
    the 248th)."""
    test = load_mnist(Path("data")).test
    return Pictures(tuple(encoded(digit, "PNG") for digit in test.images[:count]), tuple(test.labels[:count].tolist()))
