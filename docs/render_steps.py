"""Draws the picture of docs/canonical-form.md: a few digits through every step. `python docs/render_steps.py`."""

from pathlib import Path

import cv2
import numpy as np

from app.lenet.canonical.background import Grey, ink_is_dark
from app.lenet.canonical.binarisation import find_ink
from app.lenet.canonical.flattening import flatten
from app.lenet.canonical.pipeline import canonicalise
from app.lenet.canonical.stroke_selection import main_mark, same_digit

TILE = 180
STEPS = ("picture", "ink light", "flattened", "ink, no lines", "the digit", "canonical")


def paper(height: int = 400, width: int = 400, shade: int = 215) -> Grey:
    grain = np.random.default_rng(0).normal(shade, 4, (height, width))
    return np.clip(grain, 0, 255).astype(np.uint8)


def drawn(picture: Grey, *strokes: list[tuple[int, int]], pen: int = 50, thickness: int = 14) -> Grey:
    for stroke in strokes:
        cv2.polylines(picture, [np.array(stroke, np.int32)], False, pen, thickness, cv2.LINE_AA)
    return picture


def two_in_the_shadow() -> Grey:
    picture = paper()
    cv2.ellipse(picture, (200, 150), (60, 60), 0, 180, 390, 50, 12, cv2.LINE_AA)
    drawn(picture, [(252, 180), (145, 300), (270, 300)], thickness=12)
    shadow = cv2.GaussianBlur(np.where(np.arange(400) < 190, 0.5, 1.0)[None], (31, 1), 0)
    return (picture * shadow).astype(np.uint8)


def five_with_specks() -> Grey:
    picture = drawn(
        paper(), [(160, 110), (250, 105)], [(150, 128), (148, 190), (200, 185), (240, 220), (210, 280), (145, 280)]
    )
    for x, y in ((40, 60), (340, 330), (330, 50), (70, 350)):
        cv2.circle(picture, (x, y), 4, 60, -1)
    return picture


def seven_on_squares() -> Grey:
    picture = paper()
    picture[20::50] = picture[21::50] = picture[:, 30::50] = picture[:, 31::50] = 120
    return drawn(picture, [(140, 110), (250, 110), (180, 300)], [(160, 200), (245, 200)])


def thin_light_eight() -> Grey:
    picture = 255 - paper(shade=240)
    cv2.ellipse(picture, (200, 150), (40, 45), 0, 0, 360, 230, 3, cv2.LINE_AA)
    return cv2.ellipse(picture, (200, 250), (50, 55), 0, 0, 360, 230, 3, cv2.LINE_AA)


def steps(picture: Grey) -> list[Grey]:
    light = cv2.bitwise_not(picture) if ink_is_dark(picture) else picture
    flat, _ = flatten(light)
    ink = find_ink(picture)
    strokes = same_digit(ink, main_mark(ink))
    marks = cv2.bitwise_and(ink.sheet, np.where(ink.labels > 0, 255, 0).astype(np.uint8))
    digit = cv2.bitwise_and(ink.sheet, np.where(strokes, 255, 0).astype(np.uint8)[ink.labels])
    return [
        picture,
        light,
        cv2.normalize(flat, None, 0, 255, cv2.NORM_MINMAX),
        marks,
        digit,
        canonicalise(picture).image,
    ]


def tile(picture: Grey) -> Grey:
    enlarged = cv2.resize(
        picture, (TILE, TILE), interpolation=cv2.INTER_AREA if max(picture.shape) > TILE else cv2.INTER_NEAREST
    )
    return cv2.copyMakeBorder(enlarged, 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=128)


def main() -> None:
    rows = [
        np.hstack([tile(step) for step in steps(picture)])
        for picture in (two_in_the_shadow(), five_with_specks(), seven_on_squares(), thin_light_eight())
    ]
    head = np.full((28, rows[0].shape[1]), 128, np.uint8)
    for number, name in enumerate(STEPS):
        cv2.putText(head, name, (number * (TILE + 8) + 8, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.55, 255, 1, cv2.LINE_AA)
    cv2.imwrite(str(Path(__file__).with_name("canonical-form.png")), np.vstack([head, *rows]))


if __name__ == "__main__":
    main()
