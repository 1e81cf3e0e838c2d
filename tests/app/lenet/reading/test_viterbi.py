import math
from itertools import product

import numpy as np
import pytest

from app.lenet.reading.viterbi import Scores, best_paths, log_partition


def lattice() -> Scores:
    """Three pieces, each alone or the first two together, with random scores."""
    random = np.random.default_rng(3)
    runs = np.array([(0, 1), (1, 2), (2, 3), (0, 2)])
    return Scores(3, runs, random.normal(0, 2, (4, 10)), random.normal(0, 2, 3))


def all_ways(scores: Scores) -> list[float]:
    """The score of every path, by enumeration: each piece rejected or a digit, or the first two together a digit."""
    alone = [[*scores.digits[number], scores.reject[number]] for number in range(3)]
    apart = [sum(way) for way in product(*alone)]
    return apart + [sum(way) for way in product(scores.digits[3], alone[2])]


def test_best_path_is_the_one_that_enumeration_finds() -> None:
    scores = lattice()
    assert best_paths(scores, 4)[0].score == pytest.approx(max(all_ways(scores)))


def test_paths_come_best_first_and_differ() -> None:
    paths = best_paths(lattice(), 8)
    assert [path.score for path in paths] == sorted((path.score for path in paths), reverse=True)
    assert len({path.steps for path in paths}) == 8


def test_partition_sums_over_every_path() -> None:
    scores = lattice()
    assert log_partition(scores) == pytest.approx(math.log(sum(math.exp(way) for way in all_ways(scores))))


@pytest.mark.parametrize("length", [0, 1, 2, 3])
def test_length_leaves_only_paths_of_so_many_digits(length: int) -> None:
    paths = best_paths(lattice(), 4, length)
    assert paths
    assert {len(path.text) for path in paths} == {length}


def test_no_path_is_longer_than_its_pieces() -> None:
    assert best_paths(lattice(), 4, 4) == []


def test_a_lattice_without_runs_rejects_all() -> None:
    scores = Scores(2, np.zeros((0, 2), np.intp), np.zeros((0, 10)), np.array([-1.0, -2.0]))
    [path] = best_paths(scores, 4)
    assert (path.text, path.score) == ("", -3.0)
    assert log_partition(scores) == pytest.approx(-3.0)
