"""Share of numbers read right on forms printed in a colour: MNIST test digits in boxes, combs, frames and on rules.

`python -m benchmarks.colour_forms` prints a table and a JSON line. The pages are photographs: turned a little, unevenly
lit, with noise, as JPEG with colours at half the resolution.
"""

import argparse
import io
import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from app.lenet.decoding.decoder import decode
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.decoding.reduction import PAGE
from app.lenet.image_types import GreyImage
from app.lenet.network import artifact
from app.lenet.reading.reader import Reader, load_reader
from benchmarks.shipped import shipped_predictor
from training.data.mnist import Digits, load_mnist
from training.synthesis.page_paper import Form, draw_form
from training.synthesis.page_pen import Pen, draw_digit

Colour = tuple[int, int, int]

KINDS = ("boxes", "comb", "ruled", "frame", "underline")
RED, ORANGE, GREEN, LIGHT_BLUE = (225, 70, 65), (240, 140, 60), (90, 180, 120), (130, 185, 235)
BLACK, DARK_BLUE, GREY = (45, 45, 50), (35, 50, 130), (130, 130, 130)


@dataclass(frozen=True, slots=True)
class Inks:
    """The colours of the print and of the pens, of which each page has one, and whether the print has words too."""

    print: Colour
    pens: tuple[Colour, ...] = (BLACK, DARK_BLUE)
    words: bool = False


ROWS = {
    "red": Inks(RED),
    "orange": Inks(ORANGE),
    "green": Inks(GREEN),
    "light blue": Inks(LIGHT_BLUE, (BLACK,)),
    "red, with words": Inks(RED, words=True),
    "orange, with words": Inks(ORANGE, words=True),
    "grey": Inks(GREY),
    "black, red pen": Inks(BLACK, (RED,)),
    "red, red pen": Inks(RED, (RED,)),
    "light blue, blue pen": Inks(LIGHT_BLUE, (DARK_BLUE,)),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--artifact", default="robust")
    parser.add_argument("--pages", type=int, default=200)
    options = parser.parse_args()
    predictor = shipped_predictor(options.artifact)
    reader = load_reader(artifact.load(artifact.SHIPPED / f"{options.artifact}.safetensors"), predictor)
    test = load_mnist(Path("data")).test
    rows = {name: measured(reader, test, inks, options.pages) for name, inks in ROWS.items()}
    print("| print | read right |\n|---|---|")
    for name, right in rows.items():
        print(f"| {name} | {right:.1%} |")
    print(json.dumps({"benchmark": "colour_forms", "artifact": predictor.card.name, "pages": rows}))


def measured(reader: Reader, test: Digits, inks: Inks, count: int) -> float:
    """Return the share of pages of which all lines are read right."""
    random, right = np.random.default_rng(0), 0
    for _ in range(count):
        file, text = form_photo(random, test, inks)
        grey = decode(file, ImageLimits(), PAGE).grey
        right += [line.text for line in reader.read(grey).lines] == text
    return right / count


def form_photo(random: np.random.Generator, test: Digits, inks: Inks) -> tuple[bytes, list[str]]:
    """Return a form's photograph as a JPEG, and the lines of digits on it."""
    height = int(random.integers(32, 80))
    cell = height * random.uniform(1.1, 1.4)
    each = (int(random.integers(3, 9)),) * int(random.integers(1, 4))
    advance, top, left = height * random.uniform(1.8, 2.4), 1.5 * height, height * random.uniform(0.5, 1.5)
    form = Form(str(random.choice(KINDS)), left, top, height, cell, advance, each)
    size = round(top + advance * len(each) + height), round(left + cell * each[0] + height)
    pen, written, text = Pen.drawn(random), np.zeros(size, np.uint8), []
    for row, count in enumerate(each):
        text.append("")
        for number in range(count):
            label, drawn = draw_digit(random, test, pen, height * random.uniform(0.75, 0.95))
            x = round(left + (number + 0.5) * cell - drawn.shape[1] / 2 + random.normal(0, 0.05) * cell)
            y = round(top + row * advance + (height - drawn.shape[0]) / 2 + random.normal(0, 0.06) * height)
            place = written[max(y, 0) : y + drawn.shape[0], max(x, 0) : x + drawn.shape[1]]
            np.maximum(place, drawn[: place.shape[0], : place.shape[1]], out=place)
            text[-1] += str(label)
    printed = draw_form(random, form, written)
    if inks.words:
        for row in range(len(each)):
            at = round(left), round(top + row * advance - 0.3 * height)
            cv2.putText(printed, "Name Feld Betrag", at, cv2.FONT_HERSHEY_SIMPLEX, height / 100, 255, 1, cv2.LINE_AA)
    pen_colour = inks.pens[random.integers(len(inks.pens))]
    return _photographed(random, [(printed, inks.print), (written, pen_colour)]), text


def _photographed(random: np.random.Generator, layers: list[tuple[GreyImage, Colour]]) -> bytes:
    """Return the ink of the layers, 255 on 0, each in its colour on paper, as a JPEG with colours at half the size."""
    height, width = layers[0][0].shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), random.normal(0, 1), 1)
    paper = 255 * random.uniform(0.75, 0.98) * random.uniform(0.93, 1, 3)
    left = float(random.integers(2))
    light = 1 - random.uniform(0, 0.4) * np.linspace(left, 1 - left, width)[np.newaxis, :, np.newaxis]
    rgb = paper * light * np.ones((height, 1, 1))
    for ink, colour in layers:
        cover = cv2.warpAffine(ink, turn, (width, height))[..., np.newaxis] / 255
        rgb *= 1 - cover * (1 - np.array(colour) / 255)
    soft = cv2.GaussianBlur(rgb, (0, 0), random.uniform(0.4, 1.2))
    noisy = np.clip(soft + random.normal(0, random.uniform(0, 4), soft.shape), 0, 255)
    file = io.BytesIO()
    Image.fromarray(noisy.astype(np.uint8)).save(
        file, "JPEG", quality=int(random.integers(60, 95)), subsampling="4:2:0"
    )
    return file.getvalue()


if __name__ == "__main__":
    main()
