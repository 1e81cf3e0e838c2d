"""The ink of a picture: its marks on an even, empty paper without printed lines."""

from dataclasses import dataclass, replace

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.canonical.background import Grey, ink_is_dark, thumbnail
from app.lenet.canonical.flattening import flatten, without_paper
from app.lenet.canonical.form_cells import cell_walls, form_cells, without_squared_paper
from app.lenet.canonical.grain import in_specks, smoothed
from app.lenet.canonical.impulse_noise import without_impulses
from app.lenet.canonical.page_edges import edges
from app.lenet.canonical.ruled_lines import SMALLEST_RULED, SPAN, printed_lines
from app.lenet.canonical.stripes import in_one_polarity
from app.lenet.canonical.stroke_scale import stroke_scale

WORKING = 384
"""Longer side, in pixels, to which larger pictures are reduced: 19 times a digit of MNIST, and bounded work."""

FAINTEST = 6
"""Grey levels between paper and ink below which there is nothing: JPEG alone makes as much of empty paper."""

NOISE = 3.0
"""Standard deviations of the paper's noise that are still paper."""

SOFT = 0.2
"""Share of the ink's contrast from which a pixel belongs to a mark: keeps faint ends and soft edges."""

FIRM = 0.5
"""Share of the contrast that a mark must reach somewhere to be ink (the two thresholds of Canny, 1986)."""

FULL = 0.4
"""Quantile of the inked pixels that becomes 255: about as many are saturated in MNIST."""

LEAST_SPAN = 0.3
"""The same as a share of the longer side: on a narrow strip digits run through the shorter one."""

LONG_MARK = 0.5
"""Share of the longer side from which a mark is not counted among the usual ones."""

SEVERAL = 3
"""Marks from which there is a usual size."""

DIGITS_LONG = 3.5
"""Usual sizes of a mark from which a straight line is no stroke."""

PRINT = 0.75
"""Quantile of a line's pixels that counts as its grey."""

FEW = 100
"""Marks up to which a picture is not looked at for grain."""

MOST_RAISES = 3
"""Times the threshold is raised above the grain's at most."""


@dataclass(frozen=True, slots=True)
class Levels:
    """Grey levels of light ink on dark paper: the paper's median and deviation, its upper end, and full ink."""

    paper: int
    noise: float
    floor: float
    ink: int

    def at(self, share: float) -> float:
        """The grey level at a share of the way from the paper's upper end to full ink."""
        return self.floor + share * (self.ink - self.floor)


@dataclass(frozen=True, slots=True)
class Ink:
    """What was written, at working size.

    `sheet` uint8 [height, width] has paper 0 and ink 255; `labels` int32 of the same shape numbers the marks from 1;
    `boxes` int32 [marks + 1, 4] holds their x, y, width and height, `firm` [marks + 1] their surely inked pixels.
    `cells` int32 [cells, 4]: the same of the boxes of a form or grid, inside their walls, in no order; maybe none.
    `removed`: of "lines", "noise" and "stripes" what was taken out before marks were looked for.
    """

    sheet: Grey
    labels: MatLike
    boxes: MatLike
    firm: NDArray[np.intp]
    cells: MatLike
    levels: Levels
    inverted: bool
    flattened: bool
    removed: tuple[str, ...]

    @property
    def blank(self) -> bool:
        """Whether there is no ink at all."""
        return self.levels.ink - self.levels.paper < FAINTEST or not self.firm.any()


def find_ink(grey: Grey, working: int = WORKING) -> Ink:
    """All the ink of a uint8 picture [height, width] of any size, at a working size of at most `working` pixels."""
    small, noisy = without_impulses(thumbnail(grey, working))
    small, striped = in_one_polarity(small)
    inverted = ink_is_dark(small)
    light = cv2.bitwise_not(small) if inverted else small
    ink, flattened = flatten(light)
    levels = _levels(ink)
    labels, boxes = _marks(ink, levels)
    if len(boxes) > FEW and in_specks(_firm(ink, levels, labels, boxes), stroke_scale(light)):
        ink, levels, labels, boxes = _without_grain(light)
        flattened = noisy = True
    cells = form_cells(_mask(ink, levels))
    ruled = max(ink.shape) >= SMALLEST_RULED and _any_spans(boxes, ink)
    if ruled:
        ink, levels, labels, boxes = _without_lines(ink, levels)
        _, deep = edges(labels, boxes)
        if deep and not flattened:
            ink, flattened = without_paper(light), True
            levels = _levels(ink)
            labels, boxes = _marks(ink, levels)
    rules = _longer_than_digits(boxes, _firm(ink, levels, labels, boxes), ink)
    if rules:
        lines = printed_lines(_mask(ink, levels), (rules, rules), alone=True)
        if lines.any():
            ruled, ink = True, np.where(lines > 0, levels.paper, ink).astype(np.uint8)
            levels = _levels(ink)
            labels, boxes = _marks(ink, levels)
    if len(cells):
        walls = cell_walls(_mask(ink, levels), cells)
        if walls.any():
            ruled, ink = True, np.where(walls > 0, levels.paper, ink).astype(np.uint8)
            levels = _levels(ink)
            labels, boxes = _marks(ink, levels)
    firm = _firm(ink, levels, labels, boxes)
    outside, _ = edges(labels, boxes)
    if firm[~outside].any():
        firm[outside] = 0
    cells = without_squared_paper(cells, boxes, firm)
    taken_out = {"lines": ruled, "noise": noisy, "stripes": striped}
    removed = tuple(name for name, applies in taken_out.items() if applies)
    return Ink(_stretched(ink, levels), labels, boxes, firm, cells, levels, inverted, flattened, removed)


def _longer_than_digits(boxes: MatLike, firm: NDArray[np.intp], ink: Grey) -> float:
    """The length from which a straight line is longer than what is written, if any mark is so long; else 0."""
    longer = boxes[:, 2:].max(axis=1)
    sizes = np.sqrt(boxes[:, 2] * boxes[:, 3])
    usual = firm * (longer < LONG_MARK * max(ink.shape))
    if np.count_nonzero(usual) < SEVERAL:
        return 0.0
    order = np.argsort(sizes)
    covered = np.cumsum(usual[order])
    length = DIGITS_LONG * float(sizes[order[np.searchsorted(covered, covered[-1] / 2)]])
    return length if np.any(firm[longer >= length]) and length >= SMALLEST_RULED / 2 else 0.0


def _firm(ink: Grey, levels: Levels, labels: MatLike, boxes: MatLike) -> NDArray[np.intp]:
    """Surely inked pixels of each mark, as in `Ink`."""
    firm = np.bincount(labels[ink > levels.at(FIRM)], minlength=len(boxes))
    firm[0] = 0
    return firm


def _without_grain(light: Grey) -> tuple[Grey, Levels, MatLike, MatLike]:
    """Light ink on grainy paper, smoothed, on even paper; grain that is left counts as paper if it is still specks."""
    scale = stroke_scale(light)
    ink = without_paper(smoothed(light, scale))
    levels = _levels(ink)
    labels, boxes = _marks(ink, levels)
    for _ in range(MOST_RAISES):
        if not in_specks(_firm(ink, levels, labels, boxes), scale):
            break
        levels = _darker_than_print(ink, levels)
        labels, boxes = _marks(ink, levels)
    return ink, levels, labels, boxes


def _levels(ink: Grey) -> Levels:
    """Paper and ink by Otsu's threshold (1979), the paper's noise by its median absolute deviation."""
    otsu, _ = cv2.threshold(ink, 0, 255, cv2.THRESH_OTSU)
    split = max(int(otsu), int(ink.min())) + 1
    counts = cv2.calcHist([ink], [0], None, [256], [0, 256]).ravel()
    paper = _quantile(counts[:split], 0.5)
    inked = counts[split:]
    full = split + _quantile(inked, FULL) if inked.any() else paper
    deviations = np.bincount(np.abs(np.arange(split) - paper), weights=counts[:split])
    noise = 1.4826 * _quantile(deviations, 0.5)
    return Levels(paper, noise, min(paper + NOISE * noise, full), full)


def _quantile(counts: MatLike, share: float) -> int:
    total = np.cumsum(counts)
    return int(np.searchsorted(total, share * total[-1]))


def _marks(ink: Grey, levels: Levels) -> tuple[MatLike, MatLike]:
    """Labels and boxes of the connected components, as in `Ink`; number 0 is the paper."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(_mask(ink, levels), connectivity=8)
    return labels, stats[:, :4]


def _mask(ink: Grey, levels: Levels) -> Grey:
    return cv2.threshold(ink, levels.at(SOFT), 255, cv2.THRESH_BINARY)[1]


def _any_spans(boxes: MatLike, ink: Grey) -> bool:
    """Whether a mark runs through the picture, as printed lines do."""
    height, width = ink.shape
    return bool(np.any((boxes[1:, 2] >= SPAN * width) | (boxes[1:, 3] >= SPAN * height)))


def _without_lines(ink: Grey, levels: Levels) -> tuple[Grey, Levels, MatLike, MatLike]:
    """The ink without printed lines; print that is clearly lighter than the pen counts as paper."""
    height, width = ink.shape
    least = LEAST_SPAN * max(height, width)
    shortest = max(SPAN * width, least), max(SPAN * height, least)
    lines = printed_lines(_mask(ink, levels), shortest, alone=False) > 0
    if not lines.any():
        return ink, levels, *_marks(ink, levels)
    printed = float(np.quantile(ink[lines], PRINT))
    rest = np.where(lines, levels.paper, ink).astype(np.uint8)
    levels = _levels(rest)
    if printed < FIRM * levels.ink:
        levels = replace(levels, floor=max(levels.floor, (printed - SOFT * levels.ink) / (1 - SOFT)))
    return rest, levels, *_marks(rest, levels)


def _darker_than_print(ink: Grey, levels: Levels) -> Levels:
    """The levels at which print is paper, if it is lighter than the pen (Otsu's threshold among the inked pixels)."""
    split, _ = cv2.threshold(ink[ink > levels.at(SOFT)], 0, 255, cv2.THRESH_OTSU)
    pen = ink[ink > split]
    full = int(np.median(pen)) if pen.size else levels.ink
    return replace(levels, floor=max((split - SOFT * full) / (1 - SOFT), levels.floor), ink=full)


def _stretched(ink: Grey, levels: Levels) -> Grey:
    """The paper's upper end becomes 0, full ink 255."""
    steps = (np.arange(256) - levels.floor) * (255 / max(levels.ink - levels.floor, 1))
    return cv2.LUT(ink, np.clip(np.rint(steps), 0, 255).astype(np.uint8))
