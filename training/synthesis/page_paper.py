"""What a page is written on and how it is photographed: forms, texture, light, a desk around it, blur and JPEG."""

import io
import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.lenet.image_types import GreyImage
from training.synthesis.page_pen import Pen

Light = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Paper:
    """Lengths in pixels; `specks` is how many; the others say whether there is such a thing, or how strong."""

    grey: float
    guilloche: float
    specks: int
    shading: float
    shadow: bool
    desk: bool
    noise: float
    blur: float
    slope: float
    quality: int

    @classmethod
    def drawn(cls, random: np.random.Generator, height: int) -> "Paper":
        """Return random paper for digits of a height."""
        plain = random.random() < 0.25  # a scan or a drawing
        return cls(
            grey=float(random.uniform(240, 255) if plain else random.uniform(120, 250)),
            guilloche=float(random.uniform(0.08, 0.3)) if random.random() < 0.15 and not plain else 0.0,
            specks=int(random.integers(1, 12)) if random.random() < 0.25 else 0,
            shading=0.0 if plain else float(random.uniform(0, 0.45)),
            shadow=bool(random.random() < 0.2 and not plain),
            desk=bool(random.random() < 0.12 and not plain),
            noise=0.0 if plain else float(random.exponential(3)),
            blur=0.0 if plain else float(random.uniform(0, 0.035) * height),
            slope=float(random.normal(0, 0.04)),
            quality=int(random.integers(35, 96)),
        )


@dataclass(frozen=True, slots=True)
class Form:
    """What is printed around the writing: its kind, the writing's left upper corner, and sizes in pixels.

    `cell` is the side of a cell, `advance` from one line to the next, `each` the number of cells in each line.
    """

    kind: str
    left: float
    top: float
    height: int
    cell: float
    advance: float
    each: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is on the paper: written ink and printed strokes, 255 on 0, which digit owns the ink, and the pen."""

    ink: GreyImage
    strokes: GreyImage
    owners: NDArray[np.int16]
    pen: Pen


def draw_form(random: np.random.Generator, drawn: Form, ink: GreyImage) -> GreyImage:
    """Return the printed strokes of a form around lines of writing, 255 on 0, the size of `ink`."""
    strokes = np.zeros_like(ink)
    form, left, top, height, cell, each = drawn.kind, drawn.left, drawn.top, drawn.height, drawn.cell, drawn.each
    thick = max(1, round(random.uniform(0.015, 0.06) * height))
    if form in ("boxes", "comb"):
        room = min(height, drawn.advance - height)
        above, below = (max(random.uniform(0.05, 0.3) * room, 0.03 * height) for _ in range(2))
        short = float(random.uniform(0.4, 0.8) * height)
        for row, count in enumerate(each):
            upper, lower = top + row * drawn.advance - above, top + row * drawn.advance + height + below
            y0 = round(upper) if form == "boxes" else round(upper + above + short)
            for number in range(count + 1):
                x = round(left + number * cell)
                cv2.line(strokes, (x, y0), (x, round(lower)), 255, thick)
            for y in (upper, lower) if form == "boxes" else (lower,):
                cv2.line(strokes, (round(left), round(y)), (round(left + count * cell), round(y)), 255, thick)
    elif form == "grid":
        side = len(each)
        edge = top - (cell - height) / 2
        for number in range(side + 1):
            heavy = thick * (2 if number % 3 == 0 else 1)
            across, down = round(left + number * cell), round(edge + number * cell)
            cv2.line(strokes, (across, round(edge)), (across, round(edge + side * cell)), 255, heavy)
            cv2.line(strokes, (round(left), down), (round(left + side * cell), down), 255, heavy)
    elif form in ("ruled", "squared"):
        step = random.uniform(0.6, 1.8) * height
        for line in np.arange(random.uniform(0, step), ink.shape[0], step):
            cv2.line(strokes, (0, round(line)), (ink.shape[1], round(line)), 255, thick)
        if form == "squared":
            for column in np.arange(random.uniform(0, step), ink.shape[1], step):
                cv2.line(strokes, (round(column), 0), (round(column), ink.shape[0]), 255, thick)
    elif form == "frame":
        _draw_frame(random, drawn, strokes, thick)
    elif form == "underline":
        y = round(top + height * random.uniform(1.0, 1.15))
        cv2.line(strokes, (round(left - height), y), (ink.shape[1], y), 255, thick)
    return strokes


def _draw_frame(random: np.random.Generator, drawn: Form, strokes: GreyImage, thick: int) -> None:
    """Draw a frame around each line, some with a side missing or with gaps, in place."""
    height, right = drawn.height, strokes.shape[1] - 1
    room = max(2.0, drawn.advance - height) / 2
    for row in range(len(drawn.each)):
        top = round(drawn.top + row * drawn.advance - random.uniform(0.2, 0.9) * min(room, 0.5 * height))
        bottom = round(drawn.top + row * drawn.advance + height + random.uniform(0.2, 0.9) * min(room, 0.5 * height))
        left, end = round(drawn.left - random.uniform(0.15, 1) * height), round(right - random.uniform(0, 1) * height)
        sides = [((left, top), (end, top)), ((left, bottom), (end, bottom)), ((left, top), (left, bottom))]
        sides.append(((end, top), (end, bottom)))
        for one, other in sides:
            if random.random() < 0.85:
                cv2.line(strokes, one, other, 255, thick)
        for _ in range(random.integers(6)):
            x, wide = int(random.integers(left, max(end, left + 1))), int(random.uniform(0.05, 1) * height)
            for y in (top, bottom):
                strokes[max(0, y - thick) : y + thick + 1, max(0, x) : max(0, x) + wide] = 0


def photographed(random: np.random.Generator, sheet: Sheet, paper: Paper) -> tuple[GreyImage, NDArray[np.int16]]:
    """Return the page as a grey picture, and the owners as they lie in it; one in eight is white on black."""
    height, width = sheet.ink.shape
    rise = math.tan(paper.slope)
    turn = np.array([[1, -rise, rise * height / 2], [rise, 1, -rise * width / 2]], np.float32)

    def turned(picture: GreyImage) -> GreyImage:
        return np.asarray(cv2.warpAffine(picture, turn, (width, height), flags=cv2.INTER_LINEAR), np.uint8)

    moved = cv2.warpAffine(sheet.owners, turn, (width, height), flags=cv2.INTER_NEAREST)
    ink, strokes = turned(_specked(random, sheet.ink, paper.specks)), turned(sheet.strokes)
    contrast = max(sheet.pen.grey, 60 / paper.grey if paper.noise < 4 else 0.5)
    printed = random.uniform(0.2, 1.0) * contrast
    light = (1 - contrast * ink.astype(np.float32) / 255) * (1 - printed * strokes.astype(np.float32) / 255)
    if paper.guilloche:
        light *= _guilloche(random, ink.shape, paper.guilloche)
    light *= _lighting(random, ink.shape, paper)
    grey = (paper.grey * light).astype(np.float32)
    if paper.desk:
        _lay_on_desk(random, grey)
    if paper.blur > 0.3:
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), paper.blur), np.float32)
    pixels = np.clip(grey + random.normal(0, paper.noise, grey.shape), 0, 255).astype(np.uint8)
    if random.random() < 0.12:
        pixels = np.invert(pixels)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=paper.quality)
    return np.asarray(Image.open(file)), np.asarray(moved, np.int16)


def _specked(random: np.random.Generator, ink: GreyImage, count: int) -> GreyImage:
    """The ink with some dots and short dashes of dirt."""
    dirty = ink.copy()
    for _ in range(count):
        x, y = int(random.integers(ink.shape[1])), int(random.integers(ink.shape[0]))
        length = random.exponential(3, 2)
        end = (x + round(length[0]), y + round(length[1]))
        cv2.line(dirty, (x, y), end, int(random.integers(100, 256)), int(random.integers(1, 4)), cv2.LINE_AA)
    return dirty


def _guilloche(random: np.random.Generator, shape: tuple[int, ...], strength: float) -> Light:
    """Wavy thin lines of security paper, as a share of the light."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    lines = np.ones(shape, np.float32)
    for _ in range(int(random.integers(1, 4))):
        period, reach, wave = random.uniform(6, 22), random.uniform(2, 25), random.uniform(40, 200)
        angle = random.uniform(0, math.pi)
        along, across = x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)
        phase = (across + reach * np.sin(2 * math.pi * along / wave)) / period
        lines *= 1 - strength * np.maximum(0, 1 - np.abs((phase % 1) - 0.5) * period / 1.2).astype(np.float32)
    return lines.astype(np.float32)


def _lighting(random: np.random.Generator, shape: tuple[int, ...], paper: Paper) -> Light:
    """Shading to one side, and a shadow with a soft edge, as a share of the light."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    angle = random.uniform(0, 2 * math.pi)
    along = (x / shape[1] - 0.5) * math.cos(angle) + (y / shape[0] - 0.5) * math.sin(angle)
    light = np.asarray(1 - paper.shading * np.clip(along + 0.5, 0, 1))
    if paper.shadow:
        edge, soft = random.uniform(-0.4, 0.4), random.uniform(0.01, 0.2)
        angle = random.uniform(0, 2 * math.pi)
        along = (x / shape[1] - 0.5) * math.cos(angle) + (y / shape[0] - 0.5) * math.sin(angle)
        light = light * (1 - random.uniform(0.15, 0.5) / (1 + np.exp(np.clip((along - edge) / soft, -30, 30))))
    return light.astype(np.float32)


def _lay_on_desk(random: np.random.Generator, grey: Light) -> None:
    """Darken one side or two beyond the paper's edge, in place."""
    height, width = grey.shape
    desk = float(random.uniform(10, 90))
    for side in random.choice(4, int(random.integers(1, 3)), replace=False):
        deep, tilt = random.uniform(0.01, 0.05), random.normal(0, 0.01)
        y, x = np.mgrid[:height, :width]
        across = (x / width, 1 - x / width, y / height, 1 - y / height)[side]
        along = (y / height, y / height, x / width, x / width)[side]
        beyond = across < deep + tilt * (along - 0.5)
        grey[beyond] = desk + random.normal(0, 5)
