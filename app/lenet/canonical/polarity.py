"""Polarity: whether the ink is darker or lighter than the background."""

from dataclasses import replace

import cv2
import numpy as np
from cv2.typing import MatLike

from app.lenet.canonical.ink import Ink
from app.lenet.canonical.thumbnail import thumbnail

GLANCE = 32
"""Longer side, in pixels, of the thumbnail that tells ink from background: it shows strokes and no paper grain."""

PAGE_GLANCE = 128
"""The same for the writing on a page, whose strokes are lost at `GLANCE`."""

BORDER_VOTE = 0.5
"""Weight of the border's vote against the skewness, which is 1 to 4 on whole digits and near 0 on tight crops."""


def make_ink_light(ink: Ink) -> Ink:
    """Invert a picture of dark ink."""
    if not ink_is_dark(ink.sheet):
        return ink
    return replace(ink, sheet=cv2.bitwise_not(ink.sheet), inverted=True)


def ink_is_dark(grey: MatLike) -> bool:
    """Return whether a uint8 picture [height, width] shows dark ink on a lighter background.

    Ink is the minority near every point, so the differences from the local mean are skewed towards it. Bold digits
    show on a coarse scale, and thin writing on a fine one, where shadows, hands and desks do not; the skewnesses of
    both are added. Tight crops have no such skew. There the border decides: it is background.
    """
    small = thumbnail(grey, GLANCE)
    skewness = _local_skewness(small, max(small.shape) // 2)
    if max(grey.shape) > 2 * GLANCE:
        page = thumbnail(grey, PAGE_GLANCE)
        skewness += _local_skewness(page, max(page.shape) // 8)
    _, light = cv2.threshold(small, 0, 1, cv2.THRESH_OTSU)
    border = np.concatenate((light[0], light[-1], light[:, 0], light[:, -1]))
    return BORDER_VOTE * (2 * float(border.mean()) - 1) > skewness


def _local_skewness(small: MatLike, window: int) -> float:
    """Return the skewness of the differences from the mean of a square of `window` pixels, which is made odd."""
    window = max(3, window | 1)
    local = np.subtract(small, cv2.blur(small, (window, window), borderType=cv2.BORDER_REFLECT), dtype=np.float32)
    squares = local * local
    deviation = float(np.sqrt(squares.mean()))
    return float((squares * local).mean()) / (deviation**3 + 1e-6)
