"""Drawing of synthetic pictures: pen strokes on a large canvas, and any drawing brought to MNIST's form."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from app.lenet.canonical.mnist_frame import DIGIT, FRAME, centred
from app.lenet.image_types import GreyImage

Points = NDArray[np.float64]

CANVAS = 112  # side in pixels; drawn four times as large as MNIST's frame
MARGIN = 16
_FAINTEST = 40


def draw_strokes(lines: Sequence[Points], width: int) -> GreyImage:
    """Return polylines, each (K, 2) in the unit square, drawn `width` pixels wide: (112, 112), white on black."""
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    drawn = [np.round(MARGIN + line * (CANVAS - 2 * MARGIN)).astype(np.int32) for line in lines]
    cv2.polylines(canvas, drawn, isClosed=False, color=255, thickness=width, lineType=cv2.LINE_AA)
    return canvas


def rounded(knots: Points, times: int) -> Points:
    """Return a polyline (K, 2) with its corners cut `times` times and its ends in place (Chaikin 1974)."""
    for _ in range(times):
        quarters = np.stack([0.75 * knots[:-1] + 0.25 * knots[1:], 0.25 * knots[:-1] + 0.75 * knots[1:]], axis=1)
        knots = np.concatenate([knots[:1], quarters.reshape(-1, 2), knots[-1:]])
    return knots


def place(drawing: GreyImage) -> GreyImage:
    """Return a drawing of any size, white on black, in MNIST's form, (28, 28): longer side 20, centred by mass.

    Unlike the canonical form it neither thickens nor cleans the ink: drawings for training should vary.
    """
    x, y, width, height = cv2.boundingRect((drawing > _FAINTEST).astype(np.uint8))
    if not width:
        return np.zeros((FRAME, FRAME), np.uint8)
    box = drawing[y : y + height, x : x + width]
    scale = DIGIT / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(box, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    return centred(np.asarray(small, np.uint8))
