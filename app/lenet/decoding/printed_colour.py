"""The colour that a form is printed in, made to vanish as a scanner's drop-out lamp does it.

Forms are printed in a light colour so that what is written on them can be told from it. In the mixture of the colour
channels in which the print is as light as the paper, black pens and most others stay as dark as they were, where they
cross the print too.
"""

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from app.lenet.decoding.straight_lines import absorbed, components, reduced, straight
from app.lenet.image_types import GreyImage

INK = 26
"""Share of the paper's light, in 255ths, that ink takes away of a channel at least."""

MOST_INK = 0.4
"""Share of the pixels that are ink, at most; there is more where the background is darker than the ink."""

CHROMATIC = 20.0
"""Length of a pixel's difference from grey, in 255ths, from which ink has a hue."""

SAME_HUE = 30
"""Degrees to either side of a hue that are the same."""

HUES = 2
"""Hues looked at, the most frequent first."""

NOISIEST = 2.4
"""Length of the mixture's weights, at most: noise grows with it. That of brightness is 0.7."""

KEPT = 0.6
"""Share of its darkness that ink has in the mixture, at least, or else it is dropped."""

FAINT = 16
"""Darkness, in 255ths, below which it does not matter what is dropped."""

DARKER = 1.35
"""Darkness, as a multiple of the print's, from which ink of its hue is a pen's."""

WRITTEN = 0.05
"""Pixels of writing, at least, as a share of those of print."""

APART = 0.5
"""Share of the print, at least, that is not beside writing: the colour fringes of black lines are."""

AROUND = 0.25
"""Share of the writing, at least, that is inside the print's bounding box or no further from it than it is wide."""

STRAIGHT = 0.4
"""Share of the print, at least, that is on lines longer than a character."""

CROSSING = 0.15
"""Share of the print along x and along y, each, from which the lines are boxes or a comb, and need not be as long."""

SHORTEST = 1 / 20
"""Length of a printed line, as a share of the longer side, at least."""

SMALL_TEXT = 0.6
"""Size of printed text, at most, as a share of the writing's; larger characters in its colour may be written too."""

FEW = 0.05
"""Pixels of such larger characters, and of darker ones, at most, as a share of those of writing."""

LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_ACROSS = np.array([[2, -1, -1], [0, 3**0.5, -(3**0.5)]], np.float32) / 6**0.5  # two axes at right angles to grey

Floats = NDArray[np.float32]
Chosen = NDArray[np.bool_]


def without_printed_colour(rgb: NDArray[np.uint8]) -> GreyImage | None:
    """Return the picture [height, width, 3] as a grey one without the print of a form, uint8 [height, width].

    None unless there are two inks of clearly different colours, one of them printed: lighter than the other, and mostly
    in straight lines that are longer than the other's characters.
    """
    paper, taken = absorbed(reduced(rgb))
    red, green, blue = cv2.split(taken)
    inked = cv2.max(cv2.max(red, green), blue) >= INK
    if np.count_nonzero(inked) > MOST_INK * inked.size:
        return None
    ink = taken[inked].astype(np.float32)
    for hue in _hues(ink):
        mixture = _mixture(ink[hue])
        if mixture is not None and _drops_a_form(taken, mixture):
            light = np.median(paper.reshape(-1, 3), axis=0)
            weights = mixture * float(light @ LUMA) / np.maximum(light, 1)
            return np.asarray(cv2.transform(rgb, weights[np.newaxis]), np.uint8)
    return None


def _hues(ink: Floats) -> list[Chosen]:
    """Return which pixels of the ink [pixels, 3] have each of the most frequent hues."""
    across = ink @ _ACROSS.T
    chroma = np.hypot(across[:, 0], across[:, 1])
    degrees = np.degrees(np.arctan2(across[:, 1], across[:, 0]))
    left = chroma >= CHROMATIC
    found: list[Chosen] = []
    while left.any() and len(found) < HUES:
        counts, edges = np.histogram(degrees[left], 36, (-180, 180), weights=chroma[left])
        usual = edges[np.argmax(counts + np.roll(counts, 1) + np.roll(counts, -1))] + 5
        same = np.abs((degrees - usual + 180) % 360 - 180) <= SAME_HUE
        found.append(left & same)
        left &= ~same
    return found


def _mixture(printed: Floats) -> Floats | None:
    """Return the weights of the channels, 1 in all, that show nothing of the printed pixels [pixels, 3].

    Of all such weights, the shortest, which add the least noise; None where they would be long.
    """
    mean = printed.mean(axis=0) / 255
    conditions = np.stack((np.ones(3), mean))
    weights = conditions.T @ np.linalg.solve(conditions @ conditions.T + 1e-6 * np.eye(2), (1.0, 0.0))
    return None if np.linalg.norm(weights) > NOISIEST else weights.astype(np.float32)


def _drops_a_form(taken: MatLike, mixture: Floats) -> bool:
    """Whether what a mixture drops of the ink, uint8 [height, width, 3], is a form's, and what it keeps is writing."""
    bright, rest = (cv2.transform(taken, weights[np.newaxis]) for weights in (LUMA, mixture))
    kept = rest >= KEPT * bright
    dark, faded = kept & (rest >= INK), ~kept & (bright >= FAINT)
    writing, dropped = np.count_nonzero(dark), np.count_nonzero(faded)
    if not dropped or writing < max(1, WRITTEN * dropped):
        return False
    if np.quantile(bright[dark], 0.9) < np.quantile(bright[faded], 0.75):
        return False
    printed, written = (np.where(chosen, 255, 0).astype(np.uint8) for chosen in (faded, dark))
    apart = faded & (cv2.dilate(written, np.ones((5, 5), np.uint8)) == 0)
    if np.count_nonzero(apart) < APART * dropped:
        return False
    usual = float(np.median(cv2.dilate(bright, np.ones((3, 3), np.uint8))[apart]))  # of the middle of its lines
    darker = apart & (bright >= DARKER * usual)
    return bool(np.count_nonzero(darker) <= FEW * writing) and _is_form(printed, written)


def _is_form(printed: MatLike, written: MatLike) -> bool:
    """Whether a mask, 255 on 0, is mostly lines that are longer than the characters of another, which has few such."""
    sizes = _sizes(written)
    size, narrow = (_usual(sizes[:, side], sizes[:, 2]) for side in (0, 1))
    if _inside(written, printed, round(narrow)) < AROUND * cv2.countNonZero(written):
        return False
    length = max(size, SHORTEST * max(written.shape))
    lines = straight(printed, length)
    share = lines.along_x + lines.along_y
    if share < STRAIGHT:
        return False
    others = _sizes(lines.others)
    large = others[:, 1] >= SMALL_TEXT * narrow
    if others[large, 2].sum() > FEW * cv2.countNonZero(written):
        return False
    if min(lines.along_x, lines.along_y) < CROSSING and lines.far_along_x < STRAIGHT:
        return False
    strokes = straight(written, length)
    return strokes.along_x + strokes.along_y < share / 2


def _inside(written: MatLike, printed: MatLike, margin: int) -> int:
    """Return how many pixels of a mask are inside another's bounding box, or near it."""
    x, y, width, height = cv2.boundingRect(printed)
    part = slice(max(0, y - margin), y + height + margin), slice(max(0, x - margin), x + width + margin)
    return cv2.countNonZero(written[part])


def _sizes(mask: MatLike) -> NDArray[np.int32]:
    """Return the longer side, the shorter side and the pixels of each component of a mask, [components, 3]."""
    stats = components(mask)[1][1:]
    sides = stats[:, cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1]
    return np.stack((sides.max(axis=1), sides.min(axis=1), stats[:, cv2.CC_STAT_AREA]), axis=1)


def _usual(sizes: NDArray[np.int32], pixels: NDArray[np.int32]) -> float:
    """Return the size at which half the pixels are in smaller components."""
    order = np.argsort(sizes)
    return float(sizes[order][np.searchsorted(np.cumsum(pixels[order]), pixels.sum() / 2)])
