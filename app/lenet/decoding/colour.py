"""Ink that differs from its background in hue but hardly in brightness, as yellow on light blue does."""

import cv2
import numpy as np
from numpy.typing import NDArray

from app.lenet.image_types import GreyImage

FAINT = 48
"""Grey levels between the lightest and the darkest thousandth of the pixels from which there is contrast enough."""

SAMPLES = 256
"""Rows and columns, spread evenly, that are looked at."""

CLEARER = 2.0
"""Times the brightness's deviation from which another mixture of the colours is worth it."""

PAPER = 1 / 4
"""Window of the local mean, as a share of the longer side: wider than strokes, narrower than shadows."""

SHOWN = 100
"""Grey levels to either side of the mean that the most coloured thousandth is brought to."""


def is_faint(grey: GreyImage) -> bool:
    """Return whether a picture [height, width] has so little contrast that its ink may be in its colours."""
    counts = np.bincount(_sampled(grey).ravel(), minlength=256).cumsum()  # np.percentile takes six times as long
    darkest, lightest = np.searchsorted(counts, counts[-1] * np.array((0.001, 0.999)))
    return bool(lightest - darkest < FAINT)


def clearest_grey(rgb: NDArray[np.uint8]) -> GreyImage | None:
    """Return the mixture of the channels [height, width, 3] with the most local contrast, uint8 [height, width].

    It is the first principal component of the differences from the local mean. None where brightness shows about as
    much.
    """
    small = _sampled(rgb).astype(np.float32)
    window = max(3, round(max(small.shape[:2]) * PAPER) | 1)
    local = (small - cv2.blur(small, (window, window), borderType=cv2.BORDER_REFLECT)).reshape(-1, 3)
    variances, mixtures = np.linalg.eigh(np.cov(local, rowvar=False, bias=True))
    brightness = local @ np.array([0.299, 0.587, 0.114], np.float32)
    if variances[-1] <= (CLEARER * float(brightness.std())) ** 2:
        return None
    mixture = mixtures[:, -1].astype(np.float32)
    mean = float((small @ mixture).mean())
    scale = SHOWN / max(float(np.percentile(np.abs(small @ mixture - mean), 99.9)), 1.0)
    weights = np.append(mixture * scale, 128 - mean * scale)[np.newaxis]
    return np.asarray(cv2.transform(rgb, weights), np.uint8)


def _sampled(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = picture.shape[:2]
    return picture[:: -(-height // SAMPLES), :: -(-width // SAMPLES)]
