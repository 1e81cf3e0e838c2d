"""Grain: sensor noise and the fibres of rough paper, which come out as specks where ink comes out as strokes."""

from dataclasses import replace

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.canonical.background import subtract_background
from app.lenet.canonical.binarisation import SOFT, binarise, firm_pixels, half_inked, with_levels
from app.lenet.canonical.ink import Ink, Levels
from app.lenet.canonical.stroke_scale import stroke_scale

FEW = 100
"""Components up to which a picture is not looked at for grain."""

HOLDS_TOGETHER = 1.0
"""Pixels of a component, in squares of the stroke scale, below which it is a speck; a digit's strokes have ten."""

SIGMA = 1 / 4
"""Deviation of the smoothing Gaussian, in stroke scales: half a thin stroke at most."""

MOST_RAISES = 3
"""The most times that the threshold is raised above the grain's."""


def smooth_grain(ink: Ink) -> Ink:
    """Smooth a picture whose ink is mostly specks, and raise the threshold until it is not."""
    if len(ink.boxes) <= FEW:
        return ink
    scale = stroke_scale(ink.light)
    if not in_specks(firm_pixels(ink), scale):
        return ink
    smooth = subtract_background(smoothed(ink.light, scale))
    smooth_ink = binarise(replace(ink, sheet=smooth, flattened=True, removed=ink.removing("noise")))
    for _ in range(MOST_RAISES):
        if not in_specks(firm_pixels(smooth_ink), scale):
            break
        smooth_ink = with_levels(smooth_ink, _above_grain(smooth_ink))
    return smooth_ink


def in_specks(firm: NDArray[np.intp], scale: float) -> bool:
    """Return whether at least half the ink is in specks, given each component's `firm` pixels and the stroke scale."""
    return bool(firm.any() and firm[half_inked(firm, firm)] < HOLDS_TOGETHER * scale * scale)


def smoothed(light_ink: MatLike, scale: float) -> MatLike:
    """Return the picture [height, width] without detail that is finer than its strokes."""
    return cv2.GaussianBlur(light_ink, (0, 0), max(SIGMA * scale, 0.5))


def _above_grain(ink: Ink) -> Levels:
    """Return levels at which the lighter of the inked pixels are background (Otsu's threshold among them)."""
    sheet, levels = ink.sheet, ink.levels
    split, _ = cv2.threshold(sheet[sheet > levels.at(SOFT)], 0, 255, cv2.THRESH_OTSU)
    pen = sheet[sheet > split]
    full = int(np.median(pen)) if pen.size else levels.ink
    return replace(levels, floor=max((split - SOFT * full) / (1 - SOFT), levels.floor), ink=full)
