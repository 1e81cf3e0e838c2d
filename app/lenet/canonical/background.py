"""Paper and ink: which of the two is the darker."""

import cv2
import numpy as np
from cv2.typing import MatLike

Grey = MatLike
"""A picture of one channel, uint8 [height, width]; the name OpenCV's functions have for arrays."""

GLANCE = 32
"""Longer side, in pixels, of the thumbnail that tells ink from paper: strokes still show, paper grain does not."""

PAGE_GLANCE = 128
"""The same for the writing on a page, whose strokes are lost at `GLANCE`."""

LARGE = 512
"""Longer side, in pixels, above which a picture is halved before it is reduced much further."""

BORDER_VOTE = 0.5
"""Weight of the border's vote against the skewness, which is 1 to 4 on whole digits and near 0 on tight crops."""


def thumbnail(grey: Grey, side: int) -> Grey:
    """The image with its longer side reduced to at most `side` pixels by averaging over areas; never enlarged."""
    while max(grey.shape) > max(4 * side, LARGE):  # halving is several times as fast as any other reduction
        height, width = grey.shape
        half = (max(1, width // 2), max(1, height // 2))
        grey = cv2.resize(grey[: 2 * half[1], : 2 * half[0]], half, interpolation=cv2.INTER_AREA)
    height, width = grey.shape
    if max(height, width) <= side:
        return grey
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA)


def ink_is_dark(grey: Grey) -> bool:
    """Whether a uint8 picture [height, width] shows dark ink on lighter paper.

    Ink is the minority near every point, so the differences from the local mean are skewed towards it. Bold digits
    show on a coarse scale and thin writing on a fine one, where shadows, hands and desks do not: the scales are added.
    Where neither is skewed, on tight crops, the border decides: paper surrounds ink.
    """
    small = thumbnail(grey, GLANCE)
    skewness = _local_skewness(small, max(small.shape) // 2)
    if max(grey.shape) > 2 * GLANCE:
        page = thumbnail(grey, PAGE_GLANCE)
        skewness += _local_skewness(page, max(page.shape) // 8)
    _, light = cv2.threshold(small, 0, 1, cv2.THRESH_OTSU)
    border = np.concatenate((light[0], light[-1], light[:, 0], light[:, -1]))
    return BORDER_VOTE * (2 * float(border.mean()) - 1) > skewness


def _local_skewness(small: Grey, window: int) -> float:
    """Skewness of the differences from the mean of a square of `window` pixels, which is made odd."""
    window = max(3, window | 1)
    local = np.subtract(small, cv2.blur(small, (window, window), borderType=cv2.BORDER_REFLECT), dtype=np.float32)
    squares = local * local
    deviation = float(np.sqrt(squares.mean()))
    return float((squares * local).mean()) / (deviation**3 + 1e-6)
