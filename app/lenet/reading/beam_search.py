"""The likeliest readings of a line: texts of the paths through its lattice, and their probabilities.

A text is read along many paths, which differ in what they reject and where they cut. Their probabilities are summed, as
in the prefix beam search of Graves, "Supervised sequence labelling with recurrent neural networks" (2012), section 7.5.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of the ways over a lattice of `pieces` pieces.

    `runs` [runs, 2] start and end; `digits` [runs, 10] the score of the run as each digit; `reject` [pieces].
    """

    pieces: int
    runs: NDArray[np.intp]
    digits: NDArray[np.float64]
    reject: NDArray[np.float64]


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
    # A beam for each number of digits so far, or one for all when any number will do.
    beams: list[dict[int, list[_Beginning]]] = [{0: [_Beginning("", 0.0, 0.0, None)]}]
    for node in range(1, scores.pieces + 1):
        found: dict[int, dict[str, _Beginning]] = {}
        for count, beam in beams[node - 1].items():
            gain = reject[node - 1]
            found[count] = {one.text: _Beginning(one.text, one.score + gain, one.best + gain, one.link) for one in beam}
        for number in ending[node]:
            for count, beam in beams[starts[number]].items():
                after = count + 1 if length is not None else 0
                if length is not None and after > length:
                    continue
                into = found.setdefault(after, {})
                for digit in top[number]:
                    name, gain = str(digit), digits[number][digit]
                    for one in beam:
                        _add(into, one, one.text + name, gain, number)
        beams.append({count: sorted(some.values(), key=_score, reverse=True)[:most] for count, some in found.items()})
    return [Text(one.text, one.score, tuple(_runs(one.link))) for one in beams[-1].get(length or 0, [])]


def log_partition(scores: Scores) -> float:
    """Return the logarithm of the sum of all paths' exponentiated scores."""
    forward = np.full(scores.pieces + 1, -np.inf)
    forward[0] = 0
    summed = np.logaddexp.reduce(scores.digits, axis=1) if len(scores.digits) else np.zeros(0)
    ending = _by_end(scores)
    for node in range(1, scores.pieces + 1):
        ways = [forward[node - 1] + scores.reject[node - 1]]
        ways += [forward[scores.runs[number, 0]] + summed[number] for number in ending[node]]
        forward[node] = np.logaddexp.reduce(ways)
    return float(forward[-1])


@dataclass(frozen=True, slots=True)
class _Link:
    run: int
    before: "_Link | None"


@dataclass(slots=True)
class _Beginning:
    """A text up to a piece: `score` sums over its paths, `best` is that of the best one, whose runs are in `link`."""

    text: str
    score: float
    best: float
    link: _Link | None


def _add(into: dict[str, _Beginning], before: _Beginning, text: str, gain: float, run: int) -> None:
    """Add the paths of a beginning, each with one more run, to those of the same text."""
    score, best = before.score + gain, before.best + gain
    known = into.get(text)
    if known is None:
        into[text] = _Beginning(text, score, best, _Link(run, before.link))
        return
    high, low = max(known.score, score), min(known.score, score)
    known.score = high + math.log1p(math.exp(low - high))
    if best > known.best:
        known.best, known.link = best, _Link(run, before.link)


def _by_end(scores: Scores) -> list[list[int]]:
    """The runs' numbers by the node at which they end."""
    ending: list[list[int]] = [[] for _ in range(scores.pieces + 1)]
    for number, (_, end) in enumerate(scores.runs.tolist()):
        ending[end].append(number)
    return ending


def _score(beginning: _Beginning) -> float:
    return beginning.score


def _runs(link: _Link | None) -> list[int]:
    runs = []
    while link:
        runs.append(link.run)
        link = link.before
    return runs[::-1]
