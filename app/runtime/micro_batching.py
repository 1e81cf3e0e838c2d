"""Micro-batching: items that wait at the same time share one call, such as a forward pass."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter
from typing import Generic, TypeVar

from app.errors import OverloadedError

MOST_AT_ONCE = 32
"""Items of one call: more gain little, and delay those that arrive meanwhile."""

Item = TypeVar("Item")
Result = TypeVar("Result")

Compute = Callable[[Sequence[Item]], list[Result]]
RunElsewhere = Callable[[Compute[Item, Result], Sequence[Item]], Awaitable[list[Result]]]


class MicroBatcher(Generic[Item, Result]):
    """Collects items until the event loop's turn is over, or while the last call runs, and then computes them at once.

    `compute` returns a result for each item, in order. It runs on the event loop, which suits work that takes less time
    than a change of thread, unless `run_elsewhere` is given to run it on a thread.
    """

    def __init__(
        self,
        compute: Compute[Item, Result],
        *,
        run_elsewhere: RunElsewhere[Item, Result] | None = None,
        most_waiting: int,
    ) -> None:
        """Begin with nothing waiting."""
        self._compute = compute
        self._run_elsewhere = run_elsewhere
        self._most = MOST_AT_ONCE + most_waiting
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._running: asyncio.Task[None] | None = None
        self._scheduled = False
        self.last_seconds = 0.0  # of the last call; those that wait for it read this before the next call ends

    @property
    def waiting(self) -> int:
        """Items that wait for a call."""
        return len(self._waiting)

    def admit(self) -> None:
        """Raise `OverloadedError` when too many items wait already; call it before the work that makes an item."""
        if len(self._waiting) >= self._most:
            raise OverloadedError("too many requests are waiting; try again in a second")

    def submit(self, item: Item) -> "asyncio.Future[Result]":
        """Return the future result for the item."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((item, future))
        if not self._scheduled:
            self._scheduled = True
            loop.call_soon(self._turn)
        return future

    def _turn(self) -> None:
        if self._run_elsewhere:
            self._running = asyncio.ensure_future(self._drain(self._run_elsewhere))
            return
        items, futures = self._take()
        started = perf_counter()
        try:
            results = self._compute(items)
            self.last_seconds = perf_counter() - started
            _resolve(futures, results)
        except Exception as error:
            _fail(futures, error)
        self._scheduled = bool(self._waiting)
        if self._scheduled:
            asyncio.get_running_loop().call_soon(self._turn)

    async def _drain(self, run_elsewhere: RunElsewhere[Item, Result]) -> None:
        while self._waiting:
            items, futures = self._take()
            started = perf_counter()
            try:
                results = await run_elsewhere(self._compute, items)
                self.last_seconds = perf_counter() - started
                _resolve(futures, results)
            except Exception as error:
                _fail(futures, error)
        self._scheduled = False

    def _take(self) -> tuple[list[Item], list["asyncio.Future[Result]"]]:
        """Return the items that have waited longest, without those whose requests have ended."""
        taken = [self._waiting.popleft() for _ in range(min(MOST_AT_ONCE, len(self._waiting)))]
        live = [(item, future) for item, future in taken if not future.done()]
        return [item for item, _ in live], [future for _, future in live]


def _resolve(futures: Sequence["asyncio.Future[Result]"], results: Sequence[Result]) -> None:
    for future, result in zip(futures, results, strict=True):
        if not future.done():
            future.set_result(result)


def _fail(futures: Sequence["asyncio.Future[Result]"], error: Exception) -> None:
    for future in futures:
        if not future.done():
            future.set_exception(error)
