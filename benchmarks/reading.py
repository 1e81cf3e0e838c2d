"""Reading of synthetic pages, MNIST digits under uneven light with noise, as JPEG: the share of strings read correctly.

`python -m benchmarks.reading` prints a table and a JSON line.
"""

import argparse
import io
import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from app.lenet.image_types import GreyImage
from app.lenet.inference.predictor import Predictor
from app.lenet.reading.segmentation import segment
from benchmarks.shipped import shipped_predictor
from training.data.mnist import Digits, load_mnist

MARGIN = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class PageStyle:
    """The style of a page. Lengths are shares of a digit's height, `height` is in pixels, `noise` in grey levels."""

    digits: int
    lines: int = 1
    gap: tuple[float, float] = (0.15, 0.6)
    touching: float = 0.0  # share of the gaps that are closed
    height: int = 60
    noise: float = 4.0


PAGES = {
    "1 digit": PageStyle(digits=1),
    "2 digits apart": PageStyle(digits=2),
    "4 digits apart": PageStyle(digits=4),
    "8 digits apart": PageStyle(digits=8),
    "4 digits, narrow gaps": PageStyle(digits=4, gap=(0.05, 0.2)),
    "4 digits, every third gap touching": PageStyle(digits=4, touching=0.35),
    "2 lines of 4 digits": PageStyle(digits=4, lines=2),
    "4 digits, noisy": PageStyle(digits=4, noise=12.0),
    "4 digits, small": PageStyle(digits=4, height=24),
    "4 digits, large": PageStyle(digits=4, height=200),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--artifact", default="notebook")
    parser.add_argument("--pages", type=int, default=300)
    options = parser.parse_args()
    predictor = shipped_predictor(options.artifact)
    test = load_mnist(Path("data")).test
    rows = {name: measured(predictor, test, page, options.pages) for name, page in PAGES.items()}
    print("| page | read correctly | segmented correctly |\n|---|---|---|")
    for name, (read, told_apart) in rows.items():
        print(f"| {name} | {read:.1%} | {told_apart:.1%} |")
    print(json.dumps({"benchmark": "reading", "artifact": predictor.card.name, "pages": rows}))


def measured(predictor: Predictor, test: Digits, page: PageStyle, count: int) -> tuple[float, float]:
    """Return the shares of pages with the correct text, and with the correct number of digits in each line."""
    random = np.random.default_rng(0)
    read = told_apart = 0
    for _ in range(count):
        picture, text = composed(page, test, random)
        lines = segment(picture)
        glyphs = [glyph.image for line in lines for glyph in line]
        answers = iter(str(prediction.digit) for prediction in predictor.predict(glyphs))
        answered = ["".join(next(answers) for _ in line) for line in lines]
        read += answered == text
        told_apart += [len(line) for line in answered] == [len(line) for line in text]
    return read / count, told_apart / count


def composed(page: PageStyle, test: Digits, random: np.random.Generator) -> tuple[GreyImage, list[str]]:
    """Return a page and its lines of text."""
    strips, text = [], []
    for _ in range(page.lines):
        chosen = random.integers(0, len(test.images), page.digits)
        strips.append(line_of([test.images[index] for index in chosen], page, random))
        text.append("".join(str(int(test.labels[index])) for index in chosen))
    width = max(strip.shape[1] for strip in strips)
    ink = np.vstack([np.pad(strip, ((0, 0), (0, width - strip.shape[1]))) for strip in strips])
    return photographed(ink, page.noise, random), text


def line_of(digits: list[GreyImage], page: PageStyle, random: np.random.Generator) -> GreyImage:
    """Return a line of digits, cropped to their ink and scaled: light on black."""
    base = page.height * random.uniform(0.8, 1.3)
    strip = np.zeros((round(base * 1.6) + MARGIN // 2, round(base * 2 * (len(digits) + 1)) + 2 * MARGIN), np.uint8)
    end = MARGIN
    for digit in digits:
        x, y, width, height = cv2.boundingRect(digit)
        scale = base * random.uniform(0.85, 1.15) / 20
        cut = cv2.resize(digit[y : y + height, x : x + width], None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        touches = random.random() < page.touching
        left = round(end - random.uniform(0, 0.05) * base if touches else end + random.uniform(*page.gap) * base)
        top = round(MARGIN / 4 + (0.2 + random.uniform(-0.08, 0.08)) * base)
        place = strip[top : top + cut.shape[0], left : left + cut.shape[1]]
        np.maximum(place, cut[: place.shape[0]], out=place)
        end = left + cut.shape[1]
    return strip[:, : end + MARGIN]


def photographed(ink: GreyImage, noise: float, random: np.random.Generator) -> GreyImage:
    """Return dark ink on paper that is lit from one side, with noise, after JPEG compression."""
    left = float(random.integers(2))
    light = 1 - 0.25 * np.linspace(left, 1 - left, ink.shape[1])
    paper = random.uniform(170, 245) * light * (1 - random.uniform(0.5, 0.85) * ink / 255)
    pixels = np.clip(paper + random.normal(0, noise, ink.shape), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=80)
    return np.asarray(Image.open(file))


if __name__ == "__main__":
    main()
