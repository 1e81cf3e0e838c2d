"""From grey pictures to the network's input tensor: the one definition that training and serving share."""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.lenet.image_types import GreyImage
from app.lenet.network.input_spec import NOTEBOOK_INPUT, InputSpec

if TYPE_CHECKING:
    from torch import Tensor

Values = TypeVar("Values", NDArray[np.float32], "Tensor")

# Pillow resizes larger squares, and larger batches are split, because pixels as float64 take memory.
_RESIZED_BY_PRODUCTS = 256
_RESIZED_AT_ONCE = 256


def resize(grey: GreyImage, size: int) -> GreyImage:
    """Return `grey`, shape (H, W) uint8, as (size, size) by Pillow's bilinear resize.

    Not OpenCV's, whose rounding differs by a grey level: the weights were fitted on Pillow's.
    """
    return np.asarray(Image.fromarray(grey).resize((size, size), Image.Resampling.BILINEAR))


def resize_squares(greys: GreyImage, size: int) -> GreyImage:
    """Return square pictures, (N, S, S) uint8, as (N, size, size): the same bits as `resize` gives for each.

    Two matrix products take half the time of Pillow's call for one picture, and less for more. Pillow adds up whole
    multiples of 2^-22, which float64 holds without rounding, so the order of the additions makes no difference.
    """
    across = _weights(greys.shape[1], size)
    resized = np.empty((len(greys), size, size), np.uint8)
    for at in range(0, len(greys), _RESIZED_AT_ONCE):
        rows = np.floor(greys[at : at + _RESIZED_AT_ONCE].astype(np.float64) @ across.T + 0.5)
        resized[at : at + _RESIZED_AT_ONCE] = across @ rows + 0.5  # the cast rounds down
    return resized


@lru_cache(maxsize=64)
def _weights(side: int, size: int) -> NDArray[np.float64]:
    """Return Pillow's weights (size, side) of a bilinear resize, whole multiples of 2^-22.

    Source: `precompute_coeffs` and `normalize_coeffs_8bpc` in Pillow's src/libImaging/Resample.c.
    """
    scale = side / size
    reach = max(scale, 1.0)
    weights = np.zeros((size, side))
    for at in range(size):
        centre = (at + 0.5) * scale
        first, end = max(int(centre - reach + 0.5), 0), min(int(centre + reach + 0.5), side)
        shares = np.maximum(1 - np.abs((np.arange(first, end) - centre + 0.5) / reach), 0)
        weights[at, first:end] = np.floor(shares / shares.sum() * 2**22 + 0.5)
    return weights / 2**22


def normalise(pixels: GreyImage, spec: InputSpec = NOTEBOOK_INPUT) -> NDArray[np.float32]:
    """Return pixels (N, size, size) uint8 as a (N, 1, size, size) float32 array, scaled to [0, 1] and normalised.

    Bit-equal with torchvision's `ToTensor` and `Normalize`: a table holds their result for each grey level.
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


def to_input(greys: Sequence[GreyImage], spec: InputSpec = NOTEBOOK_INPUT) -> NDArray[np.float32]:
    """Return grey pictures of any sizes, each (H, W) uint8, as the network's (N, 1, size, size) float32 input."""
    side = len(greys[0])
    if side <= _RESIZED_BY_PRODUCTS and all(grey.shape == (side, side) for grey in greys):
        return normalise(resize_squares(np.stack(greys), spec.size), spec)
    return normalise(np.stack([resize(grey, spec.size) for grey in greys]), spec)
