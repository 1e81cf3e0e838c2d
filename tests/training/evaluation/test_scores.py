"""Each score against the notebook's formulas, in plain Python from counts."""

from statistics import fmean

import pytest
import torch
from torchmetrics.functional.classification import multiclass_calibration_error

from app.lenet.network.card import ReliabilityBin
from training.evaluation.scores import (
    RELIABILITY_BINS,
    accuracy,
    confusion_matrix,
    expected_calibration_error,
    macro_f1,
    per_class,
    reliability,
)

NAMES = tuple("0123456789")

LABELS = torch.randint(0, 10, (500,), generator=torch.Generator().manual_seed(1))
ANSWERS = torch.where(  # a third are random
    torch.rand(500, generator=torch.Generator().manual_seed(2)) < 1 / 3,
    torch.randint(0, 10, (500,), generator=torch.Generator().manual_seed(3)),
    LABELS,
)


def expected_scores(answers: list[int], labels: list[int], number: int) -> tuple[float, float, float]:
    """Precision, recall and F1 of one class."""
    pairs = list(zip(answers, labels, strict=True))
    correct = sum(answer == label == number for answer, label in pairs)
    answered, present = answers.count(number), labels.count(number)
    precision = correct / answered if answered else 0.0
    recall = correct / present if present else 0.0
    return precision, recall, 2 * precision * recall / (precision + recall) if correct else 0.0


def test_per_class_scores() -> None:
    rows = per_class(ANSWERS, LABELS, NAMES)
    for number, scores in enumerate(rows):
        expected = expected_scores(ANSWERS.tolist(), LABELS.tolist(), number)
        assert (scores.precision, scores.recall, scores.f1) == pytest.approx(expected, abs=1e-6)
        assert scores.support == LABELS.tolist().count(number)
    assert [scores.name for scores in rows] == list(NAMES)


def test_macro_f1_is_the_mean_over_classes() -> None:
    expected = fmean(expected_scores(ANSWERS.tolist(), LABELS.tolist(), number)[2] for number in range(10))
    assert macro_f1(ANSWERS, LABELS, 10) == pytest.approx(expected, abs=1e-6)
    assert 0.5 < expected < 0.9


def test_macro_f1_leaves_out_classes_without_labels_and_predictions() -> None:
    labels, answers = [0, 0, 1, 1, 2], [0, 1, 1, 1, 0]
    expected = fmean(expected_scores(answers, labels, number)[2] for number in range(3))
    assert macro_f1(torch.tensor(answers), torch.tensor(labels), 10) == pytest.approx(expected, abs=1e-6)


def test_a_class_that_is_never_predicted_scores_zero() -> None:
    zero, one = per_class(torch.tensor([0, 0, 0]), torch.tensor([0, 0, 1]), ("0", "1"))
    assert (one.precision, one.recall, one.f1, one.support) == (0, 0, 0, 1)
    assert (zero.precision, zero.recall, zero.f1) == pytest.approx((2 / 3, 1, 0.8), abs=1e-6)


def test_accuracy_is_an_exact_count() -> None:
    answers = torch.zeros(10_000, dtype=torch.int64)
    answers[:144] = 1
    assert accuracy(answers, torch.zeros(10_000, dtype=torch.int64)) == 0.9856


def test_the_confusion_matrix_has_a_row_per_true_class() -> None:
    pairs = list(zip(ANSWERS.tolist(), LABELS.tolist(), strict=True))
    expected = tuple(tuple(pairs.count((answer, label)) for answer in range(10)) for label in range(10))
    assert confusion_matrix(ANSWERS, LABELS, 10) == expected


def test_each_bin_has_its_mean_confidence_its_accuracy_and_its_count() -> None:
    confidence = torch.tensor([0.62, 0.65, 0.95, 0.97, 0.99, 1.0], dtype=torch.float64)
    probabilities = torch.stack([confidence, 1 - confidence], dim=1)
    labels = torch.tensor([0, 1, 0, 0, 0, 1])
    low, high = reliability(probabilities, labels)
    assert low.model_dump() == pytest.approx({"confidence": 0.635, "accuracy": 0.5, "count": 2})
    assert high.model_dump() == pytest.approx({"confidence": 0.9775, "accuracy": 0.75, "count": 4})


def test_the_calibration_error_is_torchmetrics() -> None:
    probabilities = torch.randn(500, 10, generator=torch.Generator().manual_seed(4)).mul(2).softmax(1)
    bins = reliability(probabilities, LABELS)
    expected = multiclass_calibration_error(probabilities, LABELS, 10, n_bins=RELIABILITY_BINS, norm="l1")
    assert expected_calibration_error(bins) == pytest.approx(float(expected), abs=1e-5)
    assert expected > 0.1
    assert sum(one.count for one in bins) == 500


def test_the_calibration_error_counts_predictions_and_not_bins() -> None:
    bins = ReliabilityBin(confidence=0.5, accuracy=0.9, count=1), ReliabilityBin(confidence=1, accuracy=1, count=3)
    assert expected_calibration_error(bins) == pytest.approx(0.1)
