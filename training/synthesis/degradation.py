"""Degraded MNIST digits: crossed by a stray stroke, with impulse noise, motion-blurred, or only their outline."""

import cv2
import numpy as np
from numpy.typing import NDArray

from app.lenet.image_types import GreyImage
from training.data.mnist import Digits
from training.synthesis.drawing import CANVAS, place


def degraded_digits(random: np.random.Generator, count: int, digits: Digits) -> tuple[GreyImage, NDArray[np.int64]]:
    """Return `count` of the digits, degraded, and their labels: (count, 28, 28) and (count,)."""
    chosen = random.choice(len(digits.images), count, replace=count > len(digits.images))
    return np.stack([_degraded(random, digits.images[index]) for index in chosen]), digits.labels.numpy()[chosen]


def _degraded(random: np.random.Generator, digit: GreyImage) -> GreyImage:
    kind = random.random()
    if kind < 0.4:
        return place(_with_stray_stroke(random, digit))
    if kind < 0.6:
        return place(_with_impulse_noise(random, digit))
    if kind < 0.8:
        return place(_motion_blurred(random, digit))
    if kind < 0.9:
        return place(np.asarray(cv2.Canny(digit, 80, 200), np.uint8))
    return place(np.asarray(cv2.morphologyEx(digit, cv2.MORPH_GRADIENT, np.ones((2, 2), np.uint8)), np.uint8))


def _with_stray_stroke(random: np.random.Generator, digit: GreyImage) -> GreyImage:
    """Draw a straight, dotted or zigzag stroke across the digit."""
    start, end = random.uniform(0, CANVAS, (2, 2))
    steps = np.linspace(0, 1, int(random.integers(2, 12)))[:, None]
    across = np.array([start[1] - end[1], end[0] - start[0]]) / (np.hypot(*(end - start)) + 1e-9)
    knots = (
        start + (end - start) * steps + across * random.uniform(0, 10) * (np.arange(len(steps)) % 2 * 2 - 1)[:, None]
    )
    canvas, width = np.zeros((CANVAS, CANVAS), np.uint8), int(random.integers(2, 8))
    if random.random() < 0.4:
        for x, y in knots:
            cv2.circle(canvas, (int(x), int(y)), width, 255, -1)
    else:
        shade = int(random.integers(120, 256))
        cv2.polylines(canvas, [knots.astype(np.int32)], False, shade, width, cv2.LINE_AA)
    small = cv2.resize(canvas, digit.shape, interpolation=cv2.INTER_AREA)
    return np.maximum(digit, np.asarray(small, np.uint8))


def _with_impulse_noise(random: np.random.Generator, digit: GreyImage) -> GreyImage:
    noise, share = random.random(digit.shape), random.uniform(0.01, 0.15)
    return np.where(noise < share, 255, np.where(noise > 1 - share, 0, digit)).astype(np.uint8)


def _motion_blurred(random: np.random.Generator, digit: GreyImage) -> GreyImage:
    """Blur along one direction, as a moving camera does."""
    size = int(random.integers(4, 9))
    line = np.zeros((size, size), np.float32)
    line[size // 2] = 1 / size
    turn = cv2.getRotationMatrix2D(((size - 1) / 2, (size - 1) / 2), float(random.uniform(0, 180)), 1)
    blurred = cv2.filter2D(digit, -1, cv2.warpAffine(line, turn, (size, size)))
    return np.asarray(blurred * (255 / max(int(blurred.max()), 1)), np.uint8)
