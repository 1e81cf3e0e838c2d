"""The likeliest readings of a line: paths through its lattice (Viterbi 1967, kept k best), and their probabilities."""

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
class Path:
    """A reading: its runs' numbers with the digit that each is read as, and its score."""

    steps: tuple[tuple[int, int], ...]
    score: float

    @property
    def text(self) -> str:
        """The digits."""
        return "".join(str(digit) for _, digit in self.steps)


CLASSES = 3
"""Digits of a run that are followed up."""


def best_paths(scores: Scores, most: int, length: int | None = None) -> list[Path]:
    """Return up to `most` paths by falling score; with a `length`, of paths of so many digits alone, maybe none."""
    ending: list[list[int]] = [[] for _ in range(scores.pieces + 1)]
    for number, (_, end) in enumerate(scores.runs.tolist()):
        ending[end].append(number)
    top = np.argsort(-scores.digits, axis=1)[:, :CLASSES].tolist() if len(scores.digits) else []
    starts = scores.runs[:, 0].tolist() if len(scores.runs) else []
    digits, reject = scores.digits.tolist(), scores.reject.tolist()
    # A beam for each number of digits so far, or one for all when any number will do.
    beams: list[dict[int, list[tuple[float, _Link | None]]]] = [{0: [(0.0, None)]}]
    for node in range(1, scores.pieces + 1):
        found: dict[int, list[tuple[float, _Link | None]]] = {}
        for count, beam in beams[node - 1].items():
            found.setdefault(count, []).extend((score + reject[node - 1], link) for score, link in beam)
        for number in ending[node]:
            for count, beam in beams[starts[number]].items():
                after = count + 1 if length is not None else 0
                if length is not None and after > length:
                    continue
                into = found.setdefault(after, [])
                for digit in top[number]:
                    gain = digits[number][digit]
                    into.extend((score + gain, _Link(number, digit, link)) for score, link in beam)
        beams.append({count: sorted(beam, key=_score, reverse=True)[:most] for count, beam in found.items()})
    last = beams[-1].get(length or 0, [])
    return [Path(tuple(_steps(link)), score) for score, link in last]


def log_partition(scores: Scores) -> float:
    """Return the logarithm of the sum of all paths' exponentiated scores."""
    forward = np.full(scores.pieces + 1, -np.inf)
    forward[0] = 0
    summed = np.logaddexp.reduce(scores.digits, axis=1) if len(scores.digits) else np.zeros(0)
    ending: list[list[int]] = [[] for _ in range(scores.pieces + 1)]
    for number, (_, end) in enumerate(scores.runs.tolist()):
        ending[end].append(number)
    for node in range(1, scores.pieces + 1):
        ways = [forward[node - 1] + scores.reject[node - 1]]
        ways += [forward[scores.runs[number, 0]] + summed[number] for number in ending[node]]
        forward[node] = np.logaddexp.reduce(ways)
    return float(forward[-1])


@dataclass(frozen=True, slots=True)
class _Link:
    run: int
    digit: int
    before: "_Link | None"


def _score(entry: tuple[float, _Link | None]) -> float:
    return entry[0]


def _steps(link: _Link | None) -> list[tuple[int, int]]:
    steps = []
    while link:
        steps.append((link.run, link.digit))
        link = link.before
    return steps[::-1]
