"""Out-of-distribution pictures, which hold no digit: the network learns to be unsure of them.

Source of the idea: Hendrycks, Mazeika & Dietterich, "Deep Anomaly Detection with Outlier Exposure" (2019). These come
from no data set: letters of free fonts, scribbles, torn digits, fragments, textures and filled shapes, all in MNIST's
form.
"""

import math
from collections.abc import Callable

import cv2
import numpy as np

from app.lenet.image_types import GreyImage
from training.data.mnist import Digits
from training.synthesis.drawing import CANVAS, draw_strokes, place, rounded
from training.synthesis.fonts import hershey_character, printed_character
from training.synthesis.fragments import part, remains, several

# Characters that look like digits are left out: O, I, l, S, Z, B, g, q and others.
_ASCII = "ACEFHKLMNPRTUVWXYacdefhkmnprtuvwxy+*#%&@=<>~$?{}"
_LETTERS = _ASCII + "ΓΔΞΠΣΦΨΩπτφψωμ"
_POINTS = '.,-:;="[]'


def out_of_distribution_pictures(random: np.random.Generator, count: int, digits: Digits) -> GreyImage:
    """Return `count` pictures of no digit: (count, 28, 28)."""
    kinds: tuple[tuple[int, Callable[[], GreyImage]], ...] = (
        (3, lambda: printed_character(random, _LETTERS)[0]),
        (2, lambda: hershey_character(random, _ASCII)[0]),
        (1, lambda: printed_character(random, _POINTS)[0]),
        (2, lambda: _torn_digits(random, digits)),
        (2, lambda: part(random, digits, lambda: _letter(random))),
        (3, lambda: several(random, digits, lambda: _letter(random))),
        (1, lambda: remains(random)),
        (1, lambda: _scribble(random)),
        (1, lambda: _texture(random)),
        (1, lambda: _shapes(random)),
    )
    makers = [make for weight, make in kinds for _ in range(weight)]
    return np.stack([makers[number % len(makers)]() for number in range(count)])


def _letter(random: np.random.Generator) -> GreyImage:
    return printed_character(random, _LETTERS)[0] if random.random() < 0.6 else hershey_character(random, _ASCII)[0]


def _scribble(random: np.random.Generator) -> GreyImage:
    """Draw two to four strokes that mean nothing."""
    lines = [rounded(random.random((int(random.integers(3, 7)), 2)), 3) for _ in range(random.integers(2, 5))]
    return place(draw_strokes(lines, int(random.integers(4, 16))))


def _torn_digits(random: np.random.Generator, digits: Digits) -> GreyImage:
    """Join parts of two different digits, overlay them, turn one on its side, or shuffle quarters of four."""
    images, labels = digits.images, digits.labels.numpy()
    one, two = random.integers(len(images), size=2)
    while labels[one] == labels[two]:
        two = random.integers(len(images))
    first, second = images[one], images[two]
    match random.integers(4):
        case 0 if random.random() < 0.3:
            return place(np.concatenate([np.roll(first, 8, axis=0)[:14], second[:14]]))
        case 0:
            return place(np.maximum(first, second))
        case 1:
            return place(np.concatenate([first[:, 4:24], second[:, 4:24]], axis=1))
        case 2 if labels[one] not in (0, 8):  # which look much the same on their side
            return place(np.ascontiguousarray(np.rot90(first, 1 + 2 * int(random.integers(2)))))
        case _:
            corners = ((0, 0), (0, 14), (14, 0), (14, 14))
            tiles = [images[random.integers(len(images))][y : y + 14, x : x + 14] for y, x in corners]
            order = random.permutation(4)
            return place(np.block([[tiles[order[0]], tiles[order[1]]], [tiles[order[2]], tiles[order[3]]]]))


def _texture(random: np.random.Generator) -> GreyImage:
    """Make a texture: noise of a random smoothness or waves, with or without a soft threshold."""
    kind = random.integers(4)
    if kind == 0:
        y, x = np.mgrid[:28, :28] * random.uniform(0.2, 1.6)
        angle = random.uniform(0, math.pi)
        field = np.sin(x * math.cos(angle) + y * math.sin(angle) + random.uniform(0, 6))
        field *= np.sin(-x * math.sin(angle) + y * math.cos(angle)) if random.random() < 0.5 else 1
    else:
        field = cv2.GaussianBlur(random.normal(0, 1, (28, 28)), (0, 0), random.uniform(0.3, 4))
    field = (field - field.min()) / (np.ptp(field) + 1e-9)
    if random.random() < 0.5:
        field = 1 / (1 + np.exp(-(field - random.uniform(0.35, 0.7)) * random.uniform(8, 60)))
    picture = np.asarray(field * random.uniform(0.4, 1) * 255).astype(np.uint8)
    return place(picture) if random.random() < 0.7 else picture


def _shapes(random: np.random.Generator) -> GreyImage:
    """Draw filled or outlined polygons and rectangles, some shaded, some with holes."""
    canvas = np.zeros((CANVAS, CANVAS), np.uint8)
    outline = random.random() < 0.3
    for _ in range(random.integers(1, 4)):
        n = int(random.integers(3, 9))
        angles = np.sort(random.uniform(0, 2 * math.pi, n))
        radius = random.uniform(12, 50, n)
        points = np.stack([np.cos(angles), np.sin(angles)], 1) * radius[:, None] + random.uniform(36, 76, 2)
        if random.random() < 0.4:
            points = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * random.uniform(8, 45, 2) + random.uniform(
                36, 76, 2
            )
        corners = [points.astype(np.int32)]
        if outline and n > 3:
            cv2.polylines(canvas, corners, True, 255, int(random.integers(4, 16)), cv2.LINE_AA)
        else:
            cv2.fillPoly(canvas, corners, int(random.choice([255, 255, 180, 120, 0])), cv2.LINE_AA)
    if random.random() < 0.3:
        canvas = (canvas * np.linspace(random.uniform(0.3, 1), 1, CANVAS)[:, None]).astype(np.uint8)
    return place(canvas)
