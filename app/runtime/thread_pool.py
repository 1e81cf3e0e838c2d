"""A thread pool for work that would hold up the event loop, with a bounded queue in front of it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from app.errors import OverloadedError

T = TypeVar("T")


class ThreadPool:
    """Runs functions on `threads` threads; at most `most_waiting` more calls may wait for a free one."""

    def __init__(self, *, threads: int, most_waiting: int, name: str) -> None:
        """Start no thread until there is work; `name` prefixes the threads' names."""
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = threads + most_waiting
        self._under_way = 0

    async def run(self, function: Callable[..., T], *args: object) -> T:
        """Return `function(*args)`, run on a thread; raises `OverloadedError` at once when the queue is full."""
        if self._under_way >= self._most:
            raise OverloadedError("too many requests are waiting; try again in a second")
        self._under_way += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, function, *args)
        finally:
            self._under_way -= 1

    def close(self) -> None:
        """Finish the running calls and drop the waiting ones."""
        self._executor.shutdown(wait=True, cancel_futures=True)
