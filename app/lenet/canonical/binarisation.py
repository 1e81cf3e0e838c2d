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
    found = _marks(ink, _levels(ink))
    if len(found.boxes) > FEW and in_specks(found.firm(), stroke_scale(light)):
        found, flattened, noisy = _without_grain(light), True, True
    cells = form_cells(found.mask())
    with_lines = found
    if _any_spans(found):
        found = _without_lines(found)
        if not flattened and edges(found.labels, found.boxes)[1]:
            ink, flattened = without_paper(light), True
            found = _marks(ink, _levels(ink))
    firm, with_rules = found.firm(), found
    if rules := _longer_than_digits(found, firm):
        found = _painted_over(found, printed_lines(found.mask(), (rules, rules), alone=True))
    if len(cells):
        found = _painted_over(found, cell_walls(found.mask(), cells))
    if found is not with_rules:
        firm = found.firm()
    outside, _ = edges(found.labels, found.boxes)
    if firm[~outside].any():
        firm[outside] = 0
    taken_out = {"lines": found is not with_lines, "noise": noisy, "stripes": striped}
    return Ink(
        sheet=_stretched(found.ink, found.levels),
        labels=found.labels,
        boxes=found.boxes,
        firm=firm,
        cells=without_squared_paper(cells, found.boxes, firm),
        levels=found.levels,
        inverted=inverted,
        flattened=flattened,
        removed=tuple(name for name, applies in taken_out.items() if applies),
    )


@dataclass(frozen=True, slots=True)
class _Marks:
    """Light ink [height, width] with its levels, and the labels and boxes of its marks as in `Ink`."""

    ink: Grey
    levels: Levels
    labels: MatLike
    boxes: MatLike

    def mask(self) -> Grey:
        """255 where there is ink, 0 elsewhere."""
        return _mask(self.ink, self.levels)

    def firm(self) -> NDArray[np.intp]:
        """Surely inked pixels of each mark."""
        firm = np.bincount(self.labels[self.ink > self.levels.at(FIRM)], minlength=len(self.boxes))
        firm[0] = 0
        return firm


def _marks(ink: Grey, levels: Levels) -> _Marks:
    """The connected components of the ink; number 0 is the paper."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(_mask(ink, levels), connectivity=8)
    return _Marks(ink, levels, labels, stats[:, :4])


def _mask(ink: Grey, levels: Levels) -> Grey:
    return cv2.threshold(ink, levels.at(SOFT), 255, cv2.THRESH_BINARY)[1]


def _longer_than_digits(found: _Marks, firm: NDArray[np.intp]) -> float:
    """The length from which a straight line is longer than what is written, if any mark is so long; else 0."""
    boxes = found.boxes
    longer = boxes[:, 2:].max(axis=1)
    sizes = np.sqrt(boxes[:, 2] * boxes[:, 3])
    usual = firm * (longer < LONG_MARK * max(found.ink.shape))
    if np.count_nonzero(usual) < SEVERAL:
        return 0.0
    order = np.argsort(sizes)
    covered = np.cumsum(usual[order])
    length = DIGITS_LONG * float(sizes[order[np.searchsorted(covered, covered[-1] / 2)]])
    return length if np.any(firm[longer >= length]) and length >= SMALLEST_RULED / 2 else 0.0


def _painted_over(found: _Marks, lines: Grey) -> _Marks:
    """The same with paper where `lines` are."""
    if not lines.any():
        return found
    rest = np.where(lines > 0, found.levels.paper, found.ink).astype(np.uint8)
    return _marks(rest, _levels(rest))


def _without_grain(light: Grey) -> _Marks:
    """Light ink on grainy paper, smoothed, on even paper; grain that is left counts as paper if it is still specks."""
    scale = stroke_scale(light)
    ink = without_paper(smoothed(light, scale))
    found = _marks(ink, _levels(ink))
    for _ in range(MOST_RAISES):
        if not in_specks(found.firm(), scale):
            break
        found = _marks(ink, _darker_than_grain(found))
    return found


def _any_spans(found: _Marks) -> bool:
    """Whether a mark runs through the picture, as printed lines do."""
    height, width = found.ink.shape
    spans = (found.boxes[1:, 2] >= SPAN * width) | (found.boxes[1:, 3] >= SPAN * height)
    return max(height, width) >= SMALLEST_RULED and bool(np.any(spans))


def _without_lines(found: _Marks) -> _Marks:
    """The ink without lines through the picture; print that is clearly lighter than the pen counts as paper."""
    height, width = found.ink.shape
    least = LEAST_SPAN * max(height, width)
    lines = printed_lines(found.mask(), (max(SPAN * width, least), max(SPAN * height, least)), alone=False)
    rest = _painted_over(found, lines)
    if rest is found:
        return found
    levels, printed = rest.levels, float(np.quantile(found.ink[lines > 0], PRINT))
    if printed >= FIRM * levels.ink:
        return rest
    return _marks(rest.ink, replace(levels, floor=max(levels.floor, (printed - SOFT * levels.ink) / (1 - SOFT))))


def _darker_than_grain(found: _Marks) -> Levels:
    """The levels at which the lighter of the inked pixels are paper, by Otsu's threshold among them."""
    ink, levels = found.ink, found.levels
    split, _ = cv2.threshold(ink[ink > levels.at(SOFT)], 0, 255, cv2.THRESH_OTSU)
    pen = ink[ink > split]
    full = int(np.median(pen)) if pen.size else levels.ink
    return replace(levels, floor=max((split - SOFT * full) / (1 - SOFT), levels.floor), ink=full)


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


def _stretched(ink: Grey, levels: Levels) -> Grey:
    """The paper's upper end becomes 0, full ink 255."""
    steps = (np.arange(256) - levels.floor) * (255 / max(levels.ink - levels.floor, 1))
    return cv2.LUT(ink, np.clip(np.rint(steps), 0, 255).astype(np.uint8))
