import math

import pytest
import torch
from torch.nn.functional import cross_entropy, one_hot

from benchmarks.ablation import TEACHER_WEIGHT, distillation
from training.fitting.losses import classification_loss
from training.fitting.mixed_batches import OUT_OF_DISTRIBUTION

NO_INPUTS = torch.empty(0)
LOGITS = torch.tensor([[3.0, 0.0, -1.0], [0.5, 2.0, 0.0], [4.0, 0.0, 0.0]])
LABELS = torch.tensor([0, 1, OUT_OF_DISTRIBUTION])


def test_the_loss_of_digits_is_the_cross_entropy() -> None:
    assert classification_loss()(NO_INPUTS, LOGITS[:2], LABELS[:2]) == cross_entropy(LOGITS[:2], LABELS[:2])


def test_equal_probabilities_are_best_for_out_of_distribution_pictures() -> None:
    digits = cross_entropy(LOGITS[:2], LABELS[:2]).item()
    uneven = classification_loss(0.3)(NO_INPUTS, LOGITS, LABELS).item()
    even = classification_loss(0.3)(NO_INPUTS, torch.cat([LOGITS[:2], torch.zeros(1, 3)]), LABELS).item()
    assert even == pytest.approx(digits + 0.3 * math.log(3))
    assert uneven > even


def test_smoothed_labels_are_spread_over_all_classes() -> None:
    spread = 0.9 * one_hot(LABELS[:2], 3) + 0.1 / 3
    expected = -(spread * LOGITS[:2].log_softmax(1)).sum(1).mean()
    assert classification_loss(0.0, 0.1)(NO_INPUTS, LOGITS[:2], LABELS[:2]).item() == pytest.approx(expected.item())


def test_a_student_with_its_teachers_logits_has_only_the_loss_of_the_labels() -> None:
    loss = distillation(lambda inputs: inputs, 0.0)  # type: ignore[arg-type]
    labelled = (1 - TEACHER_WEIGHT) * cross_entropy(LOGITS[:2], LABELS[:2]).item()
    assert loss(LOGITS, LOGITS, LABELS).item() == pytest.approx(labelled, abs=1e-6)
    assert loss(LOGITS.roll(1, 1), LOGITS, LABELS).item() > labelled
