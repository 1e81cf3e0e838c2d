import asyncio
import threading

import pytest

from app.errors import OverloadedError
from app.runtime.thread_pool import Workers


def test_work_runs_on_another_thread_and_its_result_comes_back() -> None:
    async def scenario() -> tuple[int, str]:
        workers = Workers(threads=1, most_waiting=0)
        try:
            return await workers.run(sum, [1, 2]), await workers.run(lambda: threading.current_thread().name)
        finally:
            workers.close()

    total, name = asyncio.run(scenario())
    assert total == 3
    assert name.startswith("worker")


def test_a_full_line_is_refused_at_once_and_a_free_one_is_not() -> None:
    async def scenario() -> None:
        workers = Workers(threads=1, most_waiting=1)
        gate = threading.Event()
        try:
            held = [asyncio.ensure_future(workers.run(gate.wait)) for _ in range(2)]
            await asyncio.sleep(0)  # lets both begin
            with pytest.raises(OverloadedError, match="try again"):
                await workers.run(gate.wait)
            gate.set()
            assert await asyncio.gather(*held) == [True, True]
            assert await workers.run(int, "7") == 7
        finally:
            gate.set()
            workers.close()

    asyncio.run(scenario())


def test_errors_pass_through_and_free_the_line() -> None:
    async def scenario() -> None:
        workers = Workers(threads=1, most_waiting=0)
        try:
            for _ in range(3):
                with pytest.raises(ValueError, match="invalid literal"):
                    await workers.run(int, "seven")
        finally:
            workers.close()

    asyncio.run(scenario())
