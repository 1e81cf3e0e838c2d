"""Rows of cells whose walls are crossed, and what looks like walls."""

import cv2
import numpy as np
import pytest

from app.lenet.canonical.cell_rows import cells_by_walls
from app.lenet.image_types import GreyImage
from tests.drawn_digits import strokes


def form(count: int, rows: int = 1, width: int = 40, height: int = 60) -> GreyImage:
    """Cells with walls of 2 pixels, 255 on 0."""
    drawn = np.zeros((rows * height + 2, count * width + 2), np.uint8)
    for y in range(rows + 1):
        drawn[y * height : y * height + 2] = 255
    for x in range(count + 1):
        drawn[:, x * width : x * width + 2] = 255
    return drawn


def turned(drawn: GreyImage, degrees: float) -> GreyImage:
    height, width = drawn.shape
    turn = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1), np.float64)
    turn[:, 2] += 20
    picture = cv2.warpAffine(drawn, turn, (width + 40, height + 40), flags=cv2.INTER_NEAREST)
    x, y, wide, tall = cv2.boundingRect(picture)
    return np.asarray(picture[y : y + tall, x : x + wide], np.uint8)


@pytest.mark.parametrize("degrees", [0, 3, -3])
def test_cells_are_found_though_every_wall_is_crossed(degrees: float) -> None:
    crossed = strokes(form(6), [(10, 15), (230, 40)], [(10, 45), (230, 20)], pen=255, thickness=5)
    cells = np.array(cells_by_walls(turned(crossed, degrees)))
    assert len(cells) == 6
    assert np.abs(np.diff(cells[:, 0]) - 40).max() <= 2
    assert np.abs(cells[:, 2:] - (38, 58)).max() <= 4


def test_rows_above_one_another_are_found() -> None:
    assert len(cells_by_walls(form(5, rows=4))) == 20


def test_an_upright_stroke_from_line_to_line_is_no_wall() -> None:
    assert len(cells_by_walls(strokes(form(5), [(62, 0), (62, 61)], pen=255, thickness=4))) == 5


def test_a_frame_around_a_number_has_no_cells() -> None:
    frame = np.zeros((62, 302), np.uint8)
    cv2.rectangle(frame, (0, 0), (301, 61), 255, 2)
    for x in (40, 70, 150, 240):
        strokes(frame, [(x, 0), (x, 61)], pen=255, thickness=4)
    assert cells_by_walls(frame) == []


def test_no_picture_is_too_small() -> None:
    for shape in ((1, 1), (2, 40), (40, 1), (200, 3)):
        assert cells_by_walls(np.full(shape, 255, np.uint8)) == []
