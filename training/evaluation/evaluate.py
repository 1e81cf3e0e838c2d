"""Scores of an artifact on MNIST or on any labelled pictures, answered by the code that the service uses."""

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
from training.data.labelled_folders import find_labelled_files
from training.data.mnist import CLASS_NAMES, TEST_SET, Digits
from training.evaluation.scores import accuracy, expected_calibration_error, macro_f1, reliability

logger = logging.getLogger(__name__)

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class GroupScores:
    """Scores of one group of pictures.

    A refused picture counts as wrong in `accuracy`; macro-F1 and the calibration error leave it out. `sure` is the
    share of all pictures with a sure answer, `error_of_sure` the share of the sure answers that are wrong.
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

LabelledAnswer = tuple[Answer | None, int]  # the answer, None if the service refuses the picture, and the label


def evaluate_mnist(predictor: Predictor, test: Digits, preprocessing: PreprocessingMode) -> list[GroupScores]:
    """Return the scores on MNIST's test set."""
    return [_score(TEST_SET, _answers(predictor, test, preprocessing))]


def evaluate_corruptions(predictor: Predictor, digits: Digits, preprocessing: PreprocessingMode) -> list[GroupScores]:
    """Return the scores under each of MNIST-C's corruptions, a star marking those in training, and their mean."""
    # scikit-image is slow to import.
    from training.evaluation.mnist_c import CORRUPTIONS, SIMILAR_IN_TRAINING, corrupted

    in_training = SIMILAR_IN_TRAINING if predictor.card.recipe.get("distortion") else ()
    rows = []
    for kind in tqdm(CORRUPTIONS, desc="corruptions", disable=None):
        corrupted_digits = Digits(corrupted(kind, digits.images), digits.labels)
        name = f"{kind} *" if kind in in_training else kind
        rows.append(_score(name, _answers(predictor, corrupted_digits, preprocessing)))
    return [*rows, _mean(rows)]


def evaluate_folder(
    predictor: Predictor, root: Path, limits: ImageLimits, preprocessing: PreprocessingMode
) -> list[GroupScores]:
    """Return the scores on the labelled pictures under `root`, for each group and for all.

    Raises `LabelError` when there are no labelled pictures.
    """
    groups: dict[str, list[LabelledAnswer]] = {}
    for file in find_labelled_files(root):
        scored = _answer_file(predictor, file.path, limits, preprocessing), file.label
        groups.setdefault(file.group, []).append(scored)
    rows = [_score(group, scored) for group, scored in groups.items()]
    if len(rows) > 1:
        rows.append(_score("all", [one for scored in groups.values() for one in scored]))
    return rows


def as_table(rows: Sequence[GroupScores]) -> str:
    """Return the rows as an aligned Markdown table."""
    title = "pictures of"
    width = max(len(title), *(len(row.group) for row in rows))
    header = f"| {title:<{width}} |  number | refused | accuracy | macro-F1 |    ECE |   sure | error of sure |"
    rule = "".join("-" if character != "|" else "|" for character in header)
    return "\n".join([header, rule, *(_line(row, width) for row in rows)])


def _line(row: GroupScores, width: int) -> str:
    counts = f"{row.pictures:>7,} | {row.refused:>7,}"
    scores = (
        f"{row.accuracy:>8.4f} | {row.macro_f1:>8.4f} | {row.ece:.4f} | {row.sure:.4f} | {row.error_of_sure:>13.4f}"
    )
    return f"| {row.group:<{width}} | {counts} | {scores} |"


def as_records(rows: list[GroupScores]) -> list[dict[str, object]]:
    """Return the rows as dictionaries for JSON."""
    return [asdict(row) for row in rows]


def _answers(predictor: Predictor, digits: Digits, preprocessing: PreprocessingMode) -> list[LabelledAnswer]:
    source = ImageSource("IDX", width=28, height=28, frames=1)
    size = predictor.card.input.size
    scored: list[LabelledAnswer] = []
    for at in range(0, len(digits.images), _BATCH):
        images, labels = digits.images[at : at + _BATCH], digits.labels[at : at + _BATCH].tolist()
        prepared = [preprocess(DecodedImage(image, source), preprocessing, size) for image in images]
        scored += zip(answer(predictor, prepared), labels, strict=True)
    return scored


def _mean(rows: Sequence[GroupScores]) -> GroupScores:
    """Return the mean of the rows, unweighted because all have the same number of pictures."""
    shares = {name: fmean(getattr(row, name) for row in rows) for name in _SHARES}
    return GroupScores("mean", sum(row.pictures for row in rows), sum(row.refused for row in rows), **shares)


def _answer_file(
    predictor: Predictor, path: Path, limits: ImageLimits, preprocessing: PreprocessingMode
) -> Answer | None:
    try:
        picture = decode(path.read_bytes(), limits)
    except ImageError as error:
        logger.warning("%s: %s", path, error)
        return None
    [found] = answer(predictor, [preprocess(picture, preprocessing, predictor.card.input.size)])
    return found


def _score(group: str, scored: Sequence[LabelledAnswer]) -> GroupScores:
    answered = [(found, label) for found, label in scored if found]
    digits = torch.tensor([found.prediction.digit for found, _ in answered], dtype=torch.int64)
    labels = torch.tensor([label for _, label in answered], dtype=torch.int64)
    probabilities = torch.tensor([found.prediction.probabilities for found, _ in answered])
    sure = torch.tensor([not found.reasons for found, _ in answered], dtype=torch.bool)
    right = int((digits == labels).sum())
    return GroupScores(
        group=group,
        pictures=len(scored),
        refused=len(scored) - len(answered),
        accuracy=right / len(scored),
        macro_f1=macro_f1(digits, labels, len(CLASS_NAMES)) if answered else 0.0,
        ece=expected_calibration_error(reliability(probabilities, labels)) if answered else 0.0,
        sure=int(sure.sum()) / len(scored),
        error_of_sure=1 - accuracy(digits[sure], labels[sure]) if sure.any() else 0.0,
    )
