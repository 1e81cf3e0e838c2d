"""Scores of an artifact on MNIST or on any labelled pictures, answered by exactly the code that the service uses."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

import torch
from tqdm import tqdm

from app.lenet.decoding.decoder import DecodedImage, ImageSource, decode
from app.lenet.decoding.image_errors import ImageError
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.inference.answer import Answer, answer
from app.lenet.inference.predictor import Predictor
from app.lenet.inference.preprocessing import preprocess
from app.lenet.vocabulary import PreprocessingMode
from training.data.labelled_folders import find_labelled
from training.data.mnist import CLASS_NAMES, TEST_SET, Digits
from training.evaluation.scores import accuracy, expected_calibration_error, macro_f1

logger = logging.getLogger(__name__)

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Score:
    """Scores of one group of pictures.

    A refused one counts as wrong in `accuracy`; macro-F1 and calibration error are over the others. `sure` is the share
    of all pictures with a sure answer, `error_of_sure` the share of wrong ones among those.
    """

    group: str
    pictures: int
    refused: int
    accuracy: float
    macro_f1: float
    ece: float
    sure: float
    error_of_sure: float


_SHARES = ("accuracy", "macro_f1", "ece", "sure", "error_of_sure")

Scored = tuple[Answer | None, int]  # None for a picture that the service refuses, and the label


def evaluate_mnist(predictor: Predictor, test: Digits, preprocessing: PreprocessingMode) -> list[Score]:
    """Return the scores on MNIST's test digits."""
    return [_score(TEST_SET, _answers(predictor, test, preprocessing))]


def evaluate_corruptions(predictor: Predictor, digits: Digits, preprocessing: PreprocessingMode) -> list[Score]:
    """Return the scores on the digits under each of MNIST-C's corruptions, and their mean; a star marks the trained."""
    from training.evaluation.mnist_c import ALSO_IN_TRAINING, CORRUPTIONS, corrupted  # scikit-image is slow to import

    trained = ALSO_IN_TRAINING if predictor.card.recipe.get("distortion") else ()
    rows = []
    for kind in tqdm(CORRUPTIONS, desc="corruptions", disable=None):
        spoilt = Digits(corrupted(kind, digits.images), digits.labels)
        name = f"{kind} *" if kind in trained else kind
        rows.append(_score(name, _answers(predictor, spoilt, preprocessing)))
    return [*rows, _mean(rows)]


def evaluate_folder(
    predictor: Predictor, root: Path, limits: ImageLimits, preprocessing: PreprocessingMode
) -> list[Score]:
    """Return the scores on the labelled pictures under `root`, a row for each sub-folder and one for all.

    Raises `LabelError` when there is none.
    """
    groups: dict[str, list[Scored]] = {}
    for file in find_labelled(root):
        scored = _answer(predictor, file.path, limits, preprocessing), file.label
        groups.setdefault(file.group, []).append(scored)
    rows = [_score(group, scored) for group, scored in groups.items()]
    if len(rows) > 1:
        rows.append(_score("all", [one for scored in groups.values() for one in scored]))
    return rows


def as_table(rows: Sequence[Score]) -> str:
    """Return the rows as an aligned table for a terminal, readable as Markdown too."""
    title = "pictures of"
    width = max(len(title), *(len(row.group) for row in rows))
    header = f"| {title:<{width}} |  number | refused | accuracy | macro-F1 |    ECE |   sure | error of sure |"
    rule = "".join("-" if character != "|" else "|" for character in header)
    return "\n".join([header, rule, *(_line(row, width) for row in rows)])


def _line(row: Score, width: int) -> str:
    counts = f"{row.pictures:>7,} | {row.refused:>7,}"
    scores = (
        f"{row.accuracy:>8.4f} | {row.macro_f1:>8.4f} | {row.ece:.4f} | {row.sure:.4f} | {row.error_of_sure:>13.4f}"
    )
    return f"| {row.group:<{width}} | {counts} | {scores} |"


def as_records(rows: list[Score]) -> list[dict[str, object]]:
    """Return the rows for a JSON document."""
    return [asdict(row) for row in rows]


def _answers(predictor: Predictor, digits: Digits, preprocessing: PreprocessingMode) -> list[Scored]:
    source = ImageSource("IDX", width=28, height=28, frames=1)
    size = predictor.card.input.size
    scored: list[Scored] = []
    for at in range(0, len(digits.images), _BATCH):
        images, labels = digits.images[at : at + _BATCH], digits.labels[at : at + _BATCH].tolist()
        prepared = [preprocess(DecodedImage(image, source), preprocessing, size) for image in images]
        scored += zip(answer(predictor, prepared), labels, strict=True)
    return scored


def _mean(rows: Sequence[Score]) -> Score:
    """Return the unweighted mean of the rows, of which each is of as many pictures."""
    shares = {name: fmean(getattr(row, name) for row in rows) for name in _SHARES}
    return Score("mean", sum(row.pictures for row in rows), sum(row.refused for row in rows), **shares)


def _answer(predictor: Predictor, path: Path, limits: ImageLimits, preprocessing: PreprocessingMode) -> Answer | None:
    try:
        picture = decode(path.read_bytes(), limits)
    except ImageError as error:
        logger.warning("%s: %s", path, error)
        return None
    [found] = answer(predictor, [preprocess(picture, preprocessing, predictor.card.input.size)])
    return found


def _score(group: str, scored: Sequence[Scored]) -> Score:
    answered = [(found, label) for found, label in scored if found]
    digits = torch.tensor([found.prediction.digit for found, _ in answered], dtype=torch.int64)
    labels = torch.tensor([label for _, label in answered], dtype=torch.int64)
    probabilities = torch.tensor([found.prediction.probabilities for found, _ in answered])
    sure = torch.tensor([not found.reasons for found, _ in answered], dtype=torch.bool)
    right = int((digits == labels).sum())
    return Score(
        group=group,
        pictures=len(scored),
        refused=len(scored) - len(answered),
        accuracy=right / len(scored),
        macro_f1=macro_f1(digits, labels, len(CLASS_NAMES)) if answered else 0.0,
        ece=expected_calibration_error(probabilities, labels) if answered else 0.0,
        sure=int(sure.sum()) / len(scored),
        error_of_sure=1 - accuracy(digits[sure], labels[sure]) if sure.any() else 0.0,
    )
