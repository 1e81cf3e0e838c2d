"""Several digits in a picture: their order, lines, boxes and forms."""

import numpy as np
from numpy.typing import NDArray

from app.lenet.canonical.canonical_form import canonicalise
from app.lenet.reading.segmentation import MOST_DIGITS, Glyph, segment
from tests.drawn_digits import five, likeness, one, paper, ruled, seven, zero


def centres(lines: list[list[Glyph]]) -> list[list[tuple[int, int]]]:
    return [[(g.box.x + g.box.width // 2, g.box.y + g.box.height // 2) for g in line] for line in lines]


def assert_near(lines: list[list[Glyph]], expected: list[list[tuple[int, int]]]) -> None:
    found = centres(lines)
    assert [len(line) for line in found] == [len(line) for line in expected]
    for line, expected_line in zip(found, expected, strict=True):
        assert np.abs(np.array(line) - np.array(expected_line)).max() <= 4


def test_digits_are_read_from_left_to_right() -> None:
    lines = segment(one(seven(zero(paper(200, 400), 330, 100), 180, 50), 80, 50))
    assert_near(lines, [[(80, 100), (210, 100), (330, 100)]])


def test_lines_are_read_from_top_to_bottom() -> None:
    picture = zero(zero(seven(paper(360, 300), 180, 210), 80, 260), 200, 100)
    assert_near(segment(picture), [[(200, 100)], [(80, 260), (210, 260)]])


def test_sloping_line_is_one_line() -> None:
    picture = paper(300, 600)
    for number in range(5):
        zero(picture, 60 + 110 * number, 80 + 30 * number)
    assert [len(line) for line in segment(picture)] == [5]


def test_each_digit_has_the_form_it_has_alone() -> None:
    (line,) = segment(seven(zero(paper(200, 300), 70, 100), 180, 50))
    alone = canonicalise(seven(paper(200, 300), 180, 50)).image
    assert likeness(line[1].image, alone) > 0.99


def test_detached_bar_stays_with_its_five() -> None:
    lines = segment(five(five(paper(200, 400), 60, 50, gap=8), 240, 50, gap=8))
    assert [len(line) for line in lines] == [2]
    assert all(abs(glyph.box.height - 112) <= 4 for glyph in lines[0])


def test_touching_digits_are_cut_apart() -> None:
    lines = segment(zero(zero(zero(paper(200, 400), 60, 100), 200, 100), 270, 100))
    assert_near(lines, [[(60, 100), (200, 100), (270, 100)]])


def test_wide_digit_is_not_cut() -> None:
    picture = zero(paper(200, 400), 60, 100)
    picture = seven(seven(picture, 200, 50), 200, 50)
    picture[50:62, 180:270] = picture[52, 220]
    assert [len(line) for line in segment(picture)] == [2]


def test_specks_and_printed_lines_are_no_digits() -> None:
    picture = seven(zero(paper(300, 400), 90, 150), 240, 100)
    picture[20:24, 20:24] = 40
    assert [len(line) for line in segment(ruled(picture, 43, 130, squared=True))] == [2]


def test_nothing_is_read_on_empty_paper() -> None:
    assert segment(paper()) == []
    assert segment(np.zeros((1, 1), np.uint8)) == []


def test_number_of_digits_is_bounded() -> None:
    random: NDArray[np.uint8] = np.random.default_rng(0).integers(0, 2, (300, 300), np.uint8) * 255
    dots = np.full((1000, 1000), 255, np.uint8)
    dots[::20, ::20] = 0
    for picture in (random, dots, random[:1], random[:, :1]):
        assert sum(len(line) for line in segment(np.ascontiguousarray(picture))) <= MOST_DIGITS


def test_no_picture_is_too_small_or_too_odd_to_be_read() -> None:
    random = np.random.default_rng(0)
    line = np.zeros((300, 300), np.uint8)
    line[150, 100:200] = 255
    assert [len(found) for found in segment(line)] == [1]
    tiny = np.zeros((28, 28), np.uint8)
    tiny[14, 10:12] = 255
    segment(tiny)
    for _ in range(2000):
        height, width = random.integers(1, 14, 2)
        segment(random.choice(np.array([0, 40, 111, 255], np.uint8), (height, width), p=[0.6, 0.1, 0.1, 0.2]))
