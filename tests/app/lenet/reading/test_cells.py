"""One digit a cell: where a form has cells for single digits, and where it has not."""

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from app.lenet.canonical.canonical_form import find_ink
from app.lenet.image_types import GreyImage
from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from app.lenet.reading.cells import ACROSS, FREE
from app.lenet.reading.lattice import Lattice
from app.lenet.reading.reader import PAGE, Reader, load_reader
from tests.drawn_digits import one, paper, seven, zero
from tests.mnist_sample import MnistSample


@pytest.fixture(scope="module")
def reader(robust: Predictor) -> Reader:
    return load_reader(artifact.load(artifact.SHIPPED / "robust.safetensors"), robust)


def form(*walls: int, rows: int = 1) -> GreyImage:
    """Cells 130 tall between upright walls."""
    page = paper(40 + 130 * rows, walls[-1] + 30)
    for left, right in pairwise(walls):
        for row in range(rows):
            cv2.rectangle(page, (left, 20 + 130 * row), (right, 150 + 130 * row), 60, 2)
    return page


def write(page: GreyImage, digits: MnistSample, text: str, step: float) -> GreyImage:
    """Digits of MNIST, 80 tall, `step` pixels from one another."""
    for number, digit in enumerate(text):
        frame = cv2.resize(digits.images[digits.labels.index(int(digit))], (112, 112))
        x = round(30 + (number + 0.5) * step - 56)
        place = page[29:141, max(x, 0) : x + 112]
        place[:] = np.minimum(place, 220 - frame[:, max(-x, 0) :][:, : place.shape[1]] // 4 * 3)
    return page


def lattice_of(reader: Reader, page: GreyImage) -> Lattice:
    [(_, lattice)] = reader.lay_out(find_ink(page, PAGE)).lines
    return lattice


def texts(reader: Reader, page: GreyImage) -> list[str]:
    return [line.text for line in reader.read(page).lines]


def test_runs_are_told_by_the_cell_that_most_of_their_ink_is_in(reader: Reader) -> None:
    page = zero(zero(zero(form(30, 140, 250, 360), 85, 85), 195, 85), 305, 85)
    lattice = lattice_of(reader, page)
    single = [lattice.cells[number] for number, run in enumerate(lattice.runs) if run.right - run.left < 100]
    assert single == [0, 1, 2]


def test_digits_that_touch_across_a_wall_are_cut_at_it(reader: Reader, sample: MnistSample) -> None:
    page = write(form(30, 86, 142, 198, 254), sample, "6827", 56)
    ink = find_ink(page, PAGE)
    [(_, lattice)] = reader.lay_out(ink).lines
    assert set(lattice.cells) == {0, 1, 2, 3, ACROSS}
    assert texts(reader, page) == ["6827"]
    [(_, without)] = reader.lay_out(replace(ink, cells=ink.cells[:0])).lines
    assert reader.best(without).text != "6827"


def test_a_broken_digit_in_a_cell_is_one_digit(reader: Reader) -> None:
    page = zero(zero(zero(form(30, 140, 250, 360), 85, 85), 195, 85), 305, 85)
    page[25:145, 190:200] = 220
    assert texts(reader, page) == ["000"]
    lattice = lattice_of(reader, page)
    assert len({run.start for run, cell in zip(lattice.runs, lattice.cells, strict=True) if cell == 1}) == 2
    free = reader.best(lattice)
    assert reader.best(lattice, one_a_cell=True).confidence > free.confidence


def test_a_length_weighs_more_than_cells(reader: Reader) -> None:
    page = zero(seven(zero(form(30, 140, 250, 360), 85, 85), 165, 35), 305, 85)
    page[25:145, 80:90] = 220
    assert [len(line.text) for line in reader.read(page, length=4).lines] == [4]


def test_a_box_around_a_number_is_no_cell(reader: Reader) -> None:
    page = paper(200, 420)
    cv2.rectangle(page, (20, 20), (390, 160), 60, 2)
    for x in (70, 160, 250, 340):
        zero(page, x, 90)
    assert not set(lattice_of(reader, page).cells) - {FREE}
    assert texts(reader, page) == ["0000"]


@pytest.mark.parametrize("width", [110, 115])
def test_cells_that_hold_two_digits_do_not_hold_one(reader: Reader, width: int) -> None:
    page = form(30, 30 + width, 30 + 2 * width, 30 + 3 * width)
    for left in range(30, 30 + 3 * width, width):
        seven(one(page, left + 18, 35, thickness=8), left + 40, 35, thickness=8)
    assert set(lattice_of(reader, page).cells) - {ACROSS, FREE} == {0, 1, 2}
    assert texts(reader, page) == ["171717"]


def test_a_grid_with_empty_cells_is_read_row_by_row(reader: Reader) -> None:
    page = form(*range(30, 901, 120), rows=7)
    for row in range(7):
        zero(page, 90 + 120 * row, 85 + 130 * row)
        seven(page, 60 + 120 * ((row + 3) % 7), 35 + 130 * row)
    one(page, 810, 35)
    assert texts(reader, page) == ["071", "07", "07", "07", "70", "70", "70"]
