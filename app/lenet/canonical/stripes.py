"""Paper in stripes: bands from one border to the other in which light and dark have changed places."""

import cv2
import numpy as np
from numpy.typing import NDArray

from app.lenet.canonical.background import Grey

NARROWEST = 1 / 4
"""Width of a stripe, as a share of the longer side: a digit's stroke that runs from border to border is thinner."""

LEAST_CONTRAST = 96
"""Grey levels between the papers of two stripes; what differs less is shading, and flattened."""

SHADE = 32
"""Grey levels by which nothing in a dark stripe is darker than its paper, nor in a light one lighter; ink in a shadow,
which has straight edges too, is darker than the paper there."""

SPECKS = 0.005
"""Share of the pixels that may be all the same."""


def in_one_polarity(grey: Grey) -> tuple[Grey, bool]:
    """The picture [height, width] with its light stripes inverted, if it is striped, and whether it is.

    Stripes run straight from border to border, up or across, and nothing but paper is on the picture's border.
    """
    _, light = cv2.threshold(grey, 0, 1, cv2.THRESH_OTSU)
    if _striped(light):
        return _inverted(grey, light[0] == 1)
    if _striped(light.T):
        turned, striped = _inverted(grey.T, light[:, 0] == 1)
        return np.ascontiguousarray(turned.T), striped
    return grey, False


def _striped(light: Grey) -> bool:
    """Whether a mask of what is light changes along the top just as along the bottom, and not along the sides."""
    top, left, right = light[0], light[:, 0], light[:, -1]
    changes = np.flatnonzero(top[1:] != top[:-1]) + 1
    if not changes.size or not np.array_equal(top, light[-1]):
        return False
    widths = np.diff(changes, prepend=0, append=len(top))
    return bool((left == left[0]).all() and (right == right[0]).all() and widths.min() >= NARROWEST * max(light.shape))


def _inverted(grey: Grey, light: NDArray[np.bool_]) -> tuple[Grey, bool]:
    """Invert the columns that are `light`, so that their paper becomes that of the others; if they differ enough."""
    border = grey[[0, -1]]
    lighter, darker = int(np.median(border[:, light])), int(np.median(border[:, ~light]))
    shadow = np.mean(grey[:, ~light] < darker - SHADE) + np.mean(grey[:, light] > lighter + SHADE) > SPECKS
    if lighter - darker < LEAST_CONTRAST or shadow:
        return grey, False
    mirrored = np.clip(lighter + darker - grey.astype(np.int16), 0, 255)
    return np.where(light, mirrored, grey).astype(np.uint8), True
