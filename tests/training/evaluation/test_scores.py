"""Each score against the notebook's formulas, in plain Python from counts."""

from statistics import fmean

import pytest
import torch

from training.evaluation.scores import accuracy, confusion_matrix, macro_f1, per_class

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
