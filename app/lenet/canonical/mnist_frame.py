"""MNIST's frame: a digit's longer side is 20 pixels, its centre of mass at the middle of 28 by 28.

Recipe: LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998, III.A.
"""

import math
from dataclasses import replace

import cv2
import numpy as np
from cv2.typing import MatLike

from app.lenet.canonical.ink import Ink
from app.lenet.image_types import GreyImage

FRAME = 28
DIGIT = 20

CENTRE = 13.5
"""The frame's middle. MNIST's makers rounded the offset up, which puts the centre of mass on or next to pixel 14."""

STROKE = 2.65
"""Width, in pixels of the frame, to which thinner strokes are thickened. MNIST's are 2.4 +- 0.7 wide, and networks
fitted to it cope better with bold strokes than with thin ones."""

FINE = 4
"""Fine pixels per pixel of the frame in which strokes are measured and thickened."""


def fit_to_frame(ink: Ink) -> Ink:
    """Bring the sheet, cropped to a digit, to MNIST's form."""
    return replace(ink, sheet=to_frame(ink.sheet) if ink.sheet.any() else np.zeros((FRAME, FRAME), np.uint8))


def to_frame(crop: MatLike) -> GreyImage:
    """Return a digit cropped to its ink, uint8 [height, width] with ink 255 on 0, as MNIST shows it: [28, 28]."""
    fine = _resized(crop, DIGIT * FINE)
    missing = round(STROKE * FINE - stroke_width(fine))
    if missing > 0:
        crop = _thickened(fine, missing)
    return centred(_full_range(_resized(crop, DIGIT)))


def stroke_width(ink: MatLike) -> float:
    """Return the mean stroke width, in pixels, of ink 255 on 0, [height, width].

    Across a stroke of width w the distances to the background are 1, 2 .. (w + 1) / 2 .. 2, 1; their mean is
    (w + 1)^2 / 4w.
    """
    _, mask = cv2.threshold(
        cv2.copyMakeBorder(ink, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0), 127, 1, cv2.THRESH_BINARY
    )
    mean = cv2.mean(cv2.distanceTransform(mask, cv2.DIST_L2, 3), mask)[0]
    half = 2 * mean - 1
    return half + math.sqrt(max(half * half - 1, 0.0))


def lean_of(picture: MatLike) -> float:
    """Return how far ink leans, in columns to the right per row downwards: about 0 for an upright 1."""
    moments = cv2.moments(picture)
    return float(moments["mu11"] / moments["mu02"]) if moments["mu02"] else 0.0


def centred(digit: MatLike) -> GreyImage:
    """Return a digit of at most 28 by 28 pixels in the frame, its centre of mass where MNIST has it."""
    height, width = digit.shape
    frame = np.zeros((FRAME, FRAME), np.uint8)
    x, y = mass_offset(digit)
    x, y = min(max(x, 0), FRAME - width), min(max(y, 0), FRAME - height)
    frame[y : y + height, x : x + width] = digit
    return frame


def mass_offset(ink: MatLike) -> tuple[int, int]:
    """Return the shift, in pixels to the right and down, that centres the mass as MNIST does; (0, 0) without ink."""
    moments = cv2.moments(ink)
    mass = moments["m00"]
    if mass == 0:
        return 0, 0
    return math.ceil(CENTRE - moments["m10"] / mass), math.ceil(CENTRE - moments["m01"] / mass)


def _resized(crop: MatLike, longer: int) -> MatLike:
    """Return the crop with its longer side at `longer` pixels, area-averaged as MNIST's anti-aliasing is."""
    height, width = crop.shape
    scale = longer / max(height, width)
    if scale == 1:
        return crop
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(crop, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)


def _thickened(ink: MatLike, pixels: int) -> MatLike:
    """Return the ink with strokes wider by `pixels`, in a box wider by as much."""
    around = pixels // 2 + 1
    roomy = cv2.copyMakeBorder(_full_range(ink), around, around, around, around, cv2.BORDER_CONSTANT, value=0)
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (pixels + 1, pixels + 1))
    thick = cv2.dilate(roomy, pen)
    x, y, width, height = cv2.boundingRect(thick)
    return thick[y : y + height, x : x + width]


def _full_range(ink: MatLike) -> MatLike:
    """Return the ink stretched so that its brightest pixel is 255."""
    brightest = int(ink.max())
    return ink if brightest in (0, 255) else cv2.convertScaleAbs(ink, alpha=255 / brightest)
