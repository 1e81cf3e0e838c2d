"""Smaller copies of pictures."""

import cv2
from cv2.typing import MatLike

LARGE = 512
"""Longer side, in pixels, above which a picture is halved before it is reduced much further."""


def thumbnail(image: MatLike, side: int) -> MatLike:
    """Return the picture with its longer side reduced to at most `side` pixels by area averaging; never enlarged."""
    while max(image.shape) > max(4 * side, LARGE):  # halving is several times as fast as any other reduction
        height, width = image.shape
        half = (max(1, width // 2), max(1, height // 2))
        image = cv2.resize(image[: 2 * half[1], : 2 * half[0]], half, interpolation=cv2.INTER_AREA)
    height, width = image.shape
    if max(height, width) <= side:
        return image
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)
