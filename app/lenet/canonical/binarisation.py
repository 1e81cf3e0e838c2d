"""Binarisation: grey levels of background and ink, and the connected components of the ink."""

from dataclasses import replace

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.canonical.components import connected_components
from app.lenet.canonical.ink import Ink, Levels

NOISE = 3.0
"""Standard deviations of the background's noise that are still background."""

SOFT = 0.2
"""Share of the ink's contrast from which a pixel belongs to a component: keeps faint ends and soft edges."""

FIRM = 0.5
"""Share of the contrast that a component must reach somewhere to be ink (the two thresholds of Canny, 1986)."""

FULL = 0.4
"""Quantile of the inked pixels that becomes 255: about as many are saturated in MNIST."""


def binarise(ink: Ink) -> Ink:
    """Set the levels and the connected components of light ink."""
    return with_levels(ink, levels_of(ink.sheet))


def with_levels(ink: Ink, levels: Levels) -> Ink:
    """Set the levels, and the connected components (8-connected) of what reaches a share `SOFT` of the contrast."""
    labels, stats = connected_components(_mask(ink.sheet, levels))
    return replace(ink, levels=levels, labels=labels, boxes=stats[:, :4])


def without_pixels(ink: Ink, erased: MatLike) -> Ink:
    """Binarise again with the pixels where `erased` is not 0 as background; return the same `Ink` if there are none."""
    if not erased.any():
        return ink
    return binarise(replace(ink, sheet=np.where(erased > 0, ink.levels.background, ink.sheet).astype(np.uint8)))


def mask_of(ink: Ink) -> MatLike:
    """Return 255 where there is ink, 0 elsewhere."""
    return _mask(ink.sheet, ink.levels)


def firm_pixels(ink: Ink) -> NDArray[np.intp]:
    """Return the number of surely inked pixels of each connected component; 0 for the background."""
    firm = np.bincount(ink.labels[ink.sheet > ink.levels.at(FIRM)], minlength=len(ink.boxes))
    firm[0] = 0
    return firm


def half_inked(sizes: NDArray[np.number], firm: NDArray[np.intp]) -> int:
    """Return the component at which half the ink is in components of smaller `sizes` and half in larger ones."""
    order = np.argsort(sizes)
    covered = np.cumsum(firm[order])
    return int(order[np.searchsorted(covered, covered[-1] / 2)])


def stretch_contrast(ink: Ink) -> Ink:
    """Move the background's upper end to 0 and full ink to 255."""
    levels = ink.levels
    steps = (np.arange(256) - levels.floor) * (255 / max(levels.ink - levels.floor, 1))
    return replace(ink, sheet=cv2.LUT(ink.sheet, np.clip(np.rint(steps), 0, 255).astype(np.uint8)))


def _mask(sheet: MatLike, levels: Levels) -> MatLike:
    return cv2.threshold(sheet, levels.at(SOFT), 255, cv2.THRESH_BINARY)[1]


def levels_of(sheet: MatLike) -> Levels:
    """Return background and ink by Otsu's threshold (1979), the background's noise by its median absolute deviation."""
    otsu, _ = cv2.threshold(sheet, 0, 255, cv2.THRESH_OTSU)
    split = max(int(otsu), int(sheet.min())) + 1
    counts = cv2.calcHist([sheet], [0], None, [256], [0, 256]).ravel()
    background = _quantile(counts[:split], 0.5)
    inked = counts[split:]
    full = split + _quantile(inked, FULL) if inked.any() else background
    deviations = np.bincount(np.abs(np.arange(split) - background), weights=counts[:split])
    noise = 1.4826 * _quantile(deviations, 0.5)
    return Levels(background, noise, min(background + NOISE * noise, full), full)


def _quantile(counts: MatLike, share: float) -> int:
    total = np.cumsum(counts)
    return int(np.searchsorted(total, share * total[-1]))
