"""Scores of a set of predictions, most of them computed by torchmetrics."""

from torch import Tensor
from torch.nn.functional import one_hot
from torchmetrics.functional.classification import (
    multiclass_calibration_error,
    multiclass_confusion_matrix,
    multiclass_f1_score,
    multiclass_precision,
    multiclass_recall,
)

from app.lenet.network.card import ClassScores


def accuracy(answers: Tensor, labels: Tensor) -> float:
    """Return the share of correct predictions, both (N,) int64: a count over N, so that 9,856 of 10,000 is 0.9856."""
    return int((answers == labels).sum()) / len(labels)


def macro_f1(answers: Tensor, labels: Tensor, classes: int) -> float:
    """Return the unweighted mean of the classes' F1 scores; both (N,) int64."""
    return float(multiclass_f1_score(answers, labels, classes, average="macro"))


def nll(probabilities: Tensor, labels: Tensor) -> float:
    """Return the mean negative log-likelihood in nats of probabilities (N, classes) for labels (N,) int64."""
    return float(-probabilities.gather(1, labels[:, None]).clamp(min=1e-12).log().mean())


def brier(probabilities: Tensor, labels: Tensor) -> float:
    """Return the mean squared distance, 0 to 2, of probabilities (N, classes) from one-hot labels (Brier 1950)."""
    return float((probabilities - one_hot(labels, probabilities.shape[1])).square().sum(1).mean())


def expected_calibration_error(probabilities: Tensor, labels: Tensor, bins: int = 15) -> float:
    """Return the mean gap between confidence and accuracy over equal bins of confidence (Naeini et al. 2015)."""
    return float(multiclass_calibration_error(probabilities, labels, probabilities.shape[1], n_bins=bins, norm="l1"))


def confusion_matrix(answers: Tensor, labels: Tensor, classes: int) -> tuple[tuple[int, ...], ...]:
    """Return counts with a row for each true class and a column for each predicted one; both (N,) int64."""
    rows = multiclass_confusion_matrix(answers, labels, classes).tolist()
    return tuple(tuple(row) for row in rows)


def per_class(answers: Tensor, labels: Tensor, names: tuple[str, ...]) -> tuple[ClassScores, ...]:
    """Return precision, recall, F1 and support of each class, in the order of `names`; both (N,) int64."""
    classes = len(names)
    columns = [
        metric(answers, labels, classes, average=None).double().tolist()
        for metric in (multiclass_precision, multiclass_recall, multiclass_f1_score)
    ]
    support = labels.bincount(minlength=classes).tolist()
    return tuple(
        ClassScores(name=name, precision=precision, recall=recall, f1=f1, support=count)
        for name, precision, recall, f1, count in zip(names, *columns, support, strict=True)
    )
