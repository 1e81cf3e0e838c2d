"""From which confidence a reading is sure."""

import pytest

from training.fitting.fit_reader import WRONG_OF_SURE, _Answer, _least_confidence


def answers(*fine: bool, weight: float = 1.0) -> list[_Answer]:
    """Answers of falling confidence."""
    return [_Answer(1 - number / 1000, 2.0, one, weight) for number, one in enumerate(fine)]


def test_sure_answers_go_as_low_as_the_share_of_wrong_ones_allows() -> None:
    often = round(1 / WRONG_OF_SURE)
    found = answers(*[True] * often, False, *[True] * 5, False, False)
    sure, least = _least_confidence(found)
    assert sure == often + 6
    assert least == pytest.approx(1 - (often + 5) / 1000)


def test_nothing_is_sure_when_the_likeliest_answers_are_wrong() -> None:
    assert _least_confidence(answers(False, True, False)) == (0.0, 1.0)
    assert _least_confidence([]) == (0.0, 1.0)


def test_order_does_not_matter_and_weights_do() -> None:
    found = answers(*[True] * 10, weight=0.1)
    assert _least_confidence(found[::-1]) == _least_confidence(found)
    assert _least_confidence(found)[0] == pytest.approx(1.0)
