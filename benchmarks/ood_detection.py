"""Out-of-distribution detection: the share of pictures without a digit that the service is unsure of, and its cost.

`python -m benchmarks.ood_detection` draws the pictures from a fixed seed and prints a table and a JSON line. Letters
are drawn in DejaVu, which no training picture uses. Characters that look like digits (O I l S Z B g q) are left out.
"""

import argparse
import json
import timeit
from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import median

import cv2
import matplotlib
import numpy as np
from numpy.typing import ArrayLike
from PIL import Image, ImageDraw, ImageFont

from app.lenet.decoding.decoder import DecodedImage, ImageSource
from app.lenet.image_types import GreyImage
from app.lenet.inference.answer import answer
from app.lenet.inference.calibration import energy, unsure_reasons
from app.lenet.inference.predictor import Predictor
from app.lenet.inference.preprocessing import preprocess
from benchmarks.shipped import shipped_predictor

Random = np.random.Generator

LETTERS = "ACEFHJKMNPRTUVWXYacdefhkmnprtuvwxy"
SYMBOLS = "+*#%&@=<>^~$?{};:€±÷≠≤∑∏√∂ΓΔΛΞΠΣΦΨΩπτφψωλμЖЩЮЯФЦЫ■▲▼◆★♥♣♠♦→←↑↓⇒"
FACES = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono")
# Corners in a square of 100 units, y pointing down.
GARMENTS = (
    "10,25 35,10 45,15 55,15 65,10 90,25 82,42 72,36 72,90 28,90 28,36 18,42",  # shirt
    "30,10 70,10 75,90 57,90 50,35 43,90 25,90",  # trousers
    "40,5 45,15 55,15 60,5 62,40 80,95 20,95 38,40",  # dress
    "35,10 60,10 60,60 90,75 90,90 35,90",  # boot
    "15,40 30,40 35,20 65,20 70,40 85,40 85,85 15,85",  # bag
    "5,90 20,20 40,10 60,10 80,20 95,90 80,92 73,50 73,95 27,95 27,50 20,92",  # coat
)


def blank(random: Random) -> GreyImage:
    """Return blank paper: uniform, shaded or grainy."""
    side = int(random.integers(28, 200))
    shade = np.linspace(0, random.uniform(-40, 40) * random.integers(2), side)[:, None]
    return clipped(random.uniform(0, 255) + shade + random.normal(0, random.uniform(0, 8), (side, side)))


def noise(random: Random) -> GreyImage:
    """Return noise: uniform, smooth, or white pixels on black."""
    side = int(random.integers(28, 200))
    match random.integers(3):
        case 0:
            return clipped(random.uniform(0, 256, (side, side)))
        case 1:
            field = cv2.GaussianBlur(random.normal(0, 1, (side, side)), (0, 0), random.uniform(0.5, 6))
            return clipped(128 + field / field.std() * 50)
        case _:
            return clipped((random.random((side, side)) < random.uniform(0.01, 0.3)) * 255.0)


def texture(random: Random) -> GreyImage:
    """Return a texture: stripes, a checkerboard, rings or a weave."""
    side, period, angle = int(random.integers(60, 200)), random.uniform(5, 30) / 6.28, random.uniform(0, 3.1)
    y, x = np.mgrid[:side, :side]
    along, across = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    waves = (
        np.sin(along / period),
        np.sign(np.sin(along / period) * np.sin(across / period)),
        np.sin(np.hypot(x - side * random.random(), y - side * random.random()) / period),
        np.sin(along / period) + np.sin(across / period / 2),
    )[random.integers(4)]
    return clipped(128 + waves * random.uniform(30, 120) + random.normal(0, 5, waves.shape))


def character(random: Random, characters: str) -> GreyImage:
    """Return one of the characters, dark on light paper."""
    side = int(random.integers(60, 260))
    page = Image.new("L", (side, side), int(random.integers(200, 256)))
    face = font(str(random.choice(FACES)), int(side * random.uniform(0.4, 0.7)))
    ink = int(random.integers(0, 100))
    ImageDraw.Draw(page).text((side / 2, side / 2), str(random.choice(list(characters))), ink, face, anchor="mm")
    return clipped(np.asarray(page) + random.normal(0, random.uniform(0, 6), (side, side)))


def touching_pair(random: Random) -> GreyImage:
    """Return two digits that run into each other, dark on paper."""
    height = int(random.integers(40, 130))
    face, one, two = font(str(random.choice(FACES)), height), *(str(digit) for digit in random.integers(0, 10, 2))
    page = Image.new("L", (height * 3, height * 2), int(random.integers(200, 256)))
    pen, ink = ImageDraw.Draw(page), int(random.integers(0, 100))
    right = page.width / 2 + height * random.uniform(0.02, 0.08)
    pen.text((right, height), one, ink, face, anchor="rm")
    pen.text((page.width / 2, height + height * random.uniform(-0.08, 0.08)), two, ink, face, anchor="lm")
    return clipped(np.asarray(page) + random.normal(0, random.uniform(0, 6), (page.height, page.width)))


def piece(random: Random) -> GreyImage:
    """Return the left part of a digit, cut where a digit is cut in two by mistake, dark on paper."""
    side = int(random.integers(60, 260))
    shade, ink, digit = int(random.integers(200, 256)), int(random.integers(0, 100)), str(random.choice(list("02358")))
    page = Image.new("L", (side, side), shade)
    pen, face = ImageDraw.Draw(page), font(str(random.choice(FACES)), int(side * random.uniform(0.4, 0.7)))
    left, top, right, bottom = pen.textbbox((side / 2, side / 2), digit, face, anchor="mm")
    pen.text((side / 2, side / 2), digit, ink, face, anchor="mm")
    pen.rectangle((left + (right - left) * random.uniform(0.35, 0.5), top, right, bottom), shade)
    return clipped(np.asarray(page) + random.normal(0, random.uniform(0, 6), (side, side)))


def garment(random: Random) -> GreyImage:
    """Return the silhouette of a piece of clothing, plain or striped, light on black."""
    corners = np.array([point.split(",") for point in str(random.choice(GARMENTS)).split()], np.float64)
    points = (corners + random.normal(0, 2, corners.shape)) * 1.12
    canvas = cv2.fillPoly(np.zeros((112, 112)), [points.astype(np.int32)], random.uniform(120, 255))
    if random.random() < 0.5:
        canvas = canvas * (0.7 + 0.3 * np.sin(np.arange(112) / random.uniform(2, 8)))
    return clipped(cv2.resize(canvas, (28, 28), interpolation=cv2.INTER_AREA) if random.random() < 0.5 else canvas)


def photograph(random: Random) -> GreyImage:
    """Return a picture like a photograph: a soft background, several blurred shapes, grain."""
    scene = cv2.resize(random.normal(128, 40, (6, 6)), (200, 200), interpolation=cv2.INTER_CUBIC)
    for _ in range(random.integers(2, 9)):
        x, y = (int(value) for value in random.integers(0, 200, 2))
        shade = float(random.integers(0, 256))
        if random.random() < 0.5:
            cv2.circle(scene, (x, y), int(random.integers(8, 70)), shade, -1)
        else:
            width, height = (int(value) for value in random.integers(10, 110, 2))
            cv2.rectangle(scene, (x, y), (x + width, y + height), shade, -1)
    return clipped(cv2.GaussianBlur(scene, (0, 0), random.uniform(0.5, 2)) + random.normal(0, 4, scene.shape))


def clipped(values: ArrayLike) -> GreyImage:
    """Return the values clipped to 0..255, as uint8."""
    return np.asarray(np.clip(np.asarray(values), 0, 255), np.uint8)


@cache
def font(face: str, size: int) -> ImageFont.FreeTypeFont:
    """Return one of the fonts that come with matplotlib."""
    return ImageFont.truetype(str(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{face}.ttf"), size)


KINDS: dict[str, Callable[[Random], GreyImage]] = {
    "blank": blank,
    "noise": noise,
    "textures": texture,
    "letters": lambda random: character(random, LETTERS),
    "symbols": lambda random: character(random, SYMBOLS),
    "touching pairs": touching_pair,
    "pieces of digits": piece,
    "clothing": garment,
    "photographs": photograph,
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--artifact", default="robust")
    parser.add_argument("--pictures", type=int, default=300, help="number of pictures of each kind")
    options = parser.parse_args()
    predictor = shipped_predictor(options.artifact)
    rows = {kind: share_unsure(predictor, kind, options.pictures) for kind in KINDS}
    rows["all"] = sum(rows.values()) / len(rows)
    print("| pictures of | unsure |\n|---|---|")
    for kind, share in rows.items():
        print(f"| {kind} | {share:.1%} |")
    cost = {count: cost_of_abstention(predictor, count) for count in (1, 8, 64)}
    print(f"abstention costs {', '.join(f'{share:.1%} of a forward pass of {count}' for count, share in cost.items())}")
    print(json.dumps({"benchmark": "ood_detection", "artifact": predictor.card.name, "unsure": rows, "cost": cost}))


def share_unsure(predictor: Predictor, kind: str, count: int) -> float:
    """Return the share of unsure answers for `count` pictures of one kind."""
    random = np.random.default_rng(2026)
    greys = [KINDS[kind](random) for _ in range(count)]
    source = ImageSource("PNG", width=28, height=28, frames=1)
    prepared = [preprocess(DecodedImage(grey, source), "auto", predictor.card.input.size) for grey in greys]
    return sum(bool(found.reasons) for found in answer(predictor, prepared)) / count


def cost_of_abstention(predictor: Predictor, count: int) -> float:
    """Return the time for energies and reasons of `count` pictures, as a share of their forward pass; from medians."""
    size, calibration = predictor.card.input.size, predictor.card.calibration
    pictures = np.random.default_rng(0).random((count, 1, size, size), np.float32)
    logits = predictor.logits(pictures)

    def find_reasons() -> None:
        for energy_of_it in energy(logits).tolist():
            unsure_reasons(1.0, energy_of_it, calibration)

    return median_seconds(find_reasons) / median_seconds(lambda: predictor.logits(pictures))


def median_seconds(call: Callable[[], object], calls: int = 300) -> float:
    """Return the median time of a call."""
    return median(timeit.repeat(call, number=1, repeat=calls))


if __name__ == "__main__":
    main()
