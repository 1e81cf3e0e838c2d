"""Ink on noisy and rough paper."""

import cv2
import numpy as np

from app.lenet.canonical.canonical_form import find_ink
from app.lenet.canonical.grain import in_specks
from tests.drawn_digits import paper, written

PAGE = 1024


def test_specks_are_told_from_strokes() -> None:
    specks, strokes = np.full(10_000, 5), np.full(6, 900)
    assert in_specks(np.concatenate((specks, strokes)), scale=6)
    assert not in_specks(np.concatenate((specks[:500], strokes)), scale=6)
    assert not in_specks(np.zeros(3, np.int64), scale=6)


def test_faint_writing_is_found_under_a_dark_photo_s_noise() -> None:
    page = written(paper(768, 1024), pen=195, thickness=9) / 2.5
    noisy = np.clip(page + np.random.default_rng(0).normal(0, 4, page.shape), 0, 255).astype(np.uint8)
    ink = find_ink(noisy, PAGE)
    drawn = written(paper(768, 1024), thickness=9) < 100
    assert "noise" in ink.removed
    assert np.mean(ink.sheet[drawn] > 127) > 0.9
    assert np.mean(ink.sheet[cv2.dilate(drawn.astype(np.uint8), np.ones((15, 15))) == 0] > 127) < 0.001


def test_clean_writing_is_not_smoothed() -> None:
    assert find_ink(written(paper(768, 1024)), PAGE).removed == ()
