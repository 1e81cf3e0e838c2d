"""MNIST on disk and in memory: downloaded if necessary, always verified."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from app.lenet.inference.input_tensor import normalise, resize_squares
from app.lenet.network.input_spec import InputSpec
from training.data.mirrors import RAW_MD5, Mirror, MirrorError, default_mirrors, is_intact

CLASS_NAMES = tuple("0123456789")
TEST_SET = "MNIST test, 10,000 digits"


class DataError(Exception):
    """MNIST is missing and could not be downloaded; the message says what was tried and what to do, in two lines."""


@dataclass(frozen=True, slots=True)
class Digits:
    """Pictures (N, 28, 28) uint8, white on black, and their labels (N,) int64."""

    images: NDArray[np.uint8]
    labels: torch.Tensor

    def inputs(self, spec: InputSpec) -> torch.Tensor:
        """Return the pictures as the network's (N, 1, size, size) float32 input."""
        return torch.from_numpy(normalise(resize_squares(self.images, spec.size), spec))


@dataclass(frozen=True, slots=True)
class Mnist:
    """MNIST's training and test sets."""

    train: Digits
    test: Digits


def load_mnist(root: Path, mirrors: Sequence[Mirror] | None = None) -> Mnist:
    """Return MNIST from `root`/MNIST/raw (torchvision's layout), downloading files that are missing or damaged.

    Raises `DataError` when such a file cannot be downloaded from any mirror.
    """
    raw = root / "MNIST" / "raw"
    _complete(raw, mirrors)
    return Mnist(train=_digits(raw, "train"), test=_digits(raw, "t10k"))


def _complete(raw: Path, mirrors: Sequence[Mirror] | None) -> None:
    """Download each raw file that is missing or not the original."""
    if not _missing(raw):
        return
    raw.mkdir(parents=True, exist_ok=True)
    tried = []
    for mirror in default_mirrors() if mirrors is None else mirrors:
        try:
            mirror.fetch(_missing(raw), raw)
        except MirrorError as error:
            tried.append(f"{mirror.name} ({' '.join(str(error).split())})")  # servers may send several lines
        if not _missing(raw):
            return
    raise DataError(
        f"could not download MNIST; tried {', '.join(tried) or 'no mirrors'}\n"
        f"download and unpack {', '.join(_missing(raw))} into {raw.resolve()} yourself"
    )


def _missing(raw: Path) -> list[str]:
    return [name for name in RAW_MD5 if not is_intact(raw / name)]


def _digits(raw: Path, part: str) -> Digits:
    """Read IDX files. Their MD5s are known, so their headers are too: 16 bytes before images, 8 before labels."""
    images = np.fromfile(raw / f"{part}-images-idx3-ubyte", np.uint8, offset=16).reshape(-1, 28, 28)
    labels = np.fromfile(raw / f"{part}-labels-idx1-ubyte", np.uint8, offset=8)
    return Digits(images, torch.from_numpy(labels).long())
