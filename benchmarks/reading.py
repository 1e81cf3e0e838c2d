"""Share of whole strings read right on synthetic pages: MNIST test digits on unevenly lit paper, with noise, as JPEG.

`python -m benchmarks.reading` prints a table and a JSON line.
"""

import argparse
import io
import json
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.lenet.network import artifact
from app.lenet.reading.reader import Reader, load_reader
from benchmarks.shipped import shipped_predictor
from training.data.mnist import Digits, load_mnist
from training.synthesis.pages import make_page

Grey = NDArray[np.uint8]
MARGIN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a page looks like: lengths are shares of a digit's height, `height` is in pixels, `noise` in grey levels."""

    digits: int
    lines: int = 1
    gap: tuple[float, float] = (0.15, 0.6)
    touching: float = 0.0  # share of the gaps that are closed
    height: int = 60
    noise: float = 4.0
    slant: float = 0.0  # shear of the whole line
    ruled: bool = False
    words: bool = False  # beside the digits
    boxes: bool = False  # one around each digit
    cell: float = 0.0  # width of the cells of a form, without space between them, which the digits are written into
    each: int = 1  # digits in a cell
    broken: float = 0.0  # share of the digits with a gap through them


PAGES = {
    "1 digit": Page(digits=1),
    "2 digits apart": Page(digits=2),
    "4 digits apart": Page(digits=4),
    "8 digits apart": Page(digits=8),
    "4 digits, narrow gaps": Page(digits=4, gap=(0.05, 0.2)),
    "4 digits, every third gap touching": Page(digits=4, touching=0.35),
    "2 lines of 4 digits": Page(digits=4, lines=2),
    "4 digits, noisy": Page(digits=4, noise=12.0),
    "4 digits, small": Page(digits=4, height=24),
    "4 digits, large": Page(digits=4, height=200),
    "4 digits, all touching": Page(digits=4, touching=1.0),
    "4 digits, slanted and touching": Page(digits=4, touching=1.0, slant=0.35),
    "4 digits, ruled": Page(digits=4, ruled=True),
    "4 digits, a word beside": Page(digits=4, words=True),
    "4 digits in boxes": Page(digits=4, gap=(0.4, 0.45), boxes=True),
    "6 digits in cells": Page(digits=6, cell=1.1),
    "6 digits in cells, over the walls": Page(digits=6, cell=0.8),
    "6 digits in cells, broken": Page(digits=6, cell=1.1, broken=0.5),
    "3 cells of 2 digits": Page(digits=6, cell=1.6, each=2),
}
REAL_LIKE = "as the reader is fitted to"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--artifact", default="notebook")
    parser.add_argument("--pages", type=int, default=300)
    options = parser.parse_args()
    predictor = shipped_predictor(options.artifact)
    reader = load_reader(artifact.load(artifact.SHIPPED / f"{options.artifact}.safetensors"), predictor)
    test = load_mnist(Path("data")).test
    rows = {name: measured(reader, test, page, options.pages) for name, page in PAGES.items()}
    rows[REAL_LIKE] = measured(reader, test, None, options.pages)
    print("| page | read right | digits told apart right | ms a page |\n|---|---|---|---|")
    for name, (read, told_apart, milliseconds) in rows.items():
        print(f"| {name} | {read:.1%} | {told_apart:.1%} | {milliseconds:.1f} |")
    print(json.dumps({"benchmark": "reading", "artifact": predictor.card.name, "pages": rows}))


def measured(reader: Reader, test: Digits, page: Page | None, count: int) -> tuple[float, float, float]:
    """Return the shares of pages whose text is right and whose lines have the right number of digits, and the time.

    Without a `page`, of pages made as those that the reader's weights are fitted to.
    """
    random = np.random.default_rng(0)
    read = told_apart = 0
    seconds = 0.0
    for _ in range(count):
        picture, text = composed(page, test, random) if page else real_like(test, random)
        start = time.perf_counter()
        answered = [line.text for line in reader.read(picture).lines]
        seconds += time.perf_counter() - start
        read += answered == text
        told_apart += [len(line) for line in answered] == [len(line) for line in text]
    return read / count, told_apart / count, 1000 * seconds / count


def real_like(test: Digits, random: np.random.Generator) -> tuple[Grey, list[str]]:
    """Return a page made as those that the reader's weights are fitted to, and the lines of text on it."""
    made = make_page(random, test)
    return made.grey, ["".join(str(made.labels[number]) for number in line) for line in made.lines]


def composed(page: Page, test: Digits, random: np.random.Generator) -> tuple[Grey, list[str]]:
    """Return a page and the lines of text on it."""
    strips, text = [], []
    for _ in range(page.lines):
        chosen = random.integers(0, len(test.images), page.digits)
        draw = cells_of if page.cell else line_of
        strips.append(draw([test.images[index] for index in chosen], page, random))
        text.append("".join(str(int(test.labels[index])) for index in chosen))
    width = max(strip.shape[1] for strip in strips)
    ink = np.vstack([np.pad(strip, ((0, 0), (0, width - strip.shape[1]))) for strip in strips])
    if page.words:
        ink = np.hstack([ink, np.zeros_like(ink)])
        at = width, round(ink.shape[0] * 0.6)
        cv2.putText(ink, "km Nr", at, cv2.FONT_HERSHEY_SIMPLEX, page.height / 30, 220, max(2, page.height // 12))
    if page.ruled:
        ink[:: max(8, page.height * 2 // 3)] = np.maximum(ink[:: max(8, page.height * 2 // 3)], 120)
    return photographed(ink, page.noise, random), text


def line_of(digits: list[Grey], page: Page, random: np.random.Generator) -> Grey:
    """Return the digits, cut to their ink and scaled, beside each other: light on black."""
    base = page.height * random.uniform(0.8, 1.3)
    strip = np.zeros((round(base * 1.6) + MARGIN // 2, round(base * 2 * (len(digits) + 1)) + 2 * MARGIN), np.uint8)
    end = MARGIN
    for digit in digits:
        cut = scaled(digit, base * random.uniform(0.85, 1.15))
        touches = random.random() < page.touching
        left = round(end - random.uniform(0, 0.05) * base if touches else end + random.uniform(*page.gap) * base)
        top = round(MARGIN / 4 + (0.2 + random.uniform(-0.08, 0.08)) * base)
        if page.boxes:
            aside = round(page.gap[0] * base / 2)
            corner, other = (left - aside, 4), (left + cut.shape[1] + aside, strip.shape[0] - 4)
            cv2.rectangle(strip, corner, other, 160, 2)
        place = strip[top : top + cut.shape[0], left : left + cut.shape[1]]
        np.maximum(place, cut[: place.shape[0]], out=place)
        end = left + cut.shape[1]
    strip = strip[:, : end + MARGIN]
    if not page.slant:
        return strip
    height, width = strip.shape
    shear = np.array([[1, -page.slant, page.slant * height], [0, 1, 0]], np.float32)
    return np.asarray(cv2.warpAffine(strip, shear, (width + round(page.slant * height), height)), np.uint8)


def cells_of(digits: list[Grey], page: Page, random: np.random.Generator) -> Grey:
    """Return the digits in cells of one size beside each other, `page.each` in a cell: light on black."""
    base = page.height * random.uniform(0.8, 1.3)
    wide, tall = page.cell * base, round(1.4 * base)
    count = len(digits) // page.each
    strip = np.zeros((tall + MARGIN, round(count * wide) + 2 * MARGIN), np.uint8)
    for number in range(count):
        corners = (
            (round(MARGIN + number * wide), MARGIN // 2),
            (round(MARGIN + (number + 1) * wide), MARGIN // 2 + tall),
        )
        cv2.rectangle(strip, *corners, 160, 2)
    for number, digit in enumerate(digits):
        cut = scaled(digit, base * random.uniform(0.85, 1.1))
        if random.random() < page.broken:
            across = np.array([random.uniform(0.3, 0.7), 0.5]) * cut.shape[::-1]
            along = np.array([random.normal(0, 0.3), 1]) * 2 * base
            ends = [tuple(np.rint(across + way * along).astype(int).tolist()) for way in (-1, 1)]
            cv2.line(cut, ends[0], ends[1], 0, max(2, round(0.07 * base)))
        middle = MARGIN + (number + 0.5) * wide / page.each + random.normal(0, 0.05) * wide / page.each
        left, top = (
            round(middle - cut.shape[1] / 2),
            MARGIN // 2 + round((tall - cut.shape[0]) * random.uniform(0.3, 0.7)),
        )
        place = strip[top : top + cut.shape[0], max(0, left) : left + cut.shape[1]]
        np.maximum(place, cut[:, max(0, -left) :][:, : place.shape[1]], out=place)
    return strip


def scaled(digit: Grey, size: float) -> Grey:
    """Return a digit of MNIST cut to its ink, its longer side `size` pixels."""
    x, y, width, height = cv2.boundingRect(digit)
    scale = size / 20
    cut = cv2.resize(digit[y : y + height, x : x + width], None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    return np.asarray(cut, np.uint8)


def photographed(ink: Grey, noise: float, random: np.random.Generator) -> Grey:
    """Return dark ink on paper that is lit from one side, noisy, after JPEG."""
    left = float(random.integers(2))
    light = 1 - 0.25 * np.linspace(left, 1 - left, ink.shape[1])
    paper = random.uniform(170, 245) * light * (1 - random.uniform(0.5, 0.85) * ink / 255)
    pixels = np.clip(paper + random.normal(0, noise, ink.shape), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=80)
    return np.asarray(Image.open(file))


if __name__ == "__main__":
    main()
