"""Stripes: bands from one border to the other in which light and dark have changed places."""

from dataclasses import replace

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.canonical.ink import Ink

NARROWEST = 1 / 4
"""Width of a stripe, as a share of the longer side: a digit's stroke that runs from border to border is thinner."""

LEAST_CONTRAST = 96
"""Grey levels between the backgrounds of two stripes; a smaller difference is shading, and flattened."""

SHADE = 32
"""Grey levels. Ink in a shadow, which can have straight edges too, differs from the background there by more than this
in the direction that ink in a stripe cannot: darker in the dark stripes, lighter in the light ones."""

SPECKS = 0.005
"""Share of the pixels that may differ so all the same."""


def unify_stripes(ink: Ink) -> Ink:
    """Invert the light stripes of a striped picture, so that the whole background is dark.

    Stripes run straight from border to border, up or across, and only background touches the picture's border.
    """
    grey = ink.sheet
    _, light = cv2.threshold(grey, 0, 1, cv2.THRESH_OTSU)
    if _striped(light):
        unified = _inverted(grey, light[0] == 1)
    elif _striped(light.T):
        turned = _inverted(grey.T, light[:, 0] == 1)
        unified = None if turned is None else np.ascontiguousarray(turned.T)
    else:
        return ink
    return ink if unified is None else replace(ink, sheet=unified, removed=ink.removing("stripes"))


def _striped(light: MatLike) -> bool:
    """Whether a mask of what is light changes along the top just as along the bottom, and not along the sides."""
    top, left, right = light[0], light[:, 0], light[:, -1]
    changes = np.flatnonzero(top[1:] != top[:-1]) + 1
    if not changes.size or not np.array_equal(top, light[-1]):
        return False
    widths = np.diff(changes, prepend=0, append=len(top))
    return bool((left == left[0]).all() and (right == right[0]).all() and widths.min() >= NARROWEST * max(light.shape))


def _inverted(grey: MatLike, light: NDArray[np.bool_]) -> MatLike | None:
    """Invert the columns that are `light`, so that their background matches the others'; None if they differ little."""
    border = grey[[0, -1]]
    lighter, darker = int(np.median(border[:, light])), int(np.median(border[:, ~light]))
    shadow = np.mean(grey[:, ~light] < darker - SHADE) + np.mean(grey[:, light] > lighter + SHADE) > SPECKS
    if lighter - darker < LEAST_CONTRAST or shadow:
        return None
    mirrored = np.clip(lighter + darker - grey.astype(np.int16), 0, 255)
    return np.where(light, mirrored, grey).astype(np.uint8)
