"""The ink of a page as a picture for people, with the boxes of what was read and of what was rejected."""

import cv2
import numpy as np
from numpy.typing import NDArray

from app.lenet.box import Box
from app.lenet.canonical.canonical_form import find_ink
from app.lenet.image_types import GreyImage
from app.lenet.reading.answer import Reading
from app.lenet.reading.reader import PAGE

READ = (0, 130, 60)
UNSURE = (230, 140, 0)
REJECTED = (200, 40, 40)


def draw_reading(grey: GreyImage, reading: Reading) -> NDArray[np.uint8]:
    """Return the ink of the picture [height, width], at working size, uint8 RGB [height, width, 3], dark on white.

    Boxes of `reading`, in pixels of the picture, are green around digits, orange around unsure ones, and red around
    rejected marks.
    """
    ink = find_ink(grey, PAGE)
    picture = np.asarray(cv2.cvtColor(cv2.bitwise_not(ink.sheet), cv2.COLOR_GRAY2RGB), np.uint8)
    for box in reading.rejected:
        _draw(picture, ink.on_sheet(box), REJECTED)
    for line in reading.lines:
        for digit in line.digits:
            _draw(picture, ink.on_sheet(digit.box), UNSURE if digit.prediction.reasons else READ)
    return picture


def _draw(picture: NDArray[np.uint8], box: Box, colour: tuple[int, int, int]) -> None:
    corners = (box.x - 1, box.y - 1), (box.x + box.width, box.y + box.height)
    cv2.rectangle(picture, *corners, colour, 1)
