import asyncio
import threading
import time

import pytest

from app.errors import DeadlineError, OverloadedError
from app.runtime.thread_pool import ThreadPool


def test_work_runs_on_another_thread_and_its_result_comes_back() -> None:
    async def scenario() -> tuple[int, str]:
        pool = ThreadPool(threads=1, most_waiting=0, name="test")
        try:
            return await pool.run(sum, [1, 2]), await pool.run(lambda: threading.current_thread().name)
        finally:
            pool.close()

    total, name = asyncio.run(scenario())
    assert total == 3
    assert name.startswith("test")


def test_a_full_line_is_refused_at_once_and_a_free_one_is_not() -> None:
    async def scenario() -> None:
        pool = ThreadPool(threads=1, most_waiting=1, name="test")
        gate = threading.Event()
        try:
            held = [asyncio.ensure_future(pool.run(gate.wait)) for _ in range(2)]
            await asyncio.sleep(0)  # lets both begin
            with pytest.raises(OverloadedError, match="try again"):
                await pool.run(gate.wait)
            gate.set()
            assert await asyncio.gather(*held) == [True, True]
            assert await pool.run(int, "7") == 7
        finally:
            gate.set()
            pool.close()

    asyncio.run(scenario())


def test_errors_pass_through_and_free_the_line() -> None:
    async def scenario() -> None:
        pool = ThreadPool(threads=1, most_waiting=0, name="test")
        try:
            for _ in range(3):
                with pytest.raises(ValueError, match="invalid literal"):
                    await pool.run(int, "seven")
        finally:
            pool.close()

    asyncio.run(scenario())


def test_a_call_that_would_wait_too_long_is_refused_and_one_that_would_not_is_taken() -> None:
    async def scenario() -> None:
        pool = ThreadPool(threads=1, most_waiting=100, most_wait_seconds=1.0, name="test")
        pool._mean_seconds = 0.4  # as calls of 0.4 seconds would have made it
        gate = threading.Event()
        try:
            held = [asyncio.ensure_future(pool.run(gate.wait)) for _ in range(3)]  # the last one waits for 0.8 s
            await asyncio.sleep(0)  # lets them begin
            with pytest.raises(OverloadedError, match="try again"):
                await pool.run(gate.wait)
            gate.set()
            assert await asyncio.gather(*held) == [True] * 3
            assert await pool.run(int, "7") == 7
        finally:
            gate.set()
            pool.close()

    asyncio.run(scenario())


def test_the_mean_follows_the_calls() -> None:
    async def scenario() -> tuple[float, float]:
        pool = ThreadPool(threads=1, most_waiting=0, name="test")
        gate = threading.Event()
        try:
            slow = asyncio.ensure_future(pool.run(gate.wait, 0.05))
            await slow
            after_slow = pool._mean_seconds
            for _ in range(50):
                await pool.run(int, "7")
            return after_slow, pool._mean_seconds
        finally:
            pool.close()

    after_slow, after_quick = asyncio.run(scenario())
    assert after_slow >= 0.05 * 0.05
    assert after_quick < after_slow


def test_work_that_has_not_begun_by_its_deadline_is_not_begun() -> None:
    async def scenario() -> list[int]:
        pool = ThreadPool(threads=1, most_waiting=1, name="test")
        gate, begun = threading.Event(), list[int]()
        try:
            first = asyncio.ensure_future(pool.run(gate.wait))
            await asyncio.sleep(0)  # lets it begin
            late = asyncio.ensure_future(pool.run(begun.append, 1, deadline=time.monotonic()))
            await asyncio.sleep(0)
            gate.set()
            await first
            with pytest.raises(DeadlineError, match="could not begin in time"):
                await late
            return begun
        finally:
            gate.set()
            pool.close()

    assert asyncio.run(scenario()) == []
