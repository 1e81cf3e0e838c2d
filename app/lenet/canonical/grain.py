"""Grain: sensor noise and the fibres of rough paper, which come out as specks where ink comes out as strokes."""

import math
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

SPARSE = 500
"""Pixels of the picture for each component from which it is not either: a page of digits has thousands for each."""

HOLDS_TOGETHER = 1.0
"""Pixels of a component, in squares of the stroke scale, below which it is a speck; a digit's strokes have ten."""

ROWS = 4
"""One row in so many is looked at for the grain's deviation."""

IN_GRAIN = 2.0
"""Standard deviations of the grain above the background up to which what is taken for ink is mostly grain."""

SIGMA = 1 / 4
"""Deviation of the smoothing Gaussian, in stroke scales: half a thin stroke at most."""

MOST_RAISES = 3
"""The most times that the threshold is raised above the grain's."""


def smooth_grain(ink: Ink) -> Ink:
    """Smooth a picture whose ink is mostly specks, and raise the threshold until it is not."""
    if len(ink.boxes) <= max(FEW, ink.sheet.size / SPARSE):
        return ink
    scale = stroke_scale(ink.light)
    if not (_in_grain(ink) or in_specks(firm_pixels(ink), scale)):
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


def _in_grain(ink: Ink) -> bool:
    """Return whether the ink hardly rises above the grain, so that its components are blots of both."""
    levels = ink.levels
    pixels = ink.light[::ROWS].ravel()
    differences = cv2.absdiff(pixels[1:], pixels[:-1])
    grain = 1.4826 * float(np.median(differences)) / math.sqrt(2)
    return levels.ink <= levels.floor or levels.at(SOFT) - levels.background <= IN_GRAIN * grain


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
