"""Draws the picture of the canonical form's page: a few digits through every step. `python docs/render_steps.py`."""

from pathlib import Path

import cv2
import numpy as np
from cv2.typing import MatLike

from app.lenet.canonical.canonical_form import DIGIT_STEPS, WORKING_SIDE, run
from app.lenet.canonical.ink import start

TILE = 180
SHOWN = ("make_ink_light", "flatten_background", "stretch_contrast", "select_strokes", "fit_to_frame")


def paper(height: int = 400, width: int = 400, shade: int = 215) -> MatLike:
    grain = np.random.default_rng(0).normal(shade, 4, (height, width))
    return np.clip(grain, 0, 255).astype(np.uint8)


def drawn(picture: MatLike, *strokes: list[tuple[int, int]], pen: int = 50, thickness: int = 14) -> MatLike:
    for stroke in strokes:
        cv2.polylines(picture, [np.array(stroke, np.int32)], False, pen, thickness, cv2.LINE_AA)
    return picture


def two_in_the_shadow() -> MatLike:
    picture = paper()
    cv2.ellipse(picture, (200, 150), (60, 60), 0, 180, 390, 50, 12, cv2.LINE_AA)
    drawn(picture, [(252, 180), (145, 300), (270, 300)], thickness=12)
    shadow = cv2.GaussianBlur(np.where(np.arange(400) < 190, 0.5, 1.0)[None], (31, 1), 0)
    return (picture * shadow).astype(np.uint8)


def five_with_specks() -> MatLike:
    picture = drawn(
        paper(), [(160, 110), (250, 105)], [(150, 128), (148, 190), (200, 185), (240, 220), (210, 280), (145, 280)]
    )
    for x, y in ((40, 60), (340, 330), (330, 50), (70, 350)):
        cv2.circle(picture, (x, y), 4, 60, -1)
    return picture


def seven_on_squares() -> MatLike:
    picture = paper()
    picture[20::50] = picture[21::50] = picture[:, 30::50] = picture[:, 31::50] = 120
    return drawn(picture, [(140, 110), (250, 110), (180, 300)], [(160, 200), (245, 200)])


def thin_light_eight() -> MatLike:
    picture = 255 - paper(shade=240)
    cv2.ellipse(picture, (200, 150), (40, 45), 0, 0, 360, 230, 3, cv2.LINE_AA)
    return cv2.ellipse(picture, (200, 250), (50, 55), 0, 0, 360, 230, 3, cv2.LINE_AA)


def sheets(picture: MatLike) -> list[MatLike]:
    """Return the picture, and the sheet after each of the steps shown."""
    ink, tiles = start(picture, WORKING_SIDE), [picture]
    for step in DIGIT_STEPS:
        ink = run([step], ink)
        if step.__name__ in SHOWN:
            tiles.append(cv2.normalize(ink.sheet, None, 0, 255, cv2.NORM_MINMAX))  # type: ignore[call-overload]
    return tiles


def tile(picture: MatLike) -> MatLike:
    """Return the picture in a square tile, its proportions kept."""
    scale = TILE / max(picture.shape)
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    resized = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST)
    square = np.zeros((TILE, TILE), np.uint8)
    top, left = (TILE - size[1]) // 2, (TILE - size[0]) // 2
    square[top : top + size[1], left : left + size[0]] = resized
    return cv2.copyMakeBorder(square, 4, 4, 4, 4, cv2.BORDER_CONSTANT, value=128)


def main() -> None:
    rows = [
        np.hstack([tile(sheet) for sheet in sheets(picture)])
        for picture in (two_in_the_shadow(), five_with_specks(), seven_on_squares(), thin_light_eight())
    ]
    head = np.full((28, rows[0].shape[1]), 128, np.uint8)
    for number, name in enumerate(("picture", *SHOWN)):
        place = (number * (TILE + 8) + 8, 20)
        cv2.putText(head, name.replace("_", " "), place, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 1, cv2.LINE_AA)
    cv2.imwrite(str(Path(__file__).parent / "explanation" / "canonical-form.png"), np.vstack([head, *rows]))


if __name__ == "__main__":
    main()
