"""The service: one loaded model behind bounded queues, with deadlines. It knows nothing of HTTP."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import groupby
from typing import TypeVar

import numpy as np

from app.errors import DeadlineError, RequestError
from app.lenet.decoding.fast_png import plain_png_size
from app.lenet.decoding.raw_pixels import Upload
from app.lenet.inference.answer import Answer
from app.lenet.inference.explanation import Explanation
from app.lenet.inference.preprocessing import PreprocessedDigit
from app.lenet.network import artifact
from app.lenet.network.engines import SMALL_NETWORK
from app.lenet.vocabulary import PreprocessingMode
from app.observability.service_metrics import Load, ServiceMetrics
from app.observability.stages import add_seconds, stage
from app.pictures import Failure, PixelAllowance
from app.recogniser import Page, Recogniser, in_place
from app.runtime.abandonment import Gone, unless_gone
from app.runtime.arrivals import Arrivals
from app.runtime.cpu_quota import available_cpus
from app.runtime.memory_budget import MemoryBudget
from app.runtime.micro_batching import MicroBatcher
from app.runtime.thread_pool import ThreadPool
from app.settings import Settings

T = TypeVar("T")

INLINE_PIXELS = 4096
"""Pixels of a small PNG up to which decoding it takes less time than handing it to a thread and back."""


SMALL_UPLOAD_BYTES = 65_536
"""Up to this size an upload is received even under overload: its picture may need no thread."""


class Service:
    """One loaded model, with the thread pools, the micro-batcher and the memory budget that answers need."""

    def __init__(self, settings: Settings, metrics: ServiceMetrics | None = None) -> None:
        """Load the artifact onto the device; raises `ArtifactError`, `DeviceError` or `EngineError` when that fails."""
        self._recogniser = Recogniser(settings, metrics)
        self._pictures = self._recogniser.pictures
        self.predictor = self._recogniser.predictor
        self.other_cards = artifact.other_shipped_cards(self.predictor.card)
        self._batch_pixels = settings.max_batch_pixels
        self.memory = MemoryBudget(settings.max_held_bytes)
        self._request_seconds = settings.request_seconds
        self._pool = ThreadPool(
            threads=available_cpus(),  # in each worker, because all large pictures may have come to one
            most_waiting=settings.max_waiting,
            most_wait_seconds=settings.max_wait_seconds,
            name="picture",
        )
        self._arrivals = Arrivals(settings.max_wait_seconds)
        self._probes = ThreadPool(threads=1, most_waiting=settings.max_waiting, name="probe")  # not behind pictures
        # The micro-batcher makes one call at a time, so that one thread of its own never makes it wait.
        self._forward = ThreadPool(threads=1, most_waiting=0, name="forward")
        inline = self.predictor.engine.name == "onnx" and self.predictor.card.parameters <= SMALL_NETWORK
        self._batcher: MicroBatcher[PreprocessedDigit, Answer] = MicroBatcher(
            self._recogniser.answer,
            run_elsewhere=None if inline else self._forward.run,
            most_waiting=settings.max_waiting,
        )
        self._started = time.monotonic()

    @property
    def uptime(self) -> float:
        """Seconds since the model was loaded."""
        return time.monotonic() - self._started

    @property
    def load(self) -> Load:
        """What the service is busy with now."""
        return Load(self._batcher.waiting + self._pool.waiting, self._pool.running, self.memory.held)

    def arriving(self, announced_bytes: float) -> AbstractContextManager[None]:
        """Return what is to be entered while an upload arrives.

        Raises `OverloadedError` for a large one whose pictures would wait too long: its bytes need not be received, and
        a client that waits for `100 Continue` never sends them.
        """
        if announced_bytes <= SMALL_UPLOAD_BYTES:
            return nullcontext()
        self._pool.admit(len(self._arrivals))
        return self._arrivals.one()

    async def predict(self, upload: bytes, mode: PreprocessingMode, gone: Gone | None = None) -> Answer:
        """Return the digit in the picture that `upload` holds; raises a kind of `ImageError` or `RequestError`.

        Small pictures are decoded inline, others on a thread, where they do not hold up the small ones. A picture that
        waits for a thread is dropped when its client has `gone`.
        """
        self._batcher.admit()
        digit = self._pictures.small_digit(upload, mode, INLINE_PIXELS)
        if digit is None:
            self._pool.admit()
            deadline = self._deadline()
            work = self._pool.run(self._pictures.digit, upload, mode, deadline, deadline=deadline)
            digit = await unless_gone(work, gone)
        submitted = time.monotonic()
        found = await self._batcher.submit(digit)
        add_seconds("queue", time.monotonic() - submitted - self._batcher.last_seconds)
        add_seconds("forward", self._batcher.last_seconds)
        return found

    async def predict_batch(
        self, uploads: Sequence[Upload | RequestError], mode: PreprocessingMode, gone: Gone | None = None
    ) -> list[Answer | Failure]:
        """Return, for each upload in order, its digit or its error; raises `OverloadedError`.

        The pictures take the threads one at a time, between those of other requests; only plain small PNGs, which take
        microseconds, go together. Each is preprocessed as soon as it is decoded, so that only one is held at full size.
        """
        self._pool.admit()
        digits = await unless_gone(self._preprocess(uploads, mode), gone)
        found = [digit for digit in digits if isinstance(digit, PreprocessedDigit)]
        return in_place(digits, await self._pool.run_admitted(self._answer_batch, found))

    async def read(
        self,
        upload: bytes,
        mode: PreprocessingMode,
        length: int | None = None,
        *,
        with_image: bool = False,
        gone: Gone | None = None,
    ) -> Page:
        """Return all digits in the picture that `upload` holds; raises a kind of `ImageError` or `RequestError`.

        With a `length`, only lines of so many digits are looked for and answered.
        """
        deadline = self._deadline()
        work = self._pool.run(self._recogniser.read, upload, mode, length, with_image, deadline, deadline=deadline)
        return await unless_gone(work, gone)

    async def run(self, function: Callable[..., T], *args: object) -> T:
        """Return `function(*args)`, run on a picture thread; raises `OverloadedError` or `DeadlineError`."""
        return await self._pool.run(function, *args, deadline=self._deadline())

    async def explain(self, upload: bytes, mode: PreprocessingMode, gone: Gone | None = None) -> Explanation:
        """Return the digit in `upload` and what led to it; raises a kind of `ImageError` or `RequestError`."""
        self._recogniser.check_explainable()
        deadline = self._deadline()
        work = self._pool.run(self._recogniser.explain, upload, mode, deadline, deadline=deadline)
        return await unless_gone(work, gone)

    async def check(self) -> None:
        """Raise `NotReadyError` unless the model answers its reference digit correctly, now."""
        await self._probes.run(self._recogniser.check)

    def close(self) -> None:
        """Finish the work under way and drop what waits."""
        for pool in (self._pool, self._probes, self._forward):
            pool.close()

    def _deadline(self) -> float:
        """Return the time of the monotonic clock by which the work on a request that is here now must begin."""
        return time.monotonic() + self._request_seconds

    async def _preprocess(
        self, uploads: Sequence[Upload | RequestError], mode: PreprocessingMode
    ) -> list[PreprocessedDigit | Failure]:
        deadline, left = self._deadline(), PixelAllowance(self._batch_pixels)
        digits: list[PreprocessedDigit | Failure] = []
        for small, together in groupby(uploads, key=_is_small):
            for group in [list(together)] if small else [[upload] for upload in together]:
                work = self._pool.run_admitted(self._pictures.digits, group, mode, deadline, left, deadline=deadline)
                try:
                    digits += await work
                except DeadlineError as failure:
                    digits += [failure] * len(group)
        return digits

    def _answer_batch(self, digits: Sequence[PreprocessedDigit]) -> list[Answer]:
        with stage("forward"):
            return self._recogniser.answer(digits)


def _is_small(upload: Upload | RequestError) -> bool:
    if isinstance(upload, np.ndarray):
        return upload.size <= INLINE_PIXELS
    return isinstance(upload, RequestError) or plain_png_size(upload, INLINE_PIXELS) is not None
