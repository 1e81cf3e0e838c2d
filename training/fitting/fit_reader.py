"""The fit of the reader's weights on made pages, the network fixed, and of the margin from which a reading is sure."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
from tqdm import tqdm

from app.lenet.inference.calibration import energy
from app.lenet.inference.predictor import Predictor
from app.lenet.network.artifact import Artifact
from app.lenet.reading.reader import UNCALIBRATED, Reader
from app.lenet.reading.weights import ReaderWeights, beside, hash_of
from training.data.mnist import Digits
from training.fitting.conditional_random_field import EMPTY, Weights, fit_weights
from training.fitting.line_cases import cases_of
from training.synthesis.pages import make_page

logger = logging.getLogger(__name__)

PAGES, HELD_OUT = 800, 500

PULL = 0.005
"""Weight of the squared distance from `PRIOR`."""

RARER = 1.25
"""Taken off the score of every rejection: real pages hold less that is no digit than made ones."""

WRONG_OF_SURE = 0.06
"""Share of sure readings of held-out lines that may be wrong."""

FAMILIAR = (1.0, 0.75, 0.5)
"""Shares of the network's least energy among which the one is chosen that leaves most readings sure."""

# What is known without a page: set by hand, in the units of the features.
PRIOR = Weights(
    probability=0.8,
    digit={
        "bias": 1.0,
        "log_probability": 0.5,
        "energy": 1.0,
        "unfamiliar": -4.0,
        "low": -2.0,
        "tall": -2.0,
        "wide": -3.0,
        "wider_than_tall": -1.0,
        "off_middle": -1.0,
        "below": -1.0,
        "ink_cut": -4.0,
        "cuts": -0.6,
        "gap": -3.0,
        "marks": -0.3,
        "pieces": 0.6,
        "waist": -3.0,
        "at_border": -0.5,
        "odd_line": -0.5,
        "alone": -0.2,
        "stroke": -0.2,
        "low_stroke": -4.0,
        "slanted_stroke": 0.0,
        "leaning_stroke": -0.5,
        "odd_pen": -1.0,
        "faint_pen": -1.0,
        "strange_beside": -1.0,
    },
    reject={
        "bias": -2.5,
        "low": 2.0,
        "tall": 1.0,
        "faint": 0.8,
        "unfamiliar": 2.0,
        "doubtful": 0.5,
        "cut_mark": -1.0,
        "later_piece": -0.3,
        "wide": 1.0,
        "flat": 1.0,
        "at_border": 0.5,
        "odd_line": 0.5,
        "alone": 0.2,
        "off_middle": 0.5,
        "thin": 0.0,
        "odd_pen": 0.5,
        "faint_pen": 0.5,
        "strange_beside": 0.5,
    },
)


def fit_reader(artifact: Artifact, digits: Digits, *, seed: int, out: Path, pages: int = PAGES) -> Path:
    """Fit the reader for an artifact's network on pages made of `digits`; return the path of the weights, in `out`."""
    predictor = Predictor(artifact, "cpu")
    temperature = (predictor.card.calibration or UNCALIBRATED).temperature
    random = np.random.default_rng(seed)
    reader = Reader(predictor, _card(PRIOR, _Sureness(), predictor, {}))
    cases = []
    for _ in tqdm(range(pages), desc="pages", disable=None):
        cases += cases_of(make_page(random, digits), reader)
    weights, loss = fit_weights(cases, temperature, PRIOR, PULL)
    weights = replace(weights, reject=weights.reject | {"bias": weights.reject["bias"] - RARER})
    logger.info("%d lines, mean loss %.3f", len(cases), loss)
    sureness, figures = _sureness(Reader(predictor, _card(weights, _Sureness(), predictor, {})), random, digits)
    figures = {"pages": pages, "seed": seed, "lines": len(cases), "loss": loss, **figures}
    card = _card(weights, sureness, predictor, figures)
    out.mkdir(parents=True, exist_ok=True)
    path = beside(out / artifact.path.name)
    path.write_text(card.model_dump_json(indent=2) + "\n")
    return path


@dataclass(frozen=True, slots=True)
class _Sureness:
    """From which confidence of the path, and from which share of the network's least energy, a reading is sure."""

    least_confidence: float = 0.0
    familiar: float = 0.0


@dataclass(frozen=True, slots=True)
class _Answer:
    """A reading of a held-out line whose digits have probabilities that are high enough.

    `energy` is its digits' least, as a share of the network's least energy.
    """

    confidence: float
    energy: float
    fine: bool
    weight: float


def _sureness(reader: Reader, random: np.random.Generator, digits: Digits) -> tuple[_Sureness, dict[str, float]]:
    """Return the thresholds at which most lines of held-out pages are sure and few of those wrong, and the figures.

    Lines, because a page whose ink is lost says nothing about the reading of what is left.
    """
    calibration = reader.predictor.card.calibration or UNCALIBRATED
    found: list[_Answer] = []
    lines = right = 0
    for _ in tqdm(range(HELD_OUT), desc="held-out pages", disable=None):
        for case in cases_of(make_page(random, digits), reader):
            read = reader.best(case.lattice, one_a_cell=reader.one_a_cell(case.lattice))
            fine = read.text == "".join(map(str, case.labels))
            lines, right = lines + bool(case.labels), right + (fine and bool(case.labels))
            if read.text and not read.doubtful:
                chosen = [n for n, run in enumerate(case.lattice.runs) if any(run is one for one in read.runs)]
                share = float(energy(case.lattice.logits[chosen]).min()) / calibration.least_energy
                found.append(_Answer(read.confidence, share, fine, 1.0 if case.labels else EMPTY))
    choices = [(*_least_confidence([one for one in found if one.energy >= share]), share) for share in FAMILIAR]
    sure, least_confidence, familiar = max(choices)
    figures = {"held_out_lines": lines, "right": right / lines, "sure": sure / lines, "wrong_of_sure": WRONG_OF_SURE}
    return _Sureness(least_confidence, familiar), figures


def _least_confidence(found: Sequence[_Answer]) -> tuple[float, float]:
    """Return how many lines are sure at the least confidence at which few of those are wrong, and that confidence."""
    wrong, total, sure, least = 0.0, 0.0, 0.0, 1.0
    for answer in sorted(found, key=lambda one: -one.confidence):
        total += answer.weight
        wrong += answer.weight * (not answer.fine)
        if wrong <= WRONG_OF_SURE * total:
            sure, least = total, answer.confidence
    return sure, least


def _card(weights: Weights, sureness: _Sureness, predictor: Predictor, figures: dict[str, float]) -> ReaderWeights:
    return ReaderWeights(
        **asdict(weights),
        **asdict(sureness),
        weights_sha256=hash_of(weights.probability, weights.digit, weights.reject),
        network_sha256=predictor.card.weights_sha256,
        fitted_on="made pages of MNIST training digits and written styles",
        versions={name: version(name) for name in ("numpy", "torch", "opencv-python-headless")},
        date=datetime.now(UTC).replace(microsecond=0),
        figures=figures,
    )
