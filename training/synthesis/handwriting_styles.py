"""Digits in styles that MNIST lacks: crossed sevens, ones with a flag or a foot, open fours, hooked nines."""

import numpy as np
from numpy.typing import NDArray

from app.lenet.image_types import GreyImage
from training.synthesis.drawing import draw_strokes, place, rounded
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
    (7, True, (((0, 0), (0.8, 0), (0.85, 0.05), (0.5, 0.5), (0.35, 1)),)),
    (4, False, (((0.2, 0), (0.05, 0.55), (0.9, 0.55)), ((0.7, 0.2), (0.65, 1)))),
    (4, False, (((0.1, 0), (0.1, 0.5), (0.75, 0.5)), ((0.75, 0), (0.75, 1)))),
    (4, False, (((0.6, 0), (0, 0.65), (0.95, 0.65)), ((0.6, 0), (0.6, 1)))),
    (4, False, (((0.45, 0), (0, 0.6), (0.9, 0.6)), ((0.65, 0.3), (0.6, 1)))),
    (4, False, (((0.65, 0), (0.1, 0.45), (0.8, 0.35), (0.3, 1)),)),
    (4, True, (((0.6, 0), (0.35, 0.2), (0.1, 0.45), (0.4, 0.45), (0.8, 0.35), (0.6, 0.6), (0.25, 1)),)),
    (4, False, (((0.5, 0), (0.05, 0.6), (0.85, 0.5)), ((0.7, 0.25), (0.4, 1)))),
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
    (0, True, (((0.5, 0), (0.1, 0.3), (0.15, 0.85), (0.5, 1), (0.9, 0.7), (0.85, 0.2), (0.5, 0), (0.3, 0.1)),)),
)


def styled_digits(random: np.random.Generator, count: int) -> tuple[GreyImage, NDArray[np.int64]]:
    """Return `count` digits and their labels, (count, 28, 28) and (count,): 60 % handwritten, 40 % from fonts."""
    handwritten, printed = count * 6 // 10, count * 2 // 10
    digits = [_handwritten(random) for _ in range(handwritten)]
    digits += [_labelled(*printed_character(random, _DIGITS)) for _ in range(printed)]
    digits += [_labelled(*hershey_character(random, _DIGITS)) for _ in range(count - handwritten - printed)]
    return np.stack([picture for picture, _ in digits]), np.array([label for _, label in digits])


def _handwritten(random: np.random.Generator) -> tuple[GreyImage, int]:
    """Draw a digit in a random style, with a random tremor of its knots."""
    digit, soft, strokes = _STYLES[random.integers(len(_STYLES))]
    narrow = random.uniform(0.45, 1.0)
    lines = [(np.array(line) + random.normal(0, _TREMOR, (len(line), 2))) * [narrow, 1] for line in strokes]
    curves = [rounded(line, 3 if soft else int(random.integers(3))) for line in lines]
    return place(draw_strokes(curves, int(random.integers(5, 20)))), digit


def _labelled(picture: GreyImage, character: str) -> tuple[GreyImage, int]:
    return picture, int(character)
