"""Reads the digits of a whole picture: ink, lines, lattices, the likeliest text of each."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from app.lenet.box import Box
from app.lenet.canonical.canonical_form import find_ink
from app.lenet.canonical.ink import Ink
from app.lenet.image_types import GreyImage
from app.lenet.inference.input_tensor import to_input
from app.lenet.inference.predictor import Prediction, Predictor
from app.lenet.network.artifact import SHIPPED, Artifact
from app.lenet.network.card import Calibration
from app.lenet.reading.answer import Alternative, Digit, Reading, ReadLine
from app.lenet.reading.beam_search import Scores, best_texts, log_partition, one_a_cell_is_likely
from app.lenet.reading.lattice import Lattice, Run
from app.lenet.reading.layout import Layout, lay_out
from app.lenet.reading.lines import Line
from app.lenet.reading.pieces import Piece
from app.lenet.reading.turning import Attempt, best_side_up
from app.lenet.reading.weights import ReaderWeights, beside, load

FITTED = "robust"
"""The shipped artifact whose reader serves networks without one of their own."""

PAGE = 1024
"""Longer side, in pixels, to which larger pictures are reduced: a line of 30 digits still has 30 pixels for each."""

MOST_REJECTED = 64
"""Boxes of rejected marks answered at most."""

ALTERNATIVES = 3
"""Other readings of a line answered at most."""

BEAM = 8
"""Texts kept at each piece, and with a length for each number of digits so far."""

MOST_STEPS = 60_000
"""Runs times texts that the search goes through on a page at most; on fuller ones fewer texts are kept."""

GROUP_GAP = 1.0
"""Gap between digits, in line heights, from which they are two numbers; at least twice the line's usual gap."""

UNCALIBRATED = Calibration(
    temperature=1.0, least_confidence=0.0, least_energy=1.0, chosen_on="", error_of_sure=0.0, share_sure=0.0
)
"""What is assumed of a network whose card stores no calibration: everything is familiar to it."""


@dataclass(frozen=True, slots=True)
class Best:
    """A line's likeliest reading: its runs with their predictions, score, probability, and the next likeliest ones."""

    runs: list[Run]
    predictions: list[Prediction]
    score: float
    confidence: float
    alternatives: tuple[Alternative, ...]

    @property
    def text(self) -> str:
        """The digits."""
        return "".join(str(prediction.digit) for prediction in self.predictions)

    @property
    def doubtful(self) -> bool:
        """Whether one of the digits is unsure."""
        return any(prediction.reasons for prediction in self.predictions)


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads pictures with a network and the weights fitted for it; safe to use from several threads.

    `fitting`: whether the weights were fitted for this network; with others every reading is unsure.
    """

    predictor: Predictor
    weights: ReaderWeights
    fitting: bool = True

    def read(self, grey: NDArray[np.uint8], length: int | None = None, *, plain: bool = False) -> Reading:
        """Return the digits of an upright uint8 picture [height, width]; with a `length`, of lines of so many alone.

        `plain`: once found, digits are named by their pixels as they are, not in canonical form.
        """
        return best_side_up(lambda picture: self._read_as_it_is(picture, length, plain=plain), grey)

    def _read_as_it_is(self, grey: GreyImage, length: int | None, *, plain: bool) -> Attempt:
        ink = find_ink(grey, PAGE)
        if ink.blank:
            return Attempt(Reading((), (), confidence=1.0, unsure=not self.fitting, warnings=()), 0.0, 0)
        layout = self.lay_out(ink)
        beam = _beam(layout, length)
        one_a_cell = all(self.one_a_cell(lattice) for _, lattice in layout.lines)
        lines: list[ReadLine] = []
        score = 0.0
        rejected = [mark.box for mark in layout.left_over]
        for line, lattice in layout.lines:
            best = self.best(lattice, length, beam, one_a_cell=one_a_cell)
            score += best.score
            used = {number for run in best.runs for number in range(run.start, run.end)}
            rejected += _boxes([piece for number, piece in enumerate(lattice.pieces) if number not in used])
            if best.runs:
                lines.append(_line(line, best))
        confidence = math.prod(line.confidence for line in lines)
        lines = [line.placed(ink.in_picture) for line in lines]
        if plain:
            lines = [self._named_plainly(line, grey) for line in lines]
        doubt = any(digit.prediction.reasons for line in lines for digit in line.digits)
        reading = Reading(
            lines=tuple(lines),
            rejected=tuple(ink.in_picture(box) for box in rejected[:MOST_REJECTED]),
            confidence=confidence,
            unsure=doubt or not self.fitting or confidence < self.weights.least_confidence,
            warnings=("too_much_ink",) if layout.too_much else (),
        )
        return Attempt(reading, score, sum(len(lattice.runs) for _, lattice in layout.lines))

    def best(self, lattice: Lattice, length: int | None = None, beam: int = BEAM, *, one_a_cell: bool = False) -> Best:
        """Return the likeliest reading of a line; with a `length`, of those with so many digits, if there is one.

        `beam` texts are kept at each piece. `one_a_cell`: no cell holds two digits, unless only so there is such a one.
        """
        scores = self._scores(lattice, one_a_cell=one_a_cell)
        texts = best_texts(scores, beam, length)
        if not texts and scores.cells:
            return self.best(lattice, length, beam)
        if not texts:
            return Best([], [], 0.0, 1.0, ())
        named = lattice.logits.argmax(axis=1)
        # Rarely, a text is likeliest though its best path takes a digit for another than the network does.
        text = next((one for one in texts if one.text == "".join(str(named[run]) for run in one.runs)), texts[0])
        log_total = log_partition(scores)
        found = [Alternative(one.text, math.exp(min(one.score - log_total, 0.0))) for one in texts]
        others = tuple(one for one in found if one.text != text.text)[:ALTERNATIVES]
        chosen = list(text.runs)
        predictions = self.predictor.predictions(lattice.logits[chosen], self.weights.familiar) if chosen else []
        confidence = found[texts.index(text)].probability
        return Best([lattice.runs[run] for run in chosen], predictions, text.score, confidence, others)

    def one_a_cell(self, lattice: Lattice) -> bool:
        """Whether the cells that a line's runs lie in seem to hold one digit each."""
        return not lattice.cells or one_a_cell_is_likely(self._scores(lattice, one_a_cell=True))

    def _scores(self, lattice: Lattice, *, one_a_cell: bool) -> Scores:
        scores = self.weights.scores(lattice, self._calibration.temperature)
        return scores if one_a_cell else replace(scores, cells=())

    def lay_out(self, ink: Ink) -> Layout:
        """Return the lattices of a page's ink, as the fit of the weights needs them too."""
        return lay_out(ink, self._logits, self._calibration)

    @property
    def _calibration(self) -> Calibration:
        return self.predictor.card.calibration or UNCALIBRATED

    def _logits(self, frames: Sequence[NDArray[np.uint8]]) -> NDArray[np.float64]:
        return self.predictor.logits(to_input(frames, self.predictor.card.input))

    def _named_plainly(self, line: ReadLine, grey: NDArray[np.uint8]) -> ReadLine:
        boxes = [digit.box for digit in line.digits]
        crops = [grey[box.y : box.y + box.height, box.x : box.x + box.width] for box in boxes]
        digits = tuple(Digit(*pair) for pair in zip(self.predictor.predict(crops), boxes, strict=True))
        return replace(line, digits=digits)


def load_reader(artifact: Artifact, predictor: Predictor) -> Reader:
    """Return the reader of a network: with the weights beside the artifact, or else with those of the shipped one.

    Raises `ArtifactError` when the weights are damaged, or those beside the artifact are for another network.
    """
    path = beside(artifact.path)
    if path.is_file():
        return Reader(predictor, load(path, artifact.card.weights_sha256))
    weights = load(beside(SHIPPED / f"{FITTED}.safetensors"), None)
    return Reader(predictor, weights, fitting=weights.network_sha256 == artifact.card.weights_sha256)


def _beam(layout: Layout, length: int | None) -> int:
    """How many texts to keep, so that the search takes a bounded time."""
    steps = sum(len(found.runs) * min(length or 1, len(found.pieces)) for _, found in layout.lines)
    return min(BEAM, max(1, MOST_STEPS // max(steps, 1)))


def _line(line: Line, best: Best) -> ReadLine:
    boxes = [Box.between(run.left, run.top, run.right, run.bottom) for run in best.runs]
    return ReadLine(
        digits=tuple(Digit(*pair) for pair in zip(best.predictions, boxes, strict=True)),
        groups=_groups(best.runs, line.height),
        box=Box.around(boxes),
        slope=line.slope,
        confidence=best.confidence,
        alternatives=best.alternatives,
    )


def _groups(runs: Sequence[Run], height: float) -> tuple[tuple[int, int], ...]:
    """Ranges of digits between wide gaps."""
    gaps = [after.left - before.right for before, after in pairwise(runs)]
    wide = max(GROUP_GAP * height, 2 * float(np.median(gaps))) if gaps else 0.0
    starts = [0, *(number + 1 for number, gap in enumerate(gaps) if gap > wide)]
    return tuple(zip(starts, [*starts[1:], len(runs)], strict=True))


def _boxes(pieces: Sequence[Piece]) -> list[Box]:
    """A box for each mark around those of its pieces that are given."""
    by_mark: dict[int, list[Box]] = {}
    for piece in pieces:
        box = Box.between(piece.left, piece.top, piece.right, piece.bottom)
        by_mark.setdefault(piece.mark.number, []).append(box)
    return [Box.around(boxes) for boxes in by_mark.values()]
