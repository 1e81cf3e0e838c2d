"""Lines of made pages as the reader finds them, with the truth: which runs are which digits."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from app.lenet.canonical.canonical_form import find_ink
from app.lenet.reading.lattice import Lattice, Run
from app.lenet.reading.pieces import Piece
from app.lenet.reading.reader import PAGE, Reader
from training.synthesis.pages import MadePage

OWN = 0.6
"""Share of a run's ink that is one digit's, and of the digit's ink that is in the run, from which it is that digit."""

NEARLY_BEST = 0.9
"""Runs that hold nearly as much of a digit as the best one are right too."""

MOST_PIECES = 40
MOST_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Case:
    """A line's lattice and the truth: for each run the position of the digit it is (or -1), and the digits' labels."""

    lattice: Lattice
    positions: NDArray[np.intp]
    labels: tuple[int, ...]


def cases_of(page: MadePage, reader: Reader) -> list[Case]:
    """Return the lines found on a page whose digits can all be read from their own ink, with the truth."""
    ink = find_ink(page.grey, PAGE)
    if ink.blank:
        return []
    rows, columns = ink.sheet.shape
    x, y, (height, width) = ink.shown.x, ink.shown.y, ink.shown.shape
    shown = page.owners[y : y + height, x : x + width]
    owners = np.asarray(cv2.resize(shown, (columns, rows), interpolation=cv2.INTER_NEAREST), np.int16)
    sizes = np.bincount(owners.ravel(), minlength=len(page.labels) + 1)
    found = (_case(lattice, owners, sizes, page.labels) for _, lattice in reader.lay_out(ink).lines)
    return [case for case in found if case and _feasible(case)]


def _case(lattice: Lattice, owners: NDArray[np.int16], sizes: NDArray[np.intp], labels: Sequence[int]) -> Case | None:
    counts = np.array([_owned(piece, owners, len(sizes)) for piece in lattice.pieces])
    coverage = counts.sum(axis=0) / np.maximum(sizes, 1)
    present = [digit for digit in range(1, len(sizes)) if coverage[digit] >= OWN]
    if len(lattice.pieces) > MOST_PIECES or len(present) > MOST_DIGITS:
        return None
    quality = np.array([_quality(run, counts, sizes) for run in lattice.runs]).reshape(-1, len(sizes))
    places = np.arange(len(counts))
    present.sort(key=lambda digit: float((places * counts[:, digit]).sum() / counts[:, digit].sum()))
    positions = np.full(len(lattice.runs), -1)
    for position, digit in enumerate(present):
        best = quality[:, digit].max() if len(quality) else 0.0
        if best <= 0:
            return None
        positions[quality[:, digit] >= NEARLY_BEST * best] = position
    return Case(lattice, positions, tuple(labels[digit - 1] for digit in present))


def _owned(piece: Piece, owners: NDArray[np.int16], kinds: int) -> NDArray[np.intp]:
    """Count the piece's inked pixels of each owner; number 0 is nobody."""
    window = owners[piece.top : piece.bottom, piece.left : piece.right]
    return np.bincount(window[piece.picture > 100], minlength=kinds)


def _quality(run: Run, counts: NDArray[np.intp], sizes: NDArray[np.intp]) -> NDArray[np.float64]:
    """For each digit, how much of the run is its ink times how much of its ink is in the run; 0 below `OWN`."""
    held = counts[run.start : run.end].sum(axis=0)
    share, coverage = held / max(held.sum(), 1), held / np.maximum(sizes, 1)
    quality = np.where((share >= OWN) & (coverage >= OWN), share * coverage, 0.0)
    quality[0] = 0
    return quality


def _feasible(case: Case) -> bool:
    """Whether some path reads every digit from a right run, in order."""
    reached: list[set[int]] = [{0}]
    for node in range(1, len(case.lattice.pieces) + 1):
        reached.append(set(reached[-1]))
        for run, position in zip(case.lattice.runs, case.positions.tolist(), strict=True):
            if run.end == node and position in reached[run.start]:
                reached[node].add(position + 1)
    return len(case.labels) in reached[-1]
