"""A sheet of paper that lies on something darker: what is around it is no part of what is written."""

from dataclasses import dataclass

import cv2
import numpy as np
from cv2.typing import MatLike

from app.lenet.box import Box
from app.lenet.canonical.thumbnail import thumbnail
from app.lenet.image_types import GreyImage

GLANCE = 256
"""Longer side, in pixels, of the thumbnail on which the paper is looked for."""

SAMPLES = 32
"""Rows and columns of a picture that are looked at first."""

SMALLEST = 64
"""Longer side, in pixels, of a picture below which there is none: it shows a digit and no more."""

LARGE = 0.1
"""Share of the picture that the paper covers at least."""

RECTANGULAR = 0.8
"""Share of the smallest rectangle around it that the paper fills at least; a round digit fills less."""

CONVEX = 0.92
"""Share of its convex hull that it fills at least; digits side by side fill less."""

WHOLE_SIDE = 0.9
"""Share of a side of the picture that is darker than the paper, at least; and of all that is around the paper."""

BROADEST = 1 / 8
"""Width of the writing's strokes, as a share of the paper's shorter side, at most."""

RELIEF = 10
"""Grey levels by which writing is darker than the paper beside it, at least."""

WRITTEN = 0.3
"""Share of the paper that is written on at most; with more, it is a bold, square digit."""

BARE = 0.2
"""Share of that which is written on what is around it at most, unless the paper reaches no side of the picture."""

SHARP = 0.6
"""Share of the difference between paper and surroundings that lies within a few pixels of the edge at least."""

STEP = 16
"""Grey levels of it at least."""

CLOSED = 1 / 16
"""Size of the notches, as a share of the thumbnail's longer side, that writing leaves in the paper's edge."""

MARGIN = 2
"""Pixels of the thumbnail, from its edge, at which the paper is cut: the edge is blurred, and casts a shadow."""


@dataclass(frozen=True, slots=True)
class Paper:
    """The part of a picture, `box`, that a sheet of paper covers; `grey` its pixels, with the paper's shade around it."""

    box: Box
    grey: GreyImage


def cut_out_paper(grey: MatLike, reduced: MatLike) -> Paper | None:
    """Return the sheet of paper in an upright uint8 picture [height, width], if it has something darker beside it.

    `reduced` is the picture at some smaller size.
    """
    if max(grey.shape) < SMALLEST or not _has_a_dark_side(reduced):
        return None
    small = thumbnail(reduced, GLANCE)
    paper = _paper_in(small)
    if paper is None:
        return None
    x, y, width, height = cv2.boundingRect(paper)
    box = Box(x, y, width, height).rescaled(small.shape, grey.shape)
    there = np.s_[y : y + height, x : x + width]
    shade = _without_writing(cv2.bitwise_and(small, paper), min(width, height))[there]
    shade = cv2.inpaint(shade, cv2.bitwise_not(paper[there]), 3, cv2.INPAINT_TELEA)
    size = box.width, box.height
    mask, shade = (cv2.resize(one, size, interpolation=cv2.INTER_LINEAR) for one in (paper[there], shade))
    part = grey[box.y : box.y + box.height, box.x : box.x + box.width]
    return Paper(box, np.where(mask > 127, part, shade).astype(np.uint8))


def _has_a_dark_side(picture: MatLike) -> bool:
    """Return whether a side is darker than much of the picture, at a glance that spares other pictures a longer look."""
    sides = (picture[0], picture[-1], picture[:, 0], picture[:, -1])
    height, width = picture.shape
    samples = picture[:: max(1, height // SAMPLES), :: max(1, width // SAMPLES)]
    light = np.quantile(samples, 1 - 0.8 * LARGE)
    return bool(min(np.median(side) for side in sides) <= light - STEP)


def _paper_in(small: MatLike) -> MatLike | None:
    """Return 255 where the sheet of paper lies in a small picture."""
    _, light = cv2.threshold(small, 0, 255, cv2.THRESH_OTSU)
    sides = [float(np.mean(side == 0)) for side in (light[0], light[-1], light[:, 0], light[:, -1])]
    if max(sides) < WHOLE_SIDE:
        return None
    outline = _largest_outline(cv2.morphologyEx(light, cv2.MORPH_CLOSE, _square(round(CLOSED * max(small.shape)))))
    if outline is None or cv2.contourArea(outline) < LARGE * small.size:
        return None
    _, (width, height), _ = cv2.minAreaRect(outline)
    area = cv2.contourArea(outline)
    if area < RECTANGULAR * width * height or area < CONVEX * cv2.contourArea(cv2.convexHull(outline)):
        return None
    paper = cv2.drawContours(np.zeros_like(small), [outline], 0, 255, cv2.FILLED)
    around = cv2.erode(cv2.bitwise_not(paper), _square(2 * MARGIN))
    paper = cv2.erode(paper, _square(2 * MARGIN))
    side = min(width, height)
    smooth = cv2.GaussianBlur(small, (3, 3), 0)
    relief = cv2.subtract(_without_writing(smooth, side), smooth) > RELIEF
    dark = cv2.bitwise_and(cv2.bitwise_not(light), paper)
    broad = cv2.erode(dark, _square(round(BROADEST * side)))
    if broad.any() or np.count_nonzero(dark) > WRITTEN * np.count_nonzero(paper) or not relief[paper > 0].any():
        return None
    if np.count_nonzero(light[around > 0]) > (1 - WHOLE_SIDE) * np.count_nonzero(around):
        return None
    if not _has_an_edge(small, paper, around):
        return None
    if min(sides) >= WHOLE_SIDE:
        return paper
    # What is darker may be a shadow on the paper, or dark paper, with writing on it too.
    light_marks = (
        cv2.subtract(smooth, cv2.morphologyEx(smooth, cv2.MORPH_OPEN, _square(round(BROADEST * side)))) > RELIEF
    )
    marked = np.mean((relief | light_marks)[around > 0])
    return paper if marked <= BARE * np.mean(relief[paper > 0]) else None


def _has_an_edge(small: MatLike, paper: MatLike, around: MatLike) -> bool:
    """Return whether most of the difference between paper and surroundings lies at its edge: shading has none."""
    reach = _square(6 * MARGIN)
    beside = small[cv2.bitwise_and(paper, cv2.dilate(around, reach)) > 0]
    beyond = small[cv2.bitwise_and(around, cv2.dilate(paper, reach)) > 0]
    if not beside.size or not beyond.size:
        return False
    step = float(np.median(beside)) - float(np.median(beyond))
    return step >= max(SHARP * (np.median(small[paper > 0]) - np.median(small[around > 0])), STEP)


def _largest_outline(mask: MatLike) -> MatLike | None:
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return max(outlines, key=cv2.contourArea, default=None)


def _without_writing(small: MatLike, side: float) -> MatLike:
    """Return the shade of paper whose shorter side has `side` pixels."""
    return cv2.morphologyEx(small, cv2.MORPH_CLOSE, _square(round(BROADEST * side)))


def _square(side: int) -> MatLike:
    """A square of an odd number of pixels."""
    return cv2.getStructuringElement(cv2.MORPH_RECT, (side | 1, side | 1))
