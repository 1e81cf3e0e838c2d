"""Connected components, by the fastest of OpenCV's algorithms."""

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

_BYTE = 256


def connected_components(mask: MatLike) -> tuple[MatLike, MatLike]:
    """Return the 8-connected components of what is not 0 in `mask` [height, width] uint8.

    The first is their labels, int32 of the same shape, 0 for the background; the second int32 [components + 1, 5]:
    x, y, width, height and number of pixels. OpenCV's default algorithm gives the same in three times the time.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(mask, 8, cv2.CV_32S, cv2.CCL_GRANA)
    return labels, stats


def pixels_of(chosen: NDArray[np.bool_], labels: MatLike) -> MatLike:
    """Return 255 in the pixels of the `chosen` components, [components + 1], and 0 elsewhere, uint8 [height, width]."""
    table = np.where(chosen, 255, 0).astype(np.uint8)
    if len(table) > _BYTE:
        return np.asarray(table[labels])
    return cv2.LUT(labels.astype(np.uint8), np.pad(table, (0, _BYTE - len(table))))  # in a sixth of the time
