"""A thread pool for work that would hold up the event loop; its queue is bounded in length and in time."""

import asyncio
import math
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from app.errors import DeadlineError, OverloadedError
from app.observability.stages import add_seconds

T = TypeVar("T")

_FIRST_SECONDS = 0.02  # of a call, assumed before one has ended: a photo's; without it a first wave would all be let in
_NEWEST = 0.05  # weight of the newest call in the mean of the calls' seconds


class ThreadPool:
    """Runs functions on `threads` threads.

    A call is refused at once when `most_waiting` others wait for a thread, or when the calls before it are estimated,
    by the mean time of recent ones, to keep all threads busy for longer than `most_wait_seconds`.
    """

    def __init__(self, *, threads: int, most_waiting: int, most_wait_seconds: float = math.inf, name: str) -> None:
        """Start no thread until there is work; `name` prefixes the threads' names."""
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._threads = threads
        self._most = threads + most_waiting
        self._most_wait_seconds = most_wait_seconds
        self._mean_seconds = _FIRST_SECONDS
        self._under_way = 0

    @property
    def running(self) -> int:
        """Calls that have a thread."""
        return min(self._under_way, self._threads)

    @property
    def waiting(self) -> int:
        """Calls that wait for a thread."""
        return self._under_way - self.running

    def admit(self, coming: int = 0) -> None:
        """Raise `OverloadedError` when one more call would wait too long, behind `coming` ones as well."""
        before = self._under_way + coming
        wait = (before + 1 - self._threads) * self._mean_seconds / self._threads
        if before >= self._most or wait > self._most_wait_seconds:
            raise OverloadedError("too many requests are waiting; try again in a second")

    async def run(self, function: Callable[..., T], *args: object, deadline: float = math.inf) -> T:
        """Return `function(*args)`, run on a thread.

        Raises `OverloadedError` at once when `admit` does, and `DeadlineError` when no thread was free by `deadline`,
        a time of the monotonic clock.
        """
        self.admit()
        return await self.run_admitted(function, *args, deadline=deadline)

    async def run_admitted(self, function: Callable[..., T], *args: object, deadline: float = math.inf) -> T:
        """Do the same for work that was admitted before, such as the next picture of a batch."""
        self._under_way += 1
        try:
            run = copy_context().run  # the thread knows of which request it is
            future = asyncio.get_running_loop().run_in_executor(
                self._executor, run, self._timed, function, args, deadline, time.monotonic()
            )
            result, seconds = await future
        finally:
            self._under_way -= 1
        self._mean_seconds += _NEWEST * (seconds - self._mean_seconds)
        return result

    def close(self) -> None:
        """Finish the running calls and drop the waiting ones."""
        self._executor.shutdown(wait=True, cancel_futures=True)

    @staticmethod
    def _timed(
        function: Callable[..., T], args: tuple[object, ...], deadline: float, submitted: float
    ) -> tuple[T, float]:
        started = time.monotonic()
        add_seconds("queue", started - submitted)
        if started > deadline:
            raise DeadlineError("the service could not begin in time; try again in a second")
        return function(*args), time.monotonic() - started
