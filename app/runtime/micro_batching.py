"""Pictures that wait together share one forward pass."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from app.errors import OverloadedError
from app.lenet.inference.input_tensor import Grey
from app.lenet.inference.predictor import Prediction

MOST_AT_ONCE = 32
"""Pictures of one forward pass: more gain little, and hold up those that come meanwhile."""

Predict = Callable[[Sequence[Grey]], list[Prediction]]


class Batcher:
    """Collects pictures while the model is busy, or until the event loop's turn is over; whatever waits then goes.

    With `on_the_loop` the model computes right there, which suits networks that take less time than a change of thread;
    otherwise `elsewhere` runs it. At most `most_waiting` pictures wait besides those of the next forward pass.
    """

    def __init__(
        self,
        predict: Predict,
        elsewhere: Callable[[Predict, Sequence[Grey]], Awaitable[list[Prediction]]],
        *,
        on_the_loop: bool,
        most_waiting: int,
    ) -> None:
        """Begin with none waiting."""
        self._predict = predict
        self._elsewhere = elsewhere
        self._on_the_loop = on_the_loop
        self._most = MOST_AT_ONCE + most_waiting
        self._waiting: deque[tuple[Grey, asyncio.Future[Prediction]]] = deque()
        self._running: asyncio.Task[None] | None = None
        self._scheduled = False

    def submit(self, grey: Grey) -> "asyncio.Future[Prediction]":
        """Return what will be the prediction for the picture; raises `OverloadedError` at once when too many wait."""
        if len(self._waiting) >= self._most:
            raise OverloadedError("too many requests are waiting; try again in a second")
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Prediction] = loop.create_future()
        self._waiting.append((grey, future))
        if not self._scheduled:
            self._scheduled = True
            loop.call_soon(self._turn)
        return future

    def _turn(self) -> None:
        if not self._on_the_loop:
            self._running = asyncio.ensure_future(self._run_elsewhere())
            return
        greys, futures = self._take()
        try:
            _tell(futures, self._predict(greys))
        except Exception as error:
            _fail(futures, error)
        self._scheduled = bool(self._waiting)
        if self._scheduled:
            asyncio.get_running_loop().call_soon(self._turn)

    async def _run_elsewhere(self) -> None:
        while self._waiting:
            greys, futures = self._take()
            try:
                _tell(futures, await self._elsewhere(self._predict, greys))
            except Exception as error:
                _fail(futures, error)
        self._scheduled = False

    def _take(self) -> tuple[list[Grey], list["asyncio.Future[Prediction]"]]:
        """Return the longest waiting pictures, without those whose requests have ended."""
        taken = [self._waiting.popleft() for _ in range(min(MOST_AT_ONCE, len(self._waiting)))]
        live = [(grey, future) for grey, future in taken if not future.done()]
        return [grey for grey, _ in live], [future for _, future in live]


def _tell(futures: Sequence["asyncio.Future[Prediction]"], predictions: Sequence[Prediction]) -> None:
    for future, prediction in zip(futures, predictions, strict=True):
        if not future.done():
            future.set_result(prediction)


def _fail(futures: Sequence["asyncio.Future[Prediction]"], error: Exception) -> None:
    for future in futures:
        if not future.done():
            future.set_exception(error)
