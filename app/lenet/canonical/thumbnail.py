"""Smaller copies of pictures."""

import cv2
from cv2.typing import MatLike


def thumbnail(image: MatLike, side: int) -> MatLike:
    """Return the picture with its longer side reduced to at most `side` pixels by area averaging; never enlarged."""
    height, width = image.shape
    if max(height, width) <= side:
        return image
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
