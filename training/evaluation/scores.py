"""Scores of a set of predictions, most of them computed by torchmetrics."""

from collections.abc import Sequence

from torch import Tensor
from torch.nn.functional import one_hot
from torchmetrics.functional.classification import (
    multiclass_confusion_matrix,
    multiclass_f1_score,
    multiclass_precision,
    multiclass_recall,
)

from app.lenet.network.card import ClassScores, ReliabilityBin

RELIABILITY_BINS = 15


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


def reliability(probabilities: Tensor, labels: Tensor) -> tuple[ReliabilityBin, ...]:
    """Return those of 15 equal bins of confidence that hold predictions, from low to high.

    `probabilities` is (N, classes) and `labels` (N,) int64. Sums are of double precision; torchmetrics' are not, which
    costs 1e-5. Source: Niculescu-Mizil & Caruana, "Predicting Good Probabilities With Supervised Learning" (2005).
    """
    confidence, answers = probabilities.double().max(1)
    which = (confidence * RELIABILITY_BINS).long().clamp(max=RELIABILITY_BINS - 1)
    parts = ((confidence[which == number], (answers == labels)[which == number].double()) for number in which.unique())
    return tuple(
        ReliabilityBin(confidence=float(sure.mean()), accuracy=float(right.mean()), count=len(sure))
        for sure, right in parts
    )


def expected_calibration_error(bins: Sequence[ReliabilityBin]) -> float:
    """Return the mean gap between confidence and accuracy over the predictions in `bins` (Naeini et al. 2015)."""
    gaps = sum(one.count * abs(one.confidence - one.accuracy) for one in bins)
    return gaps / max(1, sum(one.count for one in bins))


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
