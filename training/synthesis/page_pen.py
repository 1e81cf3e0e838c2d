"""One pen a page: digits and characters drawn with its stroke width, slant and grey."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from skimage.morphology import skeletonize

from app.lenet.canonical.mnist_frame import stroke_width
from app.lenet.image_types import GreyImage
from training.data.mnist import Digits
from training.synthesis.handwriting_styles import written

_PRINTED = ("cmr10", "cmss10", "cmtt10", "cmb10", "STIXGeneral", "STIXGeneralItalic", "STIXGeneralBol")
_HERSHEY = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_PLAIN,
)
_SIGN_STROKES = {
    "+": (((0, 0.5), (1, 0.5)), ((0.5, 0), (0.5, 1))),
    "x": (((0, 0), (1, 1)), ((1, 0), (0, 1))),
    "/": (((0.8, 0), (0, 1.6)),),
    "-": (((0, 0.5), (1, 0.5)),),
    "=": (((0, 0.3), (1, 0.3)), ((0, 0.7), (1, 0.7))),
    ".": (((0, 0), (0.05, 0.05)),),
    ",": (((0.15, 0), (0.1, 0.2), (0, 0.35)),),
    ":": (((0, 0), (0.04, 0.04)), ((0, 0.7), (0.04, 0.74))),
}


THINNED = 2.0
"""Stroke width of a digit that is drawn again, in widths of the pen, at most."""

ATTEMPTS = 20


@dataclass(frozen=True, slots=True)
class Pen:
    """`width` in digit heights, None where each digit keeps its own; `slant` as a shear; `printed` in one `font`."""

    width: float | None
    slant: float
    grey: float
    font: str | None
    hershey: int

    @classmethod
    def drawn(cls, random: np.random.Generator) -> "Pen":
        """Return a random pen: by hand mostly, in three of twenty pages print."""
        return cls(
            width=float(np.exp(random.uniform(np.log(0.035), np.log(0.2)))) if random.random() < 0.8 else None,
            slant=float(random.normal(0.05, 0.2)),
            grey=float(random.uniform(0.25, 1)),
            font=str(random.choice(_PRINTED)) if random.random() < 0.15 else None,
            hershey=int(random.choice(_HERSHEY)),
        )


def draw_digit(random: np.random.Generator, digits: Digits, pen: Pen, height: float) -> tuple[int, GreyImage]:
    """Return a digit's label and its ink, cropped, 255 on 0, about `height` pixels tall."""
    if pen.font:
        label = int(random.integers(10))
        return label, _typed(str(label), pen, height)
    if random.random() < 0.25:
        shape, label = written(random)
    else:
        shape, label = _digit_for(random, digits, pen)
    return label, _with_pen(shape, pen, height)


def _digit_for(random: np.random.Generator, digits: Digits, pen: Pen) -> tuple[GreyImage, int]:
    """Return a digit and its label. Thinning destroys those whose strokes are much bolder than the pen's."""
    for index in random.integers(len(digits.images), size=ATTEMPTS):
        shape = digits.images[index]
        crop = _cropped(shape, 60)
        if pen.width is None or stroke_width(crop) <= THINNED * pen.width * max(crop.shape):
            break
    return shape, int(digits.labels[index])


def draw_character(
    random: np.random.Generator, pen: Pen, character: str, height: float, sign: bool = False
) -> GreyImage:
    """Return a character's ink, cropped, of a line whose digits are `height` pixels tall."""
    if pen.font and not sign:
        return _typed(character, pen, height)
    thick = max(1, round((pen.width or 0.12) * height))
    if sign:
        size = height * (random.uniform(0.7, 1.0) if character == "/" else random.uniform(0.3, 0.7))
        canvas = np.zeros((round(size * 2) + 4 * thick, round(size * 1.2) + 4 * thick), np.uint8)
        for line in _SIGN_STROKES[character]:
            points = np.array(line) * size + 2 * thick + random.normal(0, 0.04, (len(line), 2)) * size
            cv2.polylines(canvas, [np.round(points * 8).astype(np.int32)], False, 255, thick, cv2.LINE_AA, 3)
        return _cropped(canvas)
    canvas = np.zeros((round(2.5 * height), round(2.5 * height)), np.uint8)
    scale = height / cv2.getTextSize("8", pen.hershey, 1, 1)[0][1]
    at = (round(0.5 * height), round(1.6 * height))
    cv2.putText(canvas, character, at, pen.hershey, scale, 255, thick, cv2.LINE_AA)
    return _cropped(_slanted(canvas, pen.slant))


def _with_pen(shape: GreyImage, pen: Pen, height: float) -> GreyImage:
    """A digit [28, 28] enlarged, its strokes made as wide as the pen's."""
    crop = _cropped(shape, 60)
    fine = max(height, 40.0)
    scale = fine / max(crop.shape[0], 0.8 * crop.shape[1])
    large = cv2.copyMakeBorder(crop, 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=0)
    large = cv2.resize(large, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    if pen.width is not None:
        if pen.width * fine < 0.75 * stroke_width(large):
            bone = skeletonize(cv2.GaussianBlur(large, (0, 0), max(scale / 3, 0.5)) > 110).astype(np.uint8) * 255
            large = _widened(bone, pen.width * fine)
        elif (missing := pen.width * fine - stroke_width(large)) > 1:
            large = _widened(np.asarray(large, np.uint8), missing + 1)
    if fine > height:
        large = cv2.resize(large, None, fx=height / fine, fy=height / fine, interpolation=cv2.INTER_AREA)
    return _cropped(_slanted(np.asarray(large, np.uint8), pen.slant / 2))


def _widened(ink: GreyImage, width: float) -> GreyImage:
    """Every point of ink becomes a round dot of the width, with soft edges."""
    around = int(width) + 2
    roomy = cv2.copyMakeBorder(ink, around, around, around, around, cv2.BORDER_CONSTANT, value=0)
    dot = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (max(1, round(width)), max(1, round(width))))
    return np.asarray(cv2.GaussianBlur(cv2.dilate(roomy, dot), (0, 0), 0.6), np.uint8)


def _slanted(ink: GreyImage, slant: float) -> GreyImage:
    height, width = ink.shape
    room = round(abs(slant) * height)
    map_ = np.array([[1, -slant, room if slant > 0 else 0], [0, 1, 0]], np.float32)
    if slant > 0:
        map_[0, 2] = slant * height
    return np.asarray(cv2.warpAffine(ink, map_, (width + room, height), flags=cv2.INTER_LINEAR), np.uint8)


def _typed(character: str, pen: Pen, height: float) -> GreyImage:
    size = max(8, round(height / 0.7))
    font = ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{pen.font}.ttf"), size)
    canvas = Image.new("L", (2 * size, 2 * size))
    ImageDraw.Draw(canvas).text((size // 2, size // 3), character, 255, font)
    return _cropped(np.asarray(canvas, np.uint8))


def _cropped(ink: GreyImage, least: int = 30) -> GreyImage:
    x, y, width, height = cv2.boundingRect((ink > least).astype(np.uint8))
    return ink[y : y + height, x : x + width] if width else np.zeros((1, 1), np.uint8)
