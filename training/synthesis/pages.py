"""Pages with numbers on them as people photograph them: forms, cheques, ruled paper, words beside, shadows, a desk.

May hold any text; what counts is where each digit's ink is, which a map of owners keeps.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from app.lenet.image_types import GreyImage
from training.data.mnist import Digits
from training.synthesis.page_paper import Form, Paper, Sheet, draw_form, photographed
from training.synthesis.page_pen import Pen, draw_character, draw_digit

Owners = NDArray[np.int16]

_DIGITS = "0123456789"
_WORDS = "acdefhjkmnprtuvwxyACDEFGHJKLMNPRTUVWXY"  # without those that look like digits
_FORMS = ["none", "boxes", "comb", "grid", "ruled", "squared", "underline", "frame"]
_CELLS = ("boxes", "comb", "grid")
_SHARES = [0.44, 0.08, 0.05, 0.08, 0.1, 0.08, 0.11, 0.06]
_SIGNS = "+-x/.,:=-.,-"


GROUPED = 0.1
"""Share of lines that have the same sign after every two or three digits, as dates and amounts do."""


@dataclass(frozen=True, slots=True)
class MadePage:
    """A page: `grey` uint8 [height, width], and where its digits are.

    `owners` int16 of the same shape: at the ink of digit n stands n + 1, 0 elsewhere. `labels` [digits]; `lines` holds
    the numbers of the digits of each line, in reading order.
    """

    grey: GreyImage
    owners: Owners
    labels: tuple[int, ...]
    lines: tuple[tuple[int, ...], ...]


@dataclass(slots=True)
class _Canvas:
    """Ink 255 on 0 and the owners of its pixels."""

    ink: GreyImage
    owners: Owners
    labels: list[int]

    def paste(self, drawn: GreyImage, left: int, top: int, label: int | None) -> None:
        """Lay a drawing over the canvas where it fits; a digit's becomes its own."""
        height, width = self.ink.shape
        x, y = max(left, 0), max(top, 0)
        if x >= width or y >= height:
            return
        drawn = drawn[y - top : height - top, x - left : width - left]
        if not drawn.size:
            return
        place = (slice(y, y + drawn.shape[0]), slice(x, x + drawn.shape[1]))
        if label is not None:
            self.labels.append(label)
            self.owners[place][drawn > np.maximum(self.ink[place], 80)] = len(self.labels)
        np.maximum(self.ink[place], drawn, out=self.ink[place])


def make_page(random: np.random.Generator, digits: Digits) -> MadePage:
    """Return a page with digits of MNIST and of written and printed styles on it, one pen a page."""
    height = int(np.exp(random.uniform(np.log(22), np.log(110))))
    rows = int(random.choice([1, 1, 1, 2, 3, 4]))
    each = [int(random.choice([1, 2, 3, 4, 5, 6, 8, 10])) for _ in range(rows)]
    form = str(random.choice(_FORMS, p=_SHARES))
    if form == "grid":
        rows = int(random.integers(3, 10))
        each = [rows] * rows
    elif form in _CELLS:
        each = [max(each)] * rows
    if max(each) * height > 850:
        height = max(16, 850 // max(each))
    pitch = random.uniform(1.3, 2.4) if rows > 1 else 1.8
    margin = [random.uniform(0.15, 3) * height for _ in range(4)]
    cell = height * random.uniform(1.05, 1.5)
    advance = cell if form == "grid" else height * pitch
    tall = round(margin[0] + margin[1] + height + advance * (rows - 1))
    wide = round(margin[2] + height * (2.2 * max(each) + 14))
    canvas = _Canvas(np.zeros((tall, wide), np.uint8), np.zeros((tall, wide), np.int16), [])
    pen = Pen.drawn(random)
    lines = []
    drawn_form = Form(form, margin[2], margin[0], height, cell, advance, tuple(each))
    writer = _Writer(random, digits, pen, drawn_form, height, _spacing(random, form))
    for row, count in enumerate(each):
        top = margin[0] + row * advance
        lines.append(_write(writer, canvas, margin[2], top, count))
    used = round(max(cv2.boundingRect(canvas.ink)[0] + cv2.boundingRect(canvas.ink)[2], max(each) * cell) + margin[3])
    canvas.ink, canvas.owners = canvas.ink[:, :used].copy(), canvas.owners[:, :used].copy()
    strokes = draw_form(random, drawn_form, canvas.ink)
    grey, owners = photographed(random, Sheet(canvas.ink, strokes, canvas.owners, pen), Paper.drawn(random, height))
    return MadePage(grey, owners, tuple(canvas.labels), tuple(tuple(line) for line in lines if line))


def _spacing(random: np.random.Generator, form: str) -> tuple[float, float]:
    """Gaps between digits in heights, least and most: negative ones touch and overlap."""
    if form not in _CELLS and random.random() < 0.35:
        return -0.12, 0.1
    return float(random.uniform(0.02, 0.2)), float(random.uniform(0.25, 0.9))


@dataclass(frozen=True, slots=True)
class _Writer:
    """What the lines of a page have in common; lengths in pixels, `spacing` in heights."""

    random: np.random.Generator
    digits: Digits
    pen: Pen
    form: Form
    height: int
    spacing: tuple[float, float]


def _write(writer: _Writer, canvas: _Canvas, left: float, top: float, count: int) -> list[int]:
    """Write one line of digits, with words and signs among them now and then; returns the numbers of its digits."""
    random, pen, height, form, cell = writer.random, writer.pen, writer.height, writer.form.kind, writer.form.cell
    cells = form in _CELLS
    talking = random.random() < (0.0 if cells else 0.3)
    x, written = left, []
    varied = float(random.choice([0.05, 0.1, 0.2], p=[0.4, 0.4, 0.2])) if not cells else 0.07
    grouped = not cells and random.random() < GROUPED
    sign, each = str(random.choice(list("///-..,:"))), int(random.integers(2, 4))
    if talking and random.random() < 0.5:
        x = _write_word(writer, canvas, x, top)
    for number in range(count):
        if form == "grid" and random.random() < 0.4:
            continue
        label, drawn = draw_digit(random, writer.digits, pen, height * float(np.exp(random.normal(0, varied))))
        if cells:
            x = left + number * cell + (cell - drawn.shape[1]) / 2 + random.normal(0, 0.08) * cell
        y = top + (height - drawn.shape[0]) * random.choice([0.5, 1.0]) + random.normal(0, 0.05) * height
        canvas.paste(drawn, round(x), round(y), label)
        written.append(len(canvas.labels) - 1)
        x += drawn.shape[1] + random.uniform(*writer.spacing) * height
        if grouped and number % each == each - 1 and number < count - 1:
            x = _write_sign(writer, canvas, x, top, sign)
        elif not cells and random.random() < (0.25 if talking else 0.02):
            x = _write_sign(writer, canvas, x, top, str(random.choice(list(_SIGNS))))
    if talking and random.random() < 0.5:
        _write_word(writer, canvas, x + 0.5 * height, top)
    return written


def _write_word(writer: _Writer, canvas: _Canvas, x: float, top: float) -> float:
    random, pen, height = writer.random, writer.pen, writer.height
    for character in random.choice(list(_WORDS), int(random.integers(1, 7))):
        drawn = draw_character(random, pen, str(character), height * random.uniform(0.8, 1.1))
        canvas.paste(drawn, round(x), round(top + height - drawn.shape[0]), None)
        x += drawn.shape[1] + random.uniform(-0.05, 0.15) * height
    return float(x + random.uniform(0.3, 1) * height)


def _write_sign(writer: _Writer, canvas: _Canvas, x: float, top: float, character: str) -> float:
    random, pen, height = writer.random, writer.pen, writer.height
    drawn = draw_character(random, pen, character, height * random.uniform(0.7, 1.1), sign=True)
    middle = top + height * (0.95 if character in ".," else 0.5) + random.normal(0, 0.05) * height
    canvas.paste(drawn, round(x), round(middle - drawn.shape[0] / 2), None)
    return float(x + drawn.shape[1] + random.uniform(0.05, 0.4) * height)
