"""From grey pictures to the network's input: the one definition that training and serving share."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from torch import Tensor

Grey = NDArray[np.uint8]
Values = TypeVar("Values", NDArray[np.float32], "Tensor")


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSpec:
    """What a network wants to see: square side in pixels, and mean and standard deviation of its inputs in [0, 1]."""

    size: int = 32
    mean: float = 0.1307
    std: float = 0.3081


NOTEBOOK_INPUT = InputSpec()


def resize(grey: Grey, size: int) -> Grey:
    """Return `grey`, shape (H, W) uint8, as (size, size) by Pillow's bilinear resize.

    Pillow's, because its rounding differs from OpenCV's by a grey level and the weights were fitted on it.
    """
    return np.asarray(Image.fromarray(grey).resize((size, size), Image.Resampling.BILINEAR))


def resize_squares(greys: Grey, size: int) -> Grey:
    """Return square pictures, (N, S, S) uint8, as (N, size, size): what `resize` makes of each, in two calls for all.

    Pillow resizes the rows of a square and then its columns, each on its own; so all pictures are stacked for their
    rows and laid side by side for their columns. (Of other shapes it may take the columns first.)
    """
    count, side, _ = greys.shape
    stacked = Image.fromarray(greys.reshape(count * side, side))
    rows = np.asarray(stacked.resize((size, count * side), Image.Resampling.BILINEAR))
    beside = rows.reshape(count, side, size).swapaxes(0, 1).reshape(side, count * size)
    columns = np.asarray(Image.fromarray(beside).resize((count * size, size), Image.Resampling.BILINEAR))
    return columns.reshape(size, count, size).swapaxes(0, 1)


def normalise(pixels: Grey, spec: InputSpec = NOTEBOOK_INPUT) -> NDArray[np.float32]:
    """Return pixels (N, size, size) uint8 as a (N, 1, size, size) float32 array, scaled to [0, 1] and normalised.

    Bit-equal with torchvision's `ToTensor` and `Normalize`: a table of what the same operations make of each grey.
    """
    return _normalised_greys(spec)[pixels[:, np.newaxis]]


@cache
def _normalised_greys(spec: InputSpec) -> NDArray[np.float32]:
    return standardise(np.arange(256, dtype=np.float32) / np.float32(255), spec)


def standardise(values: Values, spec: InputSpec) -> Values:
    """Normalise float32 values in [0, 1], an array or a tensor of any shape, in place, and return them."""
    values -= spec.mean
    values /= spec.std
    return values


def to_input(greys: Sequence[Grey], spec: InputSpec = NOTEBOOK_INPUT) -> NDArray[np.float32]:
    """Return grey pictures of any sizes, each (H, W) uint8, as the network's (N, 1, size, size) float32 input."""
    side = len(greys[0])
    if all(grey.shape == (side, side) for grey in greys):
        return normalise(resize_squares(np.stack(greys), spec.size), spec)
    return normalise(np.stack([resize(grey, spec.size) for grey in greys]), spec)
