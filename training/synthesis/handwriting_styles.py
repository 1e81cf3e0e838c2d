"""Digits in styles that MNIST lacks: crossed sevens, flagged and footed ones, one-stroke fours, displays, print."""

import cv2
import numpy as np
from numpy.typing import NDArray

from app.lenet.image_types import GreyImage
from training.synthesis.drawing import CANVAS, MARGIN, draw_strokes, place, rounded
from training.synthesis.fonts import hershey_character, printed_character

Stroke = tuple[tuple[float, float], ...]

_TREMOR = 0.045  # standard deviation of each knot, in the unit square
_DIGITS = "0123456789"

# Digit, whether its corners are always rounded, and its strokes: knots in the unit square, y pointing down.
_STYLES: tuple[tuple[int, bool, tuple[Stroke, ...]], ...] = (
    (1, False, (((0.2, 0.3), (0.55, 0), (0.55, 1)),)),
    (1, False, (((0.1, 0.45), (0.6, 0), (0.6, 1)),)),
    (1, False, (((0, 0.55), (0.55, 0), (0.45, 1)),)),
    (1, False, (((0.1, 0.35), (0.5, 0), (0.45, 1), (0.1, 1), (0.9, 0.95)),)),
    (1, False, (((0.2, 0.25), (0.5, 0), (0.5, 1)), ((0.15, 1), (0.85, 1)))),
    (1, False, (((0.5, 0), (0.5, 1)), ((0.2, 1), (0.8, 1)))),
    (7, False, (((0, 0.05), (0.8, 0), (0.35, 1)), ((0.2, 0.5), (0.75, 0.5)))),
    (7, False, (((0, 0.2), (0.02, 0), (0.85, 0), (0.35, 1)), ((0.25, 0.55), (0.8, 0.45)))),
    (7, True, (((0, 0.15), (0.1, 0), (0.85, 0.02), (0.5, 0.45), (0.4, 1)), ((0.2, 0.5), (0.8, 0.5)))),
    (7, False, (((0, 0.25), (0.1, 0.05), (0.9, 0.02), (0.35, 1)), ((0.1, 0.7), (0.8, 0.4)))),
    (7, False, (((0, 0.25), (0, 0), (0.8, 0), (0.4, 1)),)),
    (7, False, (((0.05, 0.3), (0, 0.1), (0.65, 0), (0.6, 1)),)),
    (7, True, (((0, 0), (0.8, 0), (0.85, 0.05), (0.5, 0.5), (0.35, 1)),)),
    (4, False, (((0.2, 0), (0.05, 0.55), (0.9, 0.55)), ((0.7, 0.2), (0.65, 1)))),
    (4, False, (((0.1, 0), (0.1, 0.5), (0.75, 0.5)), ((0.75, 0), (0.75, 1)))),
    (4, False, (((0.6, 0), (0, 0.65), (0.95, 0.65)), ((0.6, 0), (0.6, 1)))),
    (4, False, (((0.45, 0), (0, 0.6), (0.9, 0.6)), ((0.65, 0.3), (0.6, 1)))),
    (4, False, (((0.65, 0), (0.1, 0.45), (0.8, 0.35), (0.3, 1)),)),
    (4, True, (((0.6, 0), (0.35, 0.2), (0.1, 0.45), (0.4, 0.45), (0.8, 0.35), (0.6, 0.6), (0.25, 1)),)),
    (4, False, (((0.5, 0), (0.05, 0.6), (0.85, 0.5)), ((0.7, 0.25), (0.4, 1)))),
    (4, True, (((0.9, 0.15), (0.75, 0), (0.3, 0.3), (0.15, 0.5), (0.85, 0.4), (0.8, 0.6), (0.4, 1)),)),
    (4, True, (((1, 0.1), (0.75, 0), (0.2, 0.35), (0.1, 0.55), (0.7, 0.45), (0.95, 0.5), (0.7, 1)),)),
    (4, False, (((0.85, 0.1), (0.7, 0), (0.1, 0.5), (0.9, 0.45), (0.4, 1)),)),
    (4, True, (((0.7, 0), (0.2, 0.25), (0.15, 0.5), (0.9, 0.45), (0.7, 1)),)),
    (9, True, (((0.85, 0.2), (0.5, 0), (0.1, 0.2), (0.4, 0.5), (0.85, 0.2), (0.85, 0.75), (0.5, 1), (0.1, 0.85)),)),
    (9, True, (((0.8, 0.2), (0.45, 0), (0.1, 0.22), (0.4, 0.45), (0.8, 0.15), (0.8, 0.3), (0.75, 1)),)),
    (9, True, (((0.8, 0.1), (0.4, 0), (0.1, 0.25), (0.4, 0.5), (0.8, 0.15), (0.85, 0.9), (0.5, 1), (0.3, 0.8)),)),
    (6, True, (((0.8, 0), (0.2, 0.4), (0.1, 0.85), (0.5, 1), (0.85, 0.75), (0.5, 0.5), (0.12, 0.75)),)),
    (6, True, (((0.4, 0), (0.1, 0.6), (0.2, 1), (0.6, 1), (0.8, 0.7), (0.5, 0.55), (0.1, 0.8)),)),
    (2, True, (((0.05, 0.25), (0.4, 0), (0.85, 0.2), (0.6, 0.6), (0, 1), (0.05, 1), (0.9, 1), (0.95, 1)),)),
    (2, True, (((0.1, 0.2), (0.5, 0), (0.8, 0.3), (0.2, 0.95), (0.05, 0.8), (0.3, 0.75), (0.6, 1), (0.95, 0.95)),)),
    (3, False, (((0.05, 0), (0.85, 0), (0.4, 0.4), (0.85, 0.6), (0.7, 0.95), (0.05, 0.95)),)),
    (3, True, (((0.05, 0.15), (0.5, 0), (0.85, 0.25), (0.3, 0.47), (0.9, 0.6), (0.7, 1), (0.05, 0.9)),)),
    (5, True, (((0.15, 0), (0.1, 0.45), (0.5, 0.35), (0.9, 0.65), (0.55, 1), (0.05, 0.9)), ((0.15, 0), (0.85, 0)))),
    (5, False, (((0.9, 0), (0.15, 0), (0.1, 0.45), (0.6, 0.4), (0.85, 0.7), (0.6, 1), (0.05, 0.95)),)),
    (8, True, (((0.8, 0.15), (0.4, 0), (0.15, 0.25), (0.8, 0.75), (0.5, 1), (0.1, 0.8), (0.8, 0.2), (0.75, 0.1)),)),
    (
        8,
        True,
        (((0.5, 0), (0.15, 0.2), (0.5, 0.47), (0.9, 0.75), (0.5, 1), (0.1, 0.75), (0.5, 0.47), (0.85, 0.2), (0.5, 0)),),
    ),
    # Zeros with a slash or a dot.
    (
        0,
        True,
        (((0.5, 0), (0.1, 0.2), (0.1, 0.8), (0.5, 1), (0.9, 0.8), (0.9, 0.2), (0.5, 0)), ((0.8, 0.2), (0.2, 0.8))),
    ),
    (
        0,
        True,
        (((0.5, 0), (0.1, 0.2), (0.1, 0.8), (0.5, 1), (0.9, 0.8), (0.9, 0.2), (0.5, 0)), ((0.5, 0.5), (0.5, 0.5))),
    ),
    # As displays and square typefaces have them.
    (0, False, (((0, 0), (0.9, 0), (0.9, 1), (0, 1), (0, 0)),)),
    (2, False, (((0, 0), (0.9, 0), (0.9, 0.5), (0, 0.5), (0, 1), (0.9, 1)),)),
    (3, False, (((0, 0), (0.9, 0), (0.9, 1), (0, 1)), ((0.15, 0.5), (0.9, 0.5)))),
    (5, False, (((0.9, 0), (0, 0), (0, 0.5), (0.9, 0.5), (0.9, 1), (0, 1)),)),
    (6, False, (((0.9, 0.1), (0.9, 0), (0, 0), (0, 1), (0.9, 1), (0.9, 0.45), (0, 0.45)),)),
    (6, False, (((0.8, 0), (0, 0), (0, 1), (0.8, 1), (0.8, 0.5), (0, 0.5)),)),
    (8, False, (((0, 0), (0.9, 0), (0.9, 1), (0, 1), (0, 0)), ((0, 0.5), (0.9, 0.5)))),
    (9, False, (((0.9, 0.5), (0, 0.5), (0, 0), (0.9, 0), (0.9, 1), (0.1, 1)),)),
    (0, True, (((0.5, 0), (0.1, 0.3), (0.15, 0.85), (0.5, 1), (0.9, 0.7), (0.85, 0.2), (0.5, 0), (0.3, 0.1)),)),
)


def styled_digits(random: np.random.Generator, count: int) -> tuple[GreyImage, NDArray[np.int64]]:
    """Return `count` digits and their labels, (count, 28, 28) and (count,): half by hand, the rest print and pens."""
    by_hand, by_print, flagged = count * 5 // 10, count * 3 // 10, count // 20
    digits = [written(random) for _ in range(by_hand)]
    digits += [_labelled(*printed_character(random, _DIGITS)) for _ in range(by_print)]
    digits += [(_flagged_one(random), 1) for _ in range(flagged)]
    digits += [_labelled(*hershey_character(random, _DIGITS)) for _ in range(count - by_hand - by_print - flagged)]
    return np.stack([picture for picture, _ in digits]), np.array([label for _, label in digits])


def written(random: np.random.Generator) -> tuple[GreyImage, int]:
    """Write a digit with a shaky hand in one of the styles."""
    digit, soft, strokes = _STYLES[random.integers(len(_STYLES))]
    narrow = random.uniform(0.45, 1.0)
    lines = [(np.array(line) + random.normal(0, _TREMOR, (len(line), 2))) * [narrow, 1] for line in strokes]
    curves = [rounded(line, 3 if soft else int(random.integers(3))) for line in lines]
    return place(draw_strokes(curves, int(random.integers(5, 20)))), digit


def _flagged_one(random: np.random.Generator) -> GreyImage:
    """Print a 1: an upright or slanted stem with a flag of any length and angle, now and then with a foot."""
    stem, flag = random.uniform(0.07, 0.32), random.uniform(0.06, 0.26)  # their widths, of the height
    reach, drop = stem + random.uniform(0.1, 0.42), random.uniform(0.05, 0.4)
    x = 0.6
    outline = [(x, 0), (x, 1), (x - stem, 1), (x - stem, flag + drop * stem / reach), (x - reach, drop + flag)]
    outline += [(x - reach, drop), (x - stem * random.uniform(0.4, 1), 0)]
    corners = [np.array(outline)]
    if random.random() < 0.3:
        left, right, high = random.uniform(0.1, 0.3), random.uniform(0.1, 0.3), random.uniform(0.05, 0.18)
        foot = [(x - stem - left, 1), (x + right, 1), (x + right, 1 - high), (x - stem - left, 1 - high)]
        corners.append(np.array(foot))
    slant = random.uniform(-0.1, 0.35)
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    for polygon in corners:
        sheared = polygon + np.stack([slant * (0.5 - polygon[:, 1]), np.zeros(len(polygon))], axis=1)
        cv2.fillPoly(canvas, [np.round(MARGIN + sheared * (CANVAS - 2 * MARGIN)).astype(np.int32)], 255, cv2.LINE_AA)
    return place(canvas)


def _labelled(picture: GreyImage, character: str) -> tuple[GreyImage, int]:
    return picture, int(character)
