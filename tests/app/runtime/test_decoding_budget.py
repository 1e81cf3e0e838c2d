import math
import threading
import time

import pytest

from app.errors import DeadlineError
from app.runtime.decoding_budget import DecodingBudget

SECONDS = 30


def past() -> float:
    """Return a deadline that has passed, so that only what fits at once is taken."""
    return time.monotonic() - 1


def held(budget: DecodingBudget, count: int, begun: threading.Event, end: threading.Event) -> threading.Thread:
    """Start a thread that holds so many bytes from `begun` until `end`."""

    def hold() -> None:
        with budget.reserve(count):
            begun.set()
            assert end.wait(SECONDS)

    thread = threading.Thread(target=hold)
    thread.start()
    return thread


def test_what_fits_is_taken_and_given_back() -> None:
    budget = DecodingBudget(10)
    for _ in range(2):
        with budget.reserve(6, past()), budget.reserve(4, past()):
            pass


def test_what_does_not_fit_by_the_deadline_is_refused_and_takes_nothing() -> None:
    budget = DecodingBudget(10)
    with budget.reserve(6), pytest.raises(DeadlineError), budget.reserve(5, past()):
        pass
    with budget.reserve(10, past()):
        pass


def test_what_does_not_fit_waits_and_is_not_overtaken() -> None:
    budget = DecodingBudget(10)
    events = [threading.Event() for _ in range(4)]
    first = held(budget, 6, events[0], events[1])
    assert events[0].wait(SECONDS)
    large = held(budget, 8, events[2], events[3])
    while not budget._waiting:  # until it waits
        time.sleep(0)
    with pytest.raises(DeadlineError), budget.reserve(1, past()):  # would fit, but comes later
        pass
    assert not events[2].is_set()
    events[1].set()
    assert events[2].wait(SECONDS)
    events[3].set()
    for thread in (first, large):
        thread.join(SECONDS)


def test_what_is_larger_than_the_budget_runs_alone() -> None:
    budget = DecodingBudget(10)
    with budget.reserve(11, past()), pytest.raises(DeadlineError), budget.reserve(1, past()):
        pass


def test_a_failure_gives_back_what_was_taken() -> None:
    budget = DecodingBudget(10)
    with pytest.raises(ValueError, match="damaged"), budget.reserve(10, math.inf):
        raise ValueError("damaged")
    with budget.reserve(10, past()):
        pass
