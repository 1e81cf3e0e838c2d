"""Impulse noise: pixels turned black or white at random, as bad transmission and worn sensors make them."""

import cv2
import numpy as np

from app.lenet.canonical.background import Grey

STANDS_OUT = 64
"""Grey levels by which an impulse differs from every pixel around it; ink and paper grain do not."""

NOISY = 0.015
"""Share of such pixels from which a picture is taken to be noisy: a digit of 28x28 has at most 0.007 of its own."""

_AROUND = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]], np.uint8)


def without_impulses(grey: Grey) -> tuple[Grey, bool]:
    """The picture [height, width] after a median of 3x3 if it holds impulse noise, and whether it does."""
    lightest, darkest = cv2.dilate(grey, _AROUND), cv2.erode(grey, _AROUND)
    unlike = cv2.max(cv2.subtract(grey, lightest), cv2.subtract(darkest, grey))
    if np.count_nonzero(unlike > STANDS_OUT) < NOISY * grey.size:
        return grey, False
    return cv2.medianBlur(grey, 3), True
