import pytest

from app.errors import OverloadedError
from app.runtime.memory_budget import MemoryBudget


def test_bytes_are_held_over_all_reservations_and_given_back() -> None:
    budget = MemoryBudget(10)
    with budget.reservation() as first:
        first(6)
        with budget.reservation() as second:
            second(4)
            with pytest.raises(OverloadedError, match="try again"):
                second(1)
        first(4)
    with budget.reservation() as third:
        third(10)


def test_bytes_of_a_request_that_failed_are_given_back() -> None:
    budget = MemoryBudget(10)

    def failing() -> None:
        with budget.reservation() as charge:
            charge(10)
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - only that it passes through
        failing()
    with budget.reservation() as charge:
        charge(10)
