import asyncio
import threading

import pytest

from app.errors import OverloadedError
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
