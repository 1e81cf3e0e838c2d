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


# All shipped weights recognise the 200 test digits from here on; `robust` takes the one before for a 6.
_FIRST = 9


def first_digits(count: int) -> DigitFiles:
    """Return MNIST's first `count` test digits, up to 200, that all shipped weights recognise."""
    test, chosen = load_mnist(Path("data")).test, slice(_FIRST, _FIRST + count)
    return DigitFiles(
        tuple(encoded(digit, "PNG") for digit in test.images[chosen]), tuple(test.labels[chosen].tolist())
    )
