"""Scores of an artifact on MNIST or on any labelled pictures, answered by exactly the code that the service uses."""

import logging
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from app.lenet.intake import ImageError, Limits, Picture, read_image
from app.lenet.predictor import Predictor
from app.lenet.preparation import Preprocessing, prepare
from training.data import CLASS_NAMES, TEST_SET, Digits
from training.labelled import find_labelled
from training.scores import accuracy, macro_f1

logger = logging.getLogger(__name__)

_BATCH = 1000
_REFUSED = -1  # what stands for the answer to a picture that the service refuses; it counts as wrong


@dataclass(frozen=True, slots=True)
class Score:
    """Scores of one group of pictures; a refused one counts as wrong, and macro-F1 is over the answered ones."""

    group: str
    pictures: int
    refused: int
    accuracy: float
    macro_f1: float


def evaluate_mnist(predictor: Predictor, test: Digits, preprocessing: Preprocessing) -> list[Score]:
    """Return the scores on MNIST's test digits."""
    pictures = (Picture(image, "IDX", width=28, height=28, frames=1) for image in test.images)
    seen = [prepare(picture, preprocessing).seen for picture in pictures]
    answers = [
        prediction.digit
        for at in range(0, len(seen), _BATCH)
        for prediction in predictor.predict(seen[at : at + _BATCH])
    ]
    return [_score(TEST_SET, answers, test.labels.tolist())]


def evaluate_folder(predictor: Predictor, root: Path, limits: Limits, preprocessing: Preprocessing) -> list[Score]:
    """Return the scores on the labelled pictures under `root`, a row for each sub-folder and one for all.

    Raises `LabelError` when there is none.
    """
    groups: dict[str, tuple[list[int], list[int]]] = {}
    for file in find_labelled(root):
        answers, labels = groups.setdefault(file.group, ([], []))
        answers.append(_answer(predictor, file.path, limits, preprocessing))
        labels.append(file.label)
    rows = [_score(group, answers, labels) for group, (answers, labels) in groups.items()]
    if len(rows) > 1:
        every_answer = [answer for answers, _ in groups.values() for answer in answers]
        every_label = [label for _, labels in groups.values() for label in labels]
        rows.append(_score("all", every_answer, every_label))
    return rows


def as_table(rows: list[Score]) -> str:
    """Return the rows as an aligned table for a terminal, readable as Markdown too."""
    title = "pictures of"
    width = max(len(title), *(len(row.group) for row in rows))
    header = f"| {title:<{width}} | number | refused | accuracy | macro-F1 |"
    rule = "".join("-" if character != "|" else "|" for character in header)
    return "\n".join([header, rule, *(_line(row, width) for row in rows)])


def _line(row: Score, width: int) -> str:
    cells = f"{row.pictures:>6,} | {row.refused:>7,} | {row.accuracy:>8.4f} | {row.macro_f1:>8.4f}"
    return f"| {row.group:<{width}} | {cells} |"


def as_records(rows: list[Score]) -> list[dict[str, object]]:
    """Return the rows for a JSON document."""
    return [asdict(row) for row in rows]


def _answer(predictor: Predictor, path: Path, limits: Limits, preprocessing: Preprocessing) -> int:
    try:
        seen = prepare(read_image(path.read_bytes(), limits), preprocessing).seen
        [prediction] = predictor.predict([seen])
    except ImageError as error:
        logger.warning("%s: %s", path, error)
        return _REFUSED
    return prediction.digit


def _score(group: str, answers: list[int], labels: list[int]) -> Score:
    given, wanted = torch.tensor(answers), torch.tensor(labels)
    answered = given != _REFUSED
    return Score(
        group=group,
        pictures=len(labels),
        refused=int((~answered).sum()),
        accuracy=accuracy(given, wanted),
        macro_f1=macro_f1(given[answered], wanted[answered], len(CLASS_NAMES)) if answered.any() else 0.0,
    )
