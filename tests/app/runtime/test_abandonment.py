import asyncio
import threading

import pytest

from app.errors import MalformedRequestError
from app.runtime.abandonment import unless_gone
from app.runtime.thread_pool import ThreadPool


async def stays() -> None:
    """Never return: the client waits."""
    await asyncio.Event().wait()


async def seven() -> int:
    await asyncio.sleep(0)
    return 7


def test_work_for_a_client_that_stays_is_done() -> None:
    assert asyncio.run(unless_gone(seven(), stays)) == 7
    assert asyncio.run(unless_gone(seven(), None)) == 7


def test_an_error_of_the_work_passes_through() -> None:
    async def failing() -> int:
        raise ValueError("damaged")

    with pytest.raises(ValueError, match="damaged"):
        asyncio.run(unless_gone(failing(), stays))


def test_what_waits_for_a_thread_never_begins_once_its_client_has_gone() -> None:
    async def scenario() -> None:
        pool = ThreadPool(threads=1, most_waiting=9, name="test")
        gate, leaves, begun = threading.Event(), asyncio.Event(), threading.Event()

        async def gone() -> None:
            await leaves.wait()

        try:
            held = asyncio.ensure_future(pool.run(gate.wait))
            waiting = asyncio.ensure_future(unless_gone(pool.run(begun.set), gone))
            await asyncio.sleep(0)  # lets both begin
            leaves.set()
            with pytest.raises(MalformedRequestError, match="connection was closed"):
                await waiting
            gate.set()
            await held
            await pool.run(int)  # the thread is free again, and has come past the dropped call
            assert not begun.is_set()
            assert pool._under_way == 0
        finally:
            gate.set()
            pool.close()

    asyncio.run(scenario())


def test_the_watch_ends_with_the_work() -> None:
    async def scenario() -> bool:
        ended = asyncio.Event()

        async def gone() -> None:
            try:
                await stays()
            finally:
                ended.set()

        await unless_gone(seven(), gone)
        return await asyncio.wait_for(ended.wait(), 30)

    assert asyncio.run(scenario())
