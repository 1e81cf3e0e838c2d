import asyncio
import contextlib
import math

import pytest

from app.errors import OverloadedError
from app.runtime.arrivals import Arrivals
from app.runtime.thread_pool import ThreadPool


def test_uploads_count_while_they_arrive() -> None:
    arrivals = Arrivals(60)
    with arrivals.one():
        with contextlib.suppress(ValueError), arrivals.one():
            assert len(arrivals) == 2
            raise ValueError
        assert len(arrivals) == 1
    assert len(arrivals) == 0


def test_those_that_take_too_long_count_no_more() -> None:
    arrivals = Arrivals(-1)  # every upload began too long ago
    with arrivals.one(), arrivals.one():
        assert len(arrivals) == 0


def test_what_is_coming_is_waited_for_as_what_is_here() -> None:
    pool = ThreadPool(threads=2, most_waiting=3, name="test")
    pool.admit(4)
    with pytest.raises(OverloadedError, match="try again"):
        pool.admit(5)
    pool.close()


def test_a_first_wave_is_not_let_in_whole_because_no_call_has_ended_yet() -> None:
    pool = ThreadPool(threads=1, most_waiting=10**6, most_wait_seconds=1, name="test")
    with pytest.raises(OverloadedError, match="try again"):
        pool.admit(1000)
    pool.close()


def test_a_pool_without_a_limit_on_time_lets_all_in() -> None:
    async def scenario() -> None:
        pool = ThreadPool(threads=1, most_waiting=10**6, most_wait_seconds=math.inf, name="test")
        pool.admit(10**5)
        await pool.run(int)
        pool.admit(10**5)
        pool.close()

    asyncio.run(scenario())
