"""Ink on noisy and rough paper."""

import cv2
import numpy as np
import pytest

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


@pytest.mark.parametrize(("light", "shade", "noise"), [(0.67, 12, 5), (0.5, 20, 3), (0.4, 30, 2)])
def test_faint_writing_is_found_in_grain_that_sticks_together(light: float, shade: float, noise: float) -> None:
    """The grain's blots are as dark as the ink, and hold more pixels than strokes do."""
    y, x = np.mgrid[:768, :1024]
    page = written(paper(768, 1024), pen=190, thickness=9) * light - shade * (x / 1024) * (y / 768)
    noisy = np.clip(page + np.random.default_rng(0).normal(0, noise, page.shape), 0, 255).astype(np.uint8)
    ink = find_ink(noisy, PAGE)
    drawn = written(paper(768, 1024), thickness=9) < 100
    assert np.mean(ink.sheet[drawn] > 127) > 0.9
    assert np.mean(ink.sheet[cv2.dilate(drawn.astype(np.uint8), np.ones((15, 15))) == 0] > 127) < 0.001


def test_a_page_of_small_digits_and_a_few_specks_is_not_smoothed() -> None:
    page = paper(768, 1024)
    random = np.random.default_rng(0)
    for y in range(60, 760, 60):
        for x in range(30, 1000, 60):
            cv2.putText(page, str((x + y) % 10), (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 60, 2)
    for y, x in random.integers(0, (768, 1024), (200, 2)):
        page[y, x] = 120
    assert "noise" not in find_ink(page, PAGE).removed
