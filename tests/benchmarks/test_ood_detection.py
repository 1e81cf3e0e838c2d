"""The service is unsure of pictures without a digit; `python -m benchmarks.ood_detection` measures more of them."""

import pytest

from app.lenet.inference.predictor import Predictor
from benchmarks.ood_detection import KINDS, share_unsure


@pytest.mark.parametrize("kind", KINDS)
def test_most_pictures_of_each_kind_are_unsure(robust: Predictor, kind: str) -> None:
    assert share_unsure(robust, kind, 100) >= 0.85


def test_95_percent_of_all_pictures_are_unsure(robust: Predictor) -> None:
    assert sum(share_unsure(robust, kind, 100) for kind in KINDS) / len(KINDS) >= 0.95
