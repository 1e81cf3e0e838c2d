"""A sheet of paper that lies on something darker: what is around it is no part of what is written."""

from dataclasses import replace

import cv2
import numpy as np
from cv2.typing import MatLike

from app.lenet.box import Box
from app.lenet.canonical.ink import Ink
from app.lenet.canonical.thumbnail import thumbnail

GLANCE = 256
"""Longer side, in pixels, of the thumbnail on which the paper is looked for."""

COARSE = 128
"""The same for whether a side is dark at all."""

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


def cut_out_paper(ink: Ink) -> Ink:
    """Reduce a picture in which a sheet of paper has something darker beside it to that sheet."""
    sheet = ink.sheet
    if max(sheet.shape) < SMALLEST or not _has_a_dark_side(sheet) or not any(_split(thumbnail(sheet, COARSE))[1]):
        return ink
    small = thumbnail(sheet, GLANCE)
    paper = _paper_in(small)
    if paper is None:
        return ink
    x, y, width, height = cv2.boundingRect(paper)
    there = np.s_[y : y + height, x : x + width]
    stroke = _square(round(BROADEST * min(width, height)))
    shade = cv2.morphologyEx(cv2.bitwise_and(small, paper), cv2.MORPH_CLOSE, stroke)[there]
    shade = cv2.inpaint(shade, cv2.bitwise_not(paper[there]), 3, cv2.INPAINT_TELEA)
    box = Box(x, y, width, height).rescaled(small.shape, sheet.shape)
    size = box.width, box.height
    mask, shade = (cv2.resize(one, size, interpolation=cv2.INTER_LINEAR) for one in (paper[there], shade))
    part = sheet[box.y : box.y + box.height, box.x : box.x + box.width]
    alone = np.where(mask > 127, part, shade).astype(np.uint8)
    return replace(ink, sheet=alone, shown=ink.in_picture(box), removed=ink.removing("surroundings"))


def _has_a_dark_side(picture: MatLike) -> bool:
    """Return whether a side is darker than much of the picture: a glance that spares others a longer look."""
    sides = (picture[0], picture[-1], picture[:, 0], picture[:, -1])
    height, width = picture.shape
    samples = picture[:: max(1, height // SAMPLES), :: max(1, width // SAMPLES)]
    light = np.quantile(samples, 1 - 0.8 * LARGE)
    return bool(min(np.median(side) for side in sides) <= light - STEP)


def _split(small: MatLike) -> tuple[MatLike, list[bool]]:
    """Return 255 where a picture is light (Otsu, 1979), and whether its top, bottom, left and right side are dark."""
    _, light = cv2.threshold(small, 0, 255, cv2.THRESH_OTSU)
    sides = (light[0], light[-1], light[:, 0], light[:, -1])
    return light, [bool(np.mean(side == 0) >= WHOLE_SIDE) for side in sides]


def _paper_in(small: MatLike) -> MatLike | None:
    """Return 255 where the sheet of paper lies in a small picture."""
    light, dark_sides = _split(small)
    outline = _sheet_shaped_outline(light) if any(dark_sides) else None
    if outline is None:
        return None
    whole = cv2.drawContours(np.zeros_like(small), [outline], 0, 255, cv2.FILLED)
    paper, around = (cv2.erode(part, _square(2 * MARGIN)) for part in (whole, cv2.bitwise_not(whole)))
    stroke = _square(round(BROADEST * min(cv2.minAreaRect(outline)[1])))
    smooth = cv2.GaussianBlur(small, (3, 3), 0)
    writing = cv2.morphologyEx(smooth, cv2.MORPH_BLACKHAT, stroke) > RELIEF
    dark = cv2.bitwise_and(cv2.bitwise_not(light), paper)
    bold = cv2.erode(dark, stroke).any() or np.count_nonzero(dark) > WRITTEN * np.count_nonzero(paper)
    if bold or not writing[paper > 0].any() or not _surrounded(small, light, paper, around):
        return None
    # What is darker beside the paper may be a shadow, or other paper, with writing on it too.
    marks = writing | (cv2.morphologyEx(smooth, cv2.MORPH_TOPHAT, stroke) > RELIEF)
    bare = all(dark_sides) or np.mean(marks[around > 0]) <= BARE * np.mean(writing[paper > 0])
    return paper if bare else None


def _sheet_shaped_outline(light: MatLike) -> MatLike | None:
    """Return the outline of the largest light region, if it is large, about rectangular, and convex."""
    closed = cv2.morphologyEx(light, cv2.MORPH_CLOSE, _square(round(CLOSED * max(light.shape))))
    outlines, _ = cv2.findContours(closed, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outline = max(outlines, key=cv2.contourArea, default=None)
    if outline is None:
        return None
    _, (width, height), _ = cv2.minAreaRect(outline)
    hull = cv2.contourArea(cv2.convexHull(outline))
    least = max(LARGE * light.size, RECTANGULAR * width * height, CONVEX * hull)
    return outline if cv2.contourArea(outline) >= least else None


def _surrounded(small: MatLike, light: MatLike, paper: MatLike, around: MatLike) -> bool:
    """Return whether what is around is dark, and most of its difference to the paper lies at the edge.

    Shading has no edge.
    """
    near = _square(6 * MARGIN)
    beside = small[cv2.bitwise_and(paper, cv2.dilate(around, near)) > 0]
    beyond = small[cv2.bitwise_and(around, cv2.dilate(paper, near)) > 0]
    if not beside.size or not beyond.size or np.mean(light[around > 0] == 0) < WHOLE_SIDE:
        return False
    step = float(np.median(beside)) - float(np.median(beyond))
    difference = float(np.median(small[paper > 0])) - float(np.median(small[around > 0]))
    return step >= max(SHARP * difference, STEP)


def _square(side: int) -> MatLike:
    """A square of an odd number of pixels."""
    return cv2.getStructuringElement(cv2.MORPH_RECT, (side | 1, side | 1))
