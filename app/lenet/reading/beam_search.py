"""The likeliest readings of a line: texts of the paths through its lattice, and their probabilities.

A text is read along many paths, which differ in what they reject and where they cut. Their probabilities are summed, as
in the prefix beam search of Graves, "Supervised sequence labelling with recurrent neural networks" (2012), section 7.5.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.lenet.reading.cells import ACROSS, FREE


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of the ways over a lattice of `pieces` pieces.

    `runs` [runs, 2] start and end; `digits` [runs, 10] the score of the run as each digit; `reject` [pieces]. `cells`
    [runs] are those that the runs lie in, as cells.py numbers them: of two digits after one another, no two are in the
    same cell, and none is across cells. Empty where cells do not matter.
    """

    pieces: int
    runs: NDArray[np.intp]
    digits: NDArray[np.float64]
    reject: NDArray[np.float64]
    cells: tuple[int, ...] = ()


ONE_A_CELL = math.log(0.5)
"""Logarithm of the probability that a line read without its cells has one digit in each at most, from which they count:
cells may hold two digits, and a reading that says so is right more often than not."""


@dataclass(frozen=True, slots=True)
class Text:
    """A reading: its digits, the logarithm of the sum of its paths' exponentiated scores, and its best path's runs."""

    text: str
    score: float
    runs: tuple[int, ...]


CLASSES = 3
"""Digits of a run that are followed up, but no more than texts."""


def best_texts(scores: Scores, most: int, length: int | None = None) -> list[Text]:
    """Return up to `most` texts by falling score; with a `length`, those of so many digits alone, maybe none.

    Of the paths' beginnings, the `most` likeliest texts are followed up at each piece.
    """
    ending = _by_end(scores)
    top = np.argsort(-scores.digits, axis=1)[:, : min(CLASSES, most)].tolist() if len(scores.digits) else []
    starts = scores.runs[:, 0].tolist() if len(scores.runs) else []
    digits, reject = scores.digits.tolist(), scores.reject.tolist()
    cells = _cells(scores)
    # A beam for each number of digits so far, or one for all when any number will do.
    beams: list[dict[int, list[_Beginning]]] = [{0: [_Beginning("", FREE, 0.0, 0.0, None)]}]
    for node in range(1, scores.pieces + 1):
        found: dict[int, dict[_Key, _Beginning]] = {}
        for count, beam in beams[node - 1].items():
            gain = reject[node - 1]
            found[count] = {
                (one.text, one.cell): _Beginning(one.text, one.cell, one.score + gain, one.best + gain, one.link)
                for one in beam
            }
        for number in ending[node]:
            for count, beam in beams[starts[number]].items():
                after = count + 1 if length is not None else 0
                if length is not None and after > length:
                    continue
                into = found.setdefault(after, {})
                cell = cells[number]
                for one in beam:
                    if one.cell == cell != FREE:
                        continue
                    for digit in top[number]:
                        gain = digits[number][digit]
                        key, link = (one.text + str(digit), cell), _Link(number, one.link)
                        _add(into, key, one.score + gain, one.best + gain, link)
        beams.append({count: sorted(some.values(), key=_score, reverse=True)[:most] for count, some in found.items()})
    texts: dict[_Key, _Beginning] = {}
    for one in beams[-1].get(length or 0, []):
        _add(texts, (one.text, FREE), one.score, one.best, one.link)
    best = sorted(texts.values(), key=_score, reverse=True)
    return [Text(one.text, one.score, tuple(_runs(one.link))) for one in best]


def log_partition(scores: Scores) -> float:
    """Return the logarithm of the sum of all paths' exponentiated scores."""
    cells = np.array(_cells(scores), np.intp)
    count = max((FREE, *scores.cells)) + 1
    forward = np.full((scores.pieces + 1, count + 1), -np.inf)  # by the last digit's cell, FREE last
    forward[0, FREE] = 0
    summed = np.logaddexp.reduce(scores.digits, axis=1) if len(scores.digits) else np.zeros(0)
    for node, ending in enumerate(_by_end(scores)[1:], 1):
        forward[node] = forward[node - 1] + scores.reject[node - 1]
        if ending:
            before, cell = forward[scores.runs[ending, 0]], cells[ending]
            before[cell != FREE, cell[cell != FREE]] = -np.inf
            np.logaddexp.at(forward[node], cell, np.logaddexp.reduce(before, axis=1) + summed[ending])
    return float(np.logaddexp.reduce(forward[-1]))


def one_a_cell_is_likely(scores: Scores) -> bool:
    """Return whether most of the paths, by their probability, have no cell with two digits where any path may."""
    return log_partition(scores) >= log_partition(replace(scores, cells=())) + ONE_A_CELL


_Key = tuple[str, int]
"""A text and the cell of its last digit."""


@dataclass(frozen=True, slots=True)
class _Link:
    run: int
    before: "_Link | None"


@dataclass(slots=True)
class _Beginning:
    """A text up to a piece: `score` sums over its paths, `best` is that of the best one, whose runs are in `link`.

    `cell` is that of its last digit.
    """

    text: str
    cell: int
    score: float
    best: float
    link: _Link | None


def _add(into: dict[_Key, _Beginning], key: _Key, score: float, best: float, link: _Link | None) -> None:
    """Add paths to those of the same text whose last digit is in the same cell."""
    known = into.get(key)
    if known is None:
        into[key] = _Beginning(*key, score, best, link)
        return
    high, low = max(known.score, score), min(known.score, score)
    known.score = high + math.log1p(math.exp(low - high))
    if best > known.best:
        known.best, known.link = best, link


def _by_end(scores: Scores) -> list[list[int]]:
    """The numbers of the runs that may be digits, by the node at which they end."""
    cells = _cells(scores)
    ending: list[list[int]] = [[] for _ in range(scores.pieces + 1)]
    for number, (_, end) in enumerate(scores.runs.tolist()):
        if cells[number] != ACROSS:
            ending[end].append(number)
    return ending


def _cells(scores: Scores) -> tuple[int, ...]:
    return scores.cells or (FREE,) * len(scores.runs)


def _score(beginning: _Beginning) -> float:
    return beginning.score


def _runs(link: _Link | None) -> list[int]:
    runs = []
    while link:
        runs.append(link.run)
        link = link.before
    return runs[::-1]
