import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from app.lenet.reading.beam_search import Scores, best_texts, log_partition
from app.lenet.reading.cells import ACROSS, FREE


def lattice() -> Scores:
    """Three pieces, each alone or the first two together, with random scores."""
    random = np.random.default_rng(3)
    runs = np.array([(0, 1), (1, 2), (2, 3), (0, 2)])
    return Scores(3, runs, random.normal(0, 2, (4, 10)), random.normal(0, 2, 3))


def all_ways(scores: Scores) -> list[tuple[str, float]]:
    """Text and score of every path, by enumeration: each piece rejected or a digit, or the first two together one."""
    alone = [
        [*((str(digit), score) for digit, score in enumerate(scores.digits[number])), ("", scores.reject[number])]
        for number in range(3)
    ]
    together = [(str(digit), score) for digit, score in enumerate(scores.digits[3])]
    ways = [*product(*alone), *product(together, alone[2])]
    return [("".join(text for text, _ in way), sum(score for _, score in way)) for way in ways]


def in_cells(cells: tuple[int, ...]) -> tuple[Scores, dict[str, float]]:
    """The lattice with the cells of its runs, and each text's sum over the paths that have no two digits in a cell."""
    scores = replace(lattice(), cells=cells)
    scores.digits[:, 3:] = -99
    sums: dict[str, float] = {}

    def follow(node: int, last: int, text: str, score: float) -> None:
        if node == scores.pieces:
            sums[text] = sums.get(text, 0.0) + math.exp(score)
            return
        follow(node + 1, last, text, score + scores.reject[node])
        for run, (start, end) in enumerate(scores.runs.tolist()):
            if start == node and cells[run] != ACROSS and not cells[run] == last != FREE:
                for digit in range(10):
                    follow(end, cells[run], text + str(digit), score + scores.digits[run, digit])

    follow(0, FREE, "", 0.0)
    return scores, sums


@pytest.mark.parametrize(
    "cells", [(ACROSS,) * 4, (0, 0, 1, 0), (0, 1, 1, ACROSS), (FREE, 0, 0, FREE), (0, 0, 0, 0), (2, 1, 1, 2)]
)
def test_no_path_has_two_digits_in_a_cell(cells: tuple[int, ...]) -> None:
    scores, sums = in_cells(cells)
    assert log_partition(scores) == pytest.approx(math.log(sum(sums.values())))
    found = best_texts(scores, 1000)
    likely = sorted(sums, key=lambda text: -sums[text])[: len(found)]
    assert {one.text: one.score for one in found} == pytest.approx({text: math.log(sums[text]) for text in likely})
    assert log_partition(scores) < log_partition(replace(scores, cells=()))


def test_a_length_beyond_the_cells_has_no_text() -> None:
    scores, _ = in_cells((0, 0, 1, 0))
    assert {len(one.text) for one in best_texts(scores, 4, 2)} == {2}
    assert best_texts(scores, 4, 3) == []


def test_best_text_is_the_one_that_enumeration_finds() -> None:
    scores = lattice()
    scores.digits[:, 3:] = -99  # so that all digits that count are followed up
    sums: dict[str, float] = {}
    for text, score in all_ways(scores):
        sums[text] = sums.get(text, 0.0) + math.exp(score)
    found = best_texts(scores, 1000)
    assert {one.text: one.score for one in found[:20]} == pytest.approx(
        {text: math.log(sums[text]) for text in sorted(sums, key=lambda text: -sums[text])[:20]}
    )


def test_texts_come_best_first_and_differ() -> None:
    texts = best_texts(lattice(), 8)
    assert [one.score for one in texts] == sorted((one.score for one in texts), reverse=True)
    assert len({one.text for one in texts}) == 8


def test_many_paths_of_one_text_outweigh_a_better_path_of_another() -> None:
    digits = np.full((2, 10), -99.0)
    digits[:, 7] = 0.3  # the best path reads both pieces; two others read one of them
    scores = Scores(2, np.array([(0, 1), (1, 2)]), digits, np.zeros(2))
    first, second = best_texts(scores, 2)
    assert (first.text, second.text) == ("7", "77")
    assert first.score == pytest.approx(0.3 + math.log(2))
    assert len(first.runs) == 1


def test_partition_sums_over_every_path() -> None:
    scores = lattice()
    assert log_partition(scores) == pytest.approx(math.log(sum(math.exp(way) for _, way in all_ways(scores))))


@pytest.mark.parametrize("length", [0, 1, 2, 3])
def test_length_leaves_only_texts_of_so_many_digits(length: int) -> None:
    texts = best_texts(lattice(), 4, length)
    assert texts
    assert {len(one.text) for one in texts} == {length}


def test_no_text_is_longer_than_its_pieces() -> None:
    assert best_texts(lattice(), 4, 4) == []


def test_a_lattice_without_runs_rejects_all() -> None:
    scores = Scores(2, np.zeros((0, 2), np.intp), np.zeros((0, 10)), np.array([-1.0, -2.0]))
    [one] = best_texts(scores, 4)
    assert (one.text, one.score) == ("", -3.0)
    assert log_partition(scores) == pytest.approx(-3.0)
