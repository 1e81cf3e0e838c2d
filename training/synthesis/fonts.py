"""Characters of free fonts, in MNIST's form: matplotlib's own printed ones and OpenCV's pen strokes."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import cv2
import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from training.synthesis.drawing import Picture, place

# Computer Modern and STIX; evaluation draws with other fonts.
PRINTED = ("cmr10", "cmss10", "cmtt10", "cmb10", "STIXGeneral", "STIXGeneralItalic", "STIXGeneralBol")
_PENS = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, cv2.FONT_HERSHEY_COMPLEX)
_CANVAS = 150


def printed(random: np.random.Generator, characters: Sequence[str]) -> tuple[Picture, str]:
    """Return one of the characters in one of the printed fonts, (28, 28), and which it is."""
    while True:
        character = str(random.choice(list(characters)))
        font = _font(str(random.choice(PRINTED)))
        canvas = Image.new("L", (_CANVAS, _CANVAS))
        ImageDraw.Draw(canvas).text((40, 30), character, 255, font)
        if (picture := place(np.asarray(canvas))).any():  # a font may lack the character
            return picture, character


def penned(random: np.random.Generator, characters: Sequence[str]) -> tuple[Picture, str]:
    """Return one of the ASCII characters in a pen-stroke font, (28, 28), and which it is."""
    character, canvas = str(random.choice(list(characters))), np.zeros((_CANVAS, _CANVAS), np.uint8)
    thickness = int(random.integers(3, 12))
    cv2.putText(canvas, character, (30, 110), int(random.choice(_PENS)), 3, 255, thickness, cv2.LINE_AA)
    return place(canvas), character


@cache
def _font(name: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"), 72)
