"""Characters of free fonts, in MNIST's form: matplotlib's and Pillow's printed ones, OpenCV's pen strokes."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import cast

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.lenet.image_types import GreyImage
from training.synthesis.drawing import place

_PILLOW = "Aileron"
# Computer Modern, STIX and Pillow's own; evaluation draws with other fonts. STIX has further alphabets of digits in
# Unicode's mathematical block: each number is the code point of a zero, None that of ASCII.
_PRINTED: tuple[tuple[str, int | None], ...] = (
    ("cmr10", None),
    ("cmss10", None),
    ("cmtt10", None),
    ("cmb10", None),
    ("cmti10", None),
    ("STIXGeneral", None),
    ("STIXGeneralItalic", None),
    ("STIXGeneralBol", None),
    ("STIXGeneral", 0x1D7E2),  # sans-serif
    ("STIXGeneral", 0x1D7EC),  # sans-serif, bold
    ("STIXGeneral", 0x1D7F6),  # monospaced
    (_PILLOW, None),
)
_HERSHEY = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_COMPLEX)
_CANVAS = 150
_UNVARIED = 0.3


def printed_character(random: np.random.Generator, characters: Sequence[str]) -> tuple[GreyImage, str]:
    """Return one of the characters in one of the printed fonts, (28, 28), and which it is.

    Seven in ten are bolder, slanted, narrower or wider than the font has them.
    """
    while True:
        character = str(random.choice(list(characters)))
        name, zero = _PRINTED[random.integers(len(_PRINTED))]
        glyph = chr(zero + int(character)) if zero and character.isdigit() else character
        page = Image.new("L", (_CANVAS, _CANVAS))
        ImageDraw.Draw(page).text((40, 30), glyph, 255, _font(name))
        canvas = np.asarray(page)
        if canvas.any():  # a font may lack the character
            return place(canvas if random.random() < _UNVARIED else _varied(random, canvas)), character


def hershey_character(random: np.random.Generator, characters: Sequence[str]) -> tuple[GreyImage, str]:
    """Return one of the ASCII characters in a random Hershey font and stroke width, (28, 28), and the character."""
    character, canvas = str(random.choice(list(characters))), np.zeros((_CANVAS, _CANVAS), np.uint8)
    thickness = int(random.integers(3, 12))
    cv2.putText(canvas, character, (30, 110), int(random.choice(_HERSHEY)), 3, 255, thickness, cv2.LINE_AA)
    return place(canvas), character


def _varied(random: np.random.Generator, canvas: GreyImage) -> GreyImage:
    """Return the character in another weight, slant and width, as a family of fonts has them."""
    bolder = int(random.integers(1, 9))
    canvas = np.asarray(cv2.dilate(canvas, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (bolder, bolder))), np.uint8)
    width, slant = np.exp(random.uniform(-0.5, 0.5)), random.uniform(-0.1, 0.35)
    turn = np.array([[width, -slant, 75 + slant * 75 - width * 65], [0, 1, 0]])
    return np.asarray(cv2.warpAffine(canvas, turn, (_CANVAS, _CANVAS)), np.uint8)


@cache
def _font(name: str) -> ImageFont.FreeTypeFont:
    if name == _PILLOW:
        return cast(ImageFont.FreeTypeFont, ImageFont.load_default(72))
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"), 72)
