"""MNIST on disk and in memory: fetched if need be, verified always, resized once."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from app.lenet.inference.input_tensor import normalise, resize_squares
from app.lenet.network.input_spec import InputSpec
from training.data.mirrors import RAW_MD5, Source, SourceError, default_sources, is_intact

CLASS_NAMES = tuple("0123456789")
TEST_SET = "MNIST test, 10,000 digits"


class DataError(Exception):
    """MNIST is not there and could not be fetched; the message has two lines: what was tried, and what to do."""


@dataclass(frozen=True, slots=True)
class Digits:
    """Pictures (N, 28, 28) uint8, light ink on black, and their labels (N,) int64."""

    images: NDArray[np.uint8]
    labels: torch.Tensor

    def inputs(self, spec: InputSpec) -> torch.Tensor:
        """Return the pictures as the network's (N, 1, size, size) float32 input."""
        return torch.from_numpy(normalise(resize_squares(self.images, spec.size), spec))


@dataclass(frozen=True, slots=True)
class Mnist:
    """Both parts of MNIST."""

    train: Digits
    test: Digits


def load_mnist(root: Path, sources: Sequence[Source] | None = None) -> Mnist:
    """Return MNIST from `root`/MNIST/raw, torchvision's layout, after fetching whatever is missing or damaged there.

    Raises `DataError` when a file is missing or damaged and no source has it.
    """
    raw = root / "MNIST" / "raw"
    _complete(raw, sources)
    return Mnist(train=_digits(raw, "train"), test=_digits(raw, "t10k"))


def _complete(raw: Path, sources: Sequence[Source] | None) -> None:
    """Replace every raw file that is missing or not the original."""
    if not _missing(raw):
        return
    raw.mkdir(parents=True, exist_ok=True)
    tried = []
    for source in default_sources() if sources is None else sources:
        try:
            source.fetch(_missing(raw), raw)
        except SourceError as error:
            tried.append(f"{source.name} ({' '.join(str(error).split())})")  # on one line, whatever a server said
        if not _missing(raw):
            return
    raise DataError(
        f"MNIST could not be fetched; tried {', '.join(tried) or 'nothing'}\n"
        f"put {', '.join(_missing(raw))} into {raw.resolve()} by hand, unpacked"
    )


def _missing(raw: Path) -> list[str]:
    return [name for name in RAW_MD5 if not is_intact(raw / name)]


def _digits(raw: Path, part: str) -> Digits:
    """Read IDX files whose MD5 is known, and with it their headers: 16 bytes before images, 8 before labels."""
    images = np.fromfile(raw / f"{part}-images-idx3-ubyte", np.uint8, offset=16).reshape(-1, 28, 28)
    labels = np.fromfile(raw / f"{part}-labels-idx1-ubyte", np.uint8, offset=8)
    return Digits(images, torch.from_numpy(labels).long())
