"""Pictures made for tests."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def encoded(picture: NDArray[Any] | Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return the picture as the bytes of a file of the format `kind`."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def gradient(height: int = 28, width: int = 28) -> NDArray[np.uint8]:
    """Return a picture in which every row differs from every other, so that turning or cutting it shows."""
    rows, columns = np.mgrid[:height, :width]
    return np.asarray((rows * 7 + columns * 3) % 256, np.uint8)
