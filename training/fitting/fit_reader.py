"""The fit of the reader's weights on made pages, the network fixed, and of the margin from which a reading is sure."""

import logging
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
from tqdm import tqdm

from app.lenet.inference.predictor import Predictor
from app.lenet.network.artifact import Artifact
from app.lenet.reading.reader import UNCALIBRATED, Reader
from app.lenet.reading.weights import ReaderWeights, beside, hash_of
from training.data.mnist import Digits
from training.fitting.conditional_random_field import EMPTY, Weights, fit_weights
from training.fitting.line_cases import cases_of
from training.synthesis.pages import make_page

logger = logging.getLogger(__name__)

PAGES, HELD_OUT = 800, 300

PULL = 0.02
"""Weight of the squared distance from `PRIOR`."""

RARER = 1.5
"""Taken off the score of every rejection: real pages hold less that is no digit than made ones."""

WRONG_OF_SURE = 0.04
"""Share of sure readings of held-out lines that may be wrong."""

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
    reader = Reader(predictor, _card(PRIOR, 0.0, predictor, {}))
    cases = []
    for _ in tqdm(range(pages), desc="pages", disable=None):
        cases += cases_of(make_page(random, digits), reader)
    weights, loss = fit_weights(cases, temperature, PRIOR, PULL)
    weights = replace(weights, reject=weights.reject | {"bias": weights.reject["bias"] - RARER})
    logger.info("%d lines, mean loss %.3f", len(cases), loss)
    least, figures = _least_confidence(Reader(predictor, _card(weights, 0.0, predictor, {})), random, digits)
    card = _card(
        weights, least, predictor, {"pages": pages, "seed": seed, "lines": len(cases), "loss": loss, **figures}
    )
    out.mkdir(parents=True, exist_ok=True)
    path = beside(out / artifact.path.name)
    path.write_text(card.model_dump_json(indent=2) + "\n")
    return path


def _least_confidence(reader: Reader, random: np.random.Generator, digits: Digits) -> tuple[float, dict[str, float]]:
    """The least confidence at which few sure lines of held-out pages are wrong, and how these fare.

    Lines, because a page whose ink is lost says nothing about the reading of what is left.
    """
    found: list[tuple[float, bool, float]] = []
    lines = right = 0
    for _ in tqdm(range(HELD_OUT), desc="held-out pages", disable=None):
        for case in cases_of(make_page(random, digits), reader):
            read = reader.best(case.lattice)
            fine = read.text == "".join(map(str, case.labels))
            lines, right = lines + bool(case.labels), right + (fine and bool(case.labels))
            if read.text and not read.doubtful:
                found.append((read.confidence, fine, 1.0 if case.labels else EMPTY))
    found.sort(reverse=True)
    wrong, least, sure, total = 0.0, 1.0, 0.0, 0.0
    for confidence, fine, weight in found:
        total += weight
        wrong += weight * (not fine)
        if wrong <= WRONG_OF_SURE * total:
            least, sure = confidence, total
    return least, {"held_out_lines": lines, "right": right / lines, "sure": sure / lines}


def _card(weights: Weights, least: float, predictor: Predictor, figures: dict[str, float]) -> ReaderWeights:
    return ReaderWeights(
        **asdict(weights),
        least_confidence=least,
        weights_sha256=hash_of(weights.probability, weights.digit, weights.reject),
        network_sha256=predictor.card.weights_sha256,
        fitted_on="made pages of MNIST training digits and written styles",
        versions={name: version(name) for name in ("numpy", "torch", "opencv-python-headless")},
        date=datetime.now(UTC).replace(microsecond=0),
        figures=figures,
    )
