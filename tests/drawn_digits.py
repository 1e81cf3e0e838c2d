"""Digits drawn with OpenCV for the tests: dark ink on light paper, sizes and places in pixels."""

import cv2
import numpy as np

from app.lenet.image_types import GreyImage

PAPER, PEN = 220, 40


def paper(height: int = 200, width: int = 200) -> GreyImage:
    return np.full((height, width), PAPER, np.uint8)


def strokes(picture: GreyImage, *lines: list[tuple[int, int]], pen: int = PEN, thickness: int = 12) -> GreyImage:
    for line in lines:
        cv2.polylines(picture, [np.array(line, np.int32)], False, pen, thickness, cv2.LINE_AA)
    return picture


def zero(picture: GreyImage, x: int, y: int, thickness: int = 12) -> GreyImage:
    """An upright oval 60 wide and 100 tall between the strokes' middles, its centre at x, y."""
    cv2.ellipse(picture, (x, y), (30, 50), 0, 0, 360, PEN, thickness, cv2.LINE_AA)
    return picture


def seven(picture: GreyImage, x: int, y: int, thickness: int = 12) -> GreyImage:
    """60 wide and 100 tall, its left upper corner at x, y."""
    return strokes(picture, [(x, y), (x + 60, y), (x + 20, y + 100)], thickness=thickness)


def five(picture: GreyImage, x: int, y: int, gap: int = 0) -> GreyImage:
    """60 wide and 100 tall, its top bar apart from the rest by `gap` pixels of paper."""
    left = 12 + gap if gap else 0
    bar = [(x + left, y), (x + 70, y)]
    body = [
        (x, y + (6 + gap if gap else 0)),
        (x, y + 45),
        (x + 40, y + 45),
        (x + 60, y + 70),
        (x + 40, y + 100),
        (x, y + 100),
    ]
    return strokes(picture, bar, body)


def one(picture: GreyImage, x: int, y: int, thickness: int = 12) -> GreyImage:
    """A straight upright 100 tall."""
    return strokes(picture, [(x, y), (x, y + 100)], thickness=thickness)


def ruled(picture: GreyImage, step: int, pen: int, squared: bool = False) -> GreyImage:
    picture[step // 2 :: step] = np.minimum(picture[step // 2 :: step], pen)
    if squared:
        picture[:, step // 2 :: step] = np.minimum(picture[:, step // 2 :: step], pen)
    return picture


def written(page: GreyImage, pen: int = PEN, thickness: int = 3) -> GreyImage:
    """Two lines of three digits, 50 tall and written with a thin pen, on a page of at least 250 by 400."""
    for line in (100, 200):
        cv2.ellipse(page, (100, line), (15, 25), 0, 0, 360, pen, thickness, cv2.LINE_AA)
        strokes(page, [(200, line - 25), (230, line - 25), (210, line + 25)], pen=pen, thickness=thickness)
        strokes(page, [(300, line - 25), (300, line + 25)], pen=pen, thickness=thickness)
    return page


def likeness(one: GreyImage, other: GreyImage) -> float:
    """Correlation of two pictures of the same size, at best within one pixel: 1 for the same digit."""
    roomy = cv2.copyMakeBorder(one, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return float(cv2.matchTemplate(roomy, other, cv2.TM_CCOEFF_NORMED).max())


def crop(picture: GreyImage) -> GreyImage:
    """Cut to the ink, so that it touches all four borders."""
    x, y, width, height = cv2.boundingRect((picture < 130).astype(np.uint8))
    return np.ascontiguousarray(picture[y : y + height, x : x + width])


def vignette(picture: GreyImage) -> GreyImage:
    height, width = picture.shape
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return np.asarray(picture * (1 - 0.45 * (x**2 + y**2)), np.uint8)
