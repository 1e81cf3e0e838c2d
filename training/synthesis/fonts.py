"""Characters of free fonts in MNIST's form: matplotlib's TrueType fonts and OpenCV's Hershey fonts."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.lenet.image_types import GreyImage
from training.synthesis.drawing import place

# Computer Modern and STIX. The evaluation draws with other fonts.
_PRINTED = ("cmr10", "cmss10", "cmtt10", "cmb10", "STIXGeneral", "STIXGeneralItalic", "STIXGeneralBol")
_HERSHEY = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_COMPLEX)
_CANVAS = 150


def printed_character(random: np.random.Generator, characters: Sequence[str]) -> tuple[GreyImage, str]:
    """Return one of the characters in a random TrueType font, (28, 28), and the character."""
    while True:
        character = str(random.choice(list(characters)))
        font = _font(str(random.choice(_PRINTED)))
        canvas = Image.new("L", (_CANVAS, _CANVAS))
        ImageDraw.Draw(canvas).text((40, 30), character, 255, font)
        if (picture := place(np.asarray(canvas))).any():  # a font may lack the character
            return picture, character


def hershey_character(random: np.random.Generator, characters: Sequence[str]) -> tuple[GreyImage, str]:
    """Return one of the ASCII characters in a random Hershey font and stroke width, (28, 28), and the character."""
    character, canvas = str(random.choice(list(characters))), np.zeros((_CANVAS, _CANVAS), np.uint8)
    thickness = int(random.integers(3, 12))
    cv2.putText(canvas, character, (30, 110), int(random.choice(_HERSHEY)), 3, 255, thickness, cv2.LINE_AA)
    return place(canvas), character


@cache
def _font(name: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"), 72)
