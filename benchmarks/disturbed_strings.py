"""Readings of labelled pictures of several digits that are turned, scaled, shaded, compressed, blurred, on a desk.

`python -m benchmarks.disturbed_strings DIR` prints a table and a JSON line; DIR is as for `evaluate --strings`.
Pictures that a reader was made with show less of its mistakes than the same ones a little different.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from app.lenet.decoding.decoder import decode
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.decoding.reduction import PAGE
from app.lenet.image_types import GreyImage
from app.lenet.network import artifact
from app.lenet.reading.reader import Reader, load_reader
from benchmarks.shipped import shipped_predictor
from training.data.labelled_strings import LabelledString, find_strings
from training.evaluation.strings import edit_distance

DESK = 0.15
"""Width of the desk that is seen on each side, as a share of the picture's longer side."""

ASKEW = 0.85
"""Size of a note that lies askew."""


def turned(grey: GreyImage, degrees: float) -> GreyImage:
    """Return the picture turned about its middle, with its border continued."""
    height, width = grey.shape
    turn = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1), np.float64)
    reach = np.abs(turn[:, :2]) @ (width, height)
    turn[:, 2] += (reach - (width, height)) / 2
    size = int(reach[0]), int(reach[1])
    return np.asarray(cv2.warpAffine(grey, turn, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def scaled(grey: GreyImage, scale: float) -> GreyImage:
    """Return the picture resized."""
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=how), np.uint8)


def shaded(grey: GreyImage) -> GreyImage:
    """Return the picture with up to a third less light to the right and downwards."""
    height, width = grey.shape
    y, x = np.mgrid[:height, :width]
    return np.asarray(grey * (1 - 0.35 * (0.7 * x / width + 0.3 * y / height)), np.uint8)


def compressed(grey: GreyImage) -> GreyImage:
    """Return the picture after JPEG of quality 40."""
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, 40])[1], 0), np.uint8)


def noisy(grey: GreyImage) -> GreyImage:
    """Return the picture with noise of 5 grey levels."""
    return np.asarray(np.clip(grey + np.random.default_rng(0).normal(0, 5, grey.shape), 0, 255), np.uint8)


def blurred(grey: GreyImage) -> GreyImage:
    """Return the picture out of focus, the more the larger it is."""
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), max(0.6, max(grey.shape) / 900)), np.uint8)


def aslant(grey: GreyImage) -> GreyImage:
    """Return the picture as seen from aside."""
    height, width = grey.shape
    size = np.array([width, height], np.float32)
    corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
    moved = np.array([(0.03, 0.02), (0.99, 0.05), (0.96, 0.98), (0, 1)], np.float32)
    warp = cv2.getPerspectiveTransform(corners * size, moved * size)
    return np.asarray(cv2.warpPerspective(grey, warp, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def on_desk(grey: GreyImage, *, sides: str = "tblr", degrees: float = 0) -> GreyImage:
    """Return the picture as a note on a dark, noisy desk, which is seen at the top, bottom, left or right of it."""
    height, width = grey.shape
    margin = round(DESK * max(grey.shape))
    top, bottom, left, right = (margin if side in sides else 0 for side in "tblr")
    note = cv2.copyMakeBorder(grey.astype(np.float32), top, bottom, left, right, cv2.BORDER_CONSTANT)
    there = cv2.copyMakeBorder(np.ones((height, width), np.float32), top, bottom, left, right, cv2.BORDER_CONSTANT)
    size = note.shape[::-1]
    turn = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), degrees, ASKEW if degrees else 1)
    note, there = (cv2.warpAffine(layer, turn, size) for layer in (note, there))
    there = cv2.GaussianBlur(there, (0, 0), max(0.7, max(size) / 1200))
    desk = 40 + np.random.default_rng(0).normal(0, 4, note.shape)
    return np.asarray(np.clip(desk * (1 - there) + note * there, 0, 255), np.uint8)


def dim(grey: GreyImage) -> GreyImage:
    """Return the picture with a third of its contrast, and noise of 3 grey levels."""
    faint = 150 + (grey - 150.0) * 0.35
    return np.asarray(np.clip(faint + np.random.default_rng(0).normal(0, 3, grey.shape), 0, 255), np.uint8)


CHANGES: dict[str, Callable[[GreyImage], GreyImage]] = {
    "as it is": lambda grey: grey,
    "turned by 2 degrees": lambda grey: turned(grey, 2),
    "turned by -3 degrees": lambda grey: turned(grey, -3),
    "reduced to 70 %": lambda grey: scaled(grey, 0.7),
    "enlarged to 140 %": lambda grey: scaled(grey, 1.4),
    "shaded": shaded,
    "JPEG of quality 40": compressed,
    "noise": noisy,
    "blur": blurred,
    "seen from aside": aslant,
    "negative": np.invert,
    "dim and noisy": dim,
    "on a dark desk": on_desk,
    "on a dark desk, askew": lambda grey: on_desk(grey, degrees=4),
    "a dark desk on two sides": lambda grey: on_desk(grey, sides="tl"),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("strings", type=Path)
    options = parser.parse_args()
    reader = load_reader(artifact.load(artifact.SHIPPED / "robust.safetensors"), shipped_predictor("robust"))
    found = find_strings(options.strings)
    greys = [decode(labelled.path.read_bytes(), ImageLimits(), PAGE).grey for labelled in found]
    rows = {name: measured(reader, found, [change(grey) for grey in greys]) for name, change in CHANGES.items()}
    rows["all"] = tuple(np.mean(list(rows.values()), axis=0).tolist())
    print("| pictures | read right | digit errors | sure | wrong of sure |\n|---|---|---|---|---|")
    for name, (right, errors, sure, wrong) in rows.items():
        print(f"| {name} | {right:.1%} | {errors:.3f} | {sure:.1%} | {wrong / max(sure, 1e-9):.1%} |")
    print(json.dumps({"benchmark": "disturbed_strings", "rows": rows}))


def measured(reader: Reader, found: list[LabelledString], greys: list[GreyImage]) -> tuple[float, ...]:
    """Return the shares of pictures read right, edits per digit, and the shares of sure and of sure but wrong ones."""
    right = edits = sure = wrong = 0
    for labelled, grey in zip(found, greys, strict=True):
        reading = reader.read(grey)
        edit = edit_distance("".join(line.text for line in reading.lines), labelled.text)
        certain = bool(reading.lines) and not reading.unsure
        right, edits, sure, wrong = right + (edit == 0), edits + edit, sure + certain, wrong + (certain and edit > 0)
    digits = sum(len(labelled.text) for labelled in found)
    return right / len(found), edits / digits, sure / len(found), wrong / len(found)


if __name__ == "__main__":
    main()
