"""The fifteen corruptions of MNIST-C, each a function from a digit to the corrupted digit.

Source: Mu & Gilmer, "MNIST-C: A Robustness Benchmark for Computer Vision" (2019), with the severities of the published
data set. The corruptions are computed here instead of downloaded, so they apply to any digits.
"""

from collections.abc import Callable
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray
from skimage.feature import canny
from skimage.filters import gaussian
from skimage.transform import AffineTransform, warp
from skimage.util import random_noise

from app.lenet.image_types import GreyImage

Intensities = NDArray[np.float64]  # (28, 28), from 0 to 1
Random = np.random.Generator

_SIDE = 28
_CENTRE = (_SIDE - 1) / 2


def corrupted(kind: str, digits: GreyImage) -> GreyImage:
    """Return digits (N, 28, 28) under the corruption `kind`, always in the same way.

    Raises `KeyError` if there is no such corruption.
    """
    corruption = CORRUPTIONS[kind]
    random = np.random.default_rng(list(CORRUPTIONS).index(kind))
    return np.stack([np.round(corruption(digit / 255, random).clip(0, 1) * 255) for digit in digits]).astype(np.uint8)


def shot_noise(digit: Intensities, random: Random) -> Intensities:
    """Return the digit with Poisson noise, as in low light."""
    return random.poisson(digit * 3) / 3


def impulse_noise(digit: Intensities, random: Random) -> Intensities:
    """Return the digit with 17 % of its pixels black or white."""
    return np.asarray(random_noise(digit, "s&p", rng=random, amount=0.17))


def glass_blur(digit: Intensities, random: Random) -> Intensities:
    """Return the digit behind frosted glass: blurred, with neighbours swapped at random, and blurred again."""
    blurred = np.asarray(gaussian(digit, 0.7)).tolist()  # a list, because indexing single pixels of an array is slow
    for _ in range(2):
        swapped, offsets = random.random((_SIDE, _SIDE)) < 0.5, random.integers(-1, 1, (_SIDE, _SIDE, 2)).tolist()
        for y, x in (np.argwhere(swapped[2:, 2:])[::-1] + 2).tolist():
            down, right = y + offsets[y][x][0], x + offsets[y][x][1]
            blurred[y][x], blurred[down][right] = blurred[down][right], blurred[y][x]
    return np.asarray(gaussian(np.asarray(blurred), 0.7))


def motion_blur(digit: Intensities, random: Random) -> Intensities:
    """Return the digit blurred by half a Gaussian, deviation 3 over 21 pixels, within 45 degrees of the horizontal."""
    angle = np.deg2rad(random.uniform(-45, 45))
    steps = np.arange(21)
    along = np.rint(np.outer((np.sin(angle), np.cos(angle)), steps)).astype(int) + 20
    kernel = np.zeros((41, 41))
    np.add.at(kernel, tuple(along), np.exp(-(steps**2) / (2 * 3**2)))
    return np.asarray(cv2.filter2D(digit, -1, kernel / kernel.sum(), borderType=cv2.BORDER_REPLICATE))


def shear(digit: Intensities, random: Random) -> Intensities:
    """Return the digit sheared by 0.4 to the left or right."""
    return _mapped(digit, AffineTransform(shear=0.4 * _sign(random)))


def scale(digit: Intensities, _: Random) -> Intensities:
    """Return the digit scaled to 0.7 of its size."""
    return _mapped(digit, AffineTransform(scale=1 / 0.7))


def rotate(digit: Intensities, random: Random) -> Intensities:
    """Return the digit rotated by 0.4 radians in either direction."""
    return _mapped(digit, AffineTransform(rotation=0.4 * _sign(random)))


def brightness(digit: Intensities, _: Random) -> Intensities:
    """Return the digit on a background half as bright as its ink."""
    return digit + 0.5


def translate(digit: Intensities, random: Random) -> Intensities:
    """Return the digit shifted by 3 pixels in x and in y."""
    return np.asarray(warp(digit, AffineTransform(translation=(3 * _sign(random), 3 * _sign(random)))))


def stripe(digit: Intensities, _: Random) -> Intensities:
    """Return the digit with the outer quarters of the picture inverted."""
    striped: Intensities = digit.copy()
    striped[:, :7] = 1 - striped[:, :7]
    striped[:, 21:] = 1 - striped[:, 21:]
    return striped


def fog(digit: Intensities, random: Random) -> Intensities:
    """Return the digit in fog three times as bright, made by the diamond-square algorithm."""
    brightest = digit.max()
    foggy: Intensities = digit + 3.0 * _plasma(random, 256, 1.4)[:_SIDE, :_SIDE]
    return np.asarray(foggy * (brightest / (brightest + 3.0)))


def spatter(digit: Intensities, random: Random) -> Intensities:
    """Return the digit with drops of mud on it."""
    liquid = gaussian(random.normal(0.65, 0.3, digit.shape), 1)
    drops = gaussian((liquid > 0.65).astype(np.float64), 1.5)
    drops[drops < 0.8] = 0
    return np.asarray(digit * (1 - drops) + 63 / 255 * drops)


def dotted_line(digit: Intensities, random: Random) -> Intensities:
    """Return the digit crossed by a dashed line from the left border to the right."""
    start, end = random.integers(0, 27, 2)
    line = _line(0, start, 27, end)
    line[:, np.arange(_SIDE) % 4 < 2] = 0
    return digit + line


def zigzag(digit: Intensities, random: Random) -> Intensities:
    """Return the digit crossed by a zigzag line with teeth 2 pixels high and 4 pixels long."""
    left, right, tooth = 2, 25, 2.0
    start = random.integers(0, 27)
    angle = np.arctan(random.integers(-5, 5) / (right - left))
    length = (right - left) / np.cos(angle)
    teeth = int((length - tooth) // (2 * tooth)) + 1
    knots = [(0.0, 0.0), *((tooth * (2 * n + 1), tooth * (-1) ** n) for n in range(teeth))]
    rest = length - 2 * tooth * (length // (2 * tooth))
    if rest:
        knots.append((length, knots[-1][1] / (2 * rest)))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    turned = np.array(knots) @ turn.T + np.array((left, start))
    crossed = digit
    for (x0, y0), (x1, y1) in pairwise(turned):
        crossed = np.clip(crossed + _line(x0, y0, x1, y1), 0, 1)
    return crossed


def canny_edges(digit: Intensities, _: Random) -> Intensities:
    """Return the edges of the digit (Canny 1986)."""
    return np.asarray(canny(digit), np.float64)


CORRUPTIONS: dict[str, Callable[[Intensities, Random], Intensities]] = {
    function.__name__: function
    for function in (
        shot_noise,
        impulse_noise,
        glass_blur,
        motion_blur,
        shear,
        scale,
        rotate,
        brightness,
        translate,
        stripe,
        fog,
        spatter,
        dotted_line,
        zigzag,
        canny_edges,
    )
}

# Recipes with distortions train on similar ones: `training/synthesis/augmentation.py` and `degradation.py`.
SIMILAR_IN_TRAINING = frozenset(
    ("impulse_noise", "motion_blur", "shear", "scale", "rotate", "translate", "dotted_line", "zigzag", "canny_edges")
)


def _sign(random: Random) -> int:
    return int(random.choice((-1, 1)))


def _mapped(digit: Intensities, transform: AffineTransform) -> Intensities:
    """Apply a linear map about the centre of the picture."""
    middle = np.array([_CENTRE, _CENTRE])
    matrix = transform.params.copy()
    matrix[:2, 2] = middle - matrix[:2, :2] @ middle
    return np.asarray(warp(digit, AffineTransform(matrix=matrix)))


def _line(x0: float, y0: float, x1: float, y1: float) -> Intensities:
    """Return a line from column `x0` to `x1` that fades out over 2.3 pixels above and below."""
    if x0 == x1:
        return np.zeros((_SIDE, _SIDE))
    x, y = np.meshgrid(np.arange(_SIDE), np.arange(_SIDE), sparse=True)
    distance = np.abs(y - ((y1 - y0) / (x1 - x0) * (x - x0) + y0)).clip(0, 2.3 - 1e-10)
    line: Intensities = (np.log(1 - distance / 2.3) + 1).clip(0, 1)
    line[:, : int(np.floor(x0))] = 0
    line[:, int(np.ceil(x1)) :] = 0
    return line


def _plasma(random: Random, side: int, decay: float) -> Intensities:
    """Return plasma noise (side, side) from 0 to 1, rougher for a smaller `decay`, by midpoint displacement on a torus.

    Source: Fournier, Fussell & Carpenter, "Computer Rendering of Stochastic Models" (1982).
    """
    cloud, step, rough = np.zeros((side, side)), side, 100.0

    def displaced(total: Intensities) -> Intensities:
        return np.asarray(total / 4 + rough * random.uniform(-rough, rough, total.shape))

    while step >= 2:
        half = step // 2
        corners = cloud[::step, ::step]
        pairs = corners + np.roll(corners, -1, 0)
        cloud[half::step, half::step] = displaced(pairs + np.roll(pairs, -1, 1))
        middles = cloud[half::step, half::step]
        left_right = corners + np.roll(corners, -1, 1)
        cloud[::step, half::step] = displaced(middles + np.roll(middles, 1, 0) + left_right)
        up_down = corners + np.roll(corners, -1, 0)
        cloud[half::step, ::step] = displaced(middles + np.roll(middles, 1, 1) + up_down)
        step, rough = half, rough / decay
    cloud -= cloud.min()
    return np.asarray(cloud / cloud.max())
