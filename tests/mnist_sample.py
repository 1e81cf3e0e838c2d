"""MNIST's first 200 test digits, for tests that need real digits and no data set."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class MnistSample:
    """Pictures (200, 28, 28) uint8, light ink on black, and their labels."""

    images: NDArray[np.uint8]
    labels: list[int]


def load_sample() -> MnistSample:
    """Read them from the file beside this one."""
    with np.load(Path(__file__).with_suffix(".npz")) as stored:
        return MnistSample(stored["images"], stored["labels"].tolist())
