"""Impulse noise: pixels turned black or white at random, by bad transmission or a worn sensor."""

from dataclasses import replace

import cv2
import numpy as np

from app.lenet.canonical.ink import Ink

STANDS_OUT = 64
"""Grey levels by which an impulse differs from every pixel around it; ink and paper grain do not."""

NOISY = 0.015
"""Share of such pixels from which a picture counts as noisy: a digit of 28x28 has at most 0.007 of its own."""

_AROUND = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], np.uint8)


def remove_impulse_noise(ink: Ink) -> Ink:
    """Apply a median of 3x3 if the picture holds impulse noise."""
    grey = ink.sheet
    lightest, darkest = cv2.dilate(grey, _AROUND), cv2.erode(grey, _AROUND)
    unlike = cv2.max(cv2.subtract(grey, lightest), cv2.subtract(darkest, grey))
    if np.count_nonzero(unlike > STANDS_OUT) < NOISY * grey.size:
        return ink
    return replace(ink, sheet=cv2.medianBlur(grey, 3), removed=ink.removing("noise"))
