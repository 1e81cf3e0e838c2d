"""Long straight lines in a picture's ink."""

import cv2
import numpy as np
import pytest

from app.lenet.decoding.straight_lines import absorbed, has_level_lines, reduced, straight
from app.lenet.image_types import GreyImage
from tests.drawn_digits import paper, ruled, strokes, written, zero


def turned(grey: GreyImage, degrees: float) -> GreyImage:
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(grey, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)


@pytest.mark.parametrize("degrees", [0, 1.5, -2])
def test_ruled_paper_has_level_lines(degrees: float) -> None:
    assert has_level_lines(turned(ruled(written(paper(600, 800)), 60, pen=150), degrees))


def test_writing_alone_has_none() -> None:
    assert not has_level_lines(written(paper(300, 400)))
    assert not has_level_lines(zero(paper(), 100, 100))
    assert not has_level_lines(ruled(paper(40, 60), 10, pen=100))


@pytest.mark.parametrize("degrees", [0, 3, -5])
def test_lines_are_told_from_strokes(degrees: float) -> None:
    lines = np.zeros((300, 400), np.uint8)
    cv2.rectangle(lines, (60, 60), (340, 240), 255, 2)
    found = straight(turned(lines, degrees), 100)
    assert found.along_x > 0.3
    assert found.along_y > 0.2
    ink = np.asarray(cv2.bitwise_not(zero(np.full((300, 400), 255, np.uint8), 200, 150, thickness=4)), np.uint8)
    strokes = straight(np.where(ink > 128, 255, 0).astype(np.uint8), 100)
    assert (strokes.along_x, strokes.along_y) == (0, 0)
    assert cv2.countNonZero(strokes.others) > 0


def test_ink_is_a_share_of_the_light() -> None:
    page = written(paper(300, 400), pen=110)
    light, taken = absorbed(page)
    assert abs(int(light.min()) - 220) <= 1
    assert abs(int(taken.max()) - 255 // 2) <= 2


def test_large_pictures_are_reduced_by_a_whole_number() -> None:
    assert reduced(np.zeros((1500, 1000, 3), np.uint8)).shape == (500, 333, 3)
    assert reduced(paper()).shape == (200, 200)
    assert reduced(np.zeros((2, 3000), np.uint8)).shape == (1, 600)


def test_the_edge_of_a_bold_level_stroke_is_no_line() -> None:
    bold = cv2.GaussianBlur(strokes(paper(500, 500), [(100, 120), (400, 120), (250, 420)], thickness=26), (0, 0), 1)
    assert not has_level_lines(np.asarray(bold, np.uint8))
