"""Pictures that hold no digit come back unsure; python -m benchmarks.ood_detection measures more of them."""

import pytest

from app.lenet.inference.predictor import Predictor
from benchmarks.ood_detection import KINDS, share_unsure


@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_picture_without_a_digit_passes_for_one(robust: Predictor, kind: str) -> None:
    assert share_unsure(robust, kind, 100) >= 0.85


def test_together_they_are_unsure_19_times_in_20(robust: Predictor) -> None:
    assert sum(share_unsure(robust, kind, 100) for kind in KINDS) / len(KINDS) >= 0.95
