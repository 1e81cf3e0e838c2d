"""The service: one loaded model and what answers need. It knows nothing of HTTP."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from app.errors import DeadlineError, NotReadyError, RequestError
from app.lenet.decoding.decoder import DETAIL_OF_A_PAGE, DecodedImage, ImageSource, decode, decode_plain_png
from app.lenet.decoding.fast_png import plain_png_size
from app.lenet.decoding.image_errors import ImageError
from app.lenet.inference.answer import Answer, answer
from app.lenet.inference.predictor import Predictor
from app.lenet.inference.preprocessing import PreprocessedDigit, preprocess
from app.lenet.network import artifact
from app.lenet.network.artifact import ArtifactError
from app.lenet.network.card import Card
from app.lenet.network.engines import SMALL_NETWORK
from app.lenet.reading.answer import Reading
from app.lenet.reading.ink_picture import draw_reading
from app.lenet.reading.reader import load_reader
from app.lenet.vocabulary import PreprocessingMode
from app.runtime.cpu_quota import available_cpus
from app.runtime.memory_budget import MemoryBudget
from app.runtime.micro_batching import MicroBatcher
from app.runtime.thread_pool import ThreadPool
from app.settings import Settings

logger = logging.getLogger(__name__)

INLINE_PIXELS = 4096
"""Pixels of a small PNG up to which decoding it takes less time than handing it to a thread and back."""

Failure = ImageError | RequestError


@dataclass(frozen=True, slots=True)
class Page:
    """A picture of several digits: what it came as, and its reading, with boxes in pixels of the upright picture.

    `image` is the ink with boxes drawn, uint8 RGB [height, width, 3]; None unless asked for.
    """

    source: ImageSource
    reading: Reading
    image: NDArray[np.uint8] | None


class Service:
    """One loaded model, with the thread pools, the micro-batcher and the memory budget that answers need."""

    def __init__(self, settings: Settings) -> None:
        """Load the artifact onto the device; raises `ArtifactError`, `DeviceError` or `EngineError` when that fails."""
        self._limits = settings.image_limits
        path = settings.find_weights()
        threads = max(1, available_cpus() // (settings.workers or 1))
        loaded = artifact.load(path)
        self.predictor = Predictor(loaded, settings.device, settings.engine, threads=threads)
        self._reader = load_reader(loaded, self.predictor)
        self.other_cards = _other_cards(self.predictor.card)
        self.memory = MemoryBudget(settings.max_held_bytes)
        self._request_seconds = settings.request_seconds
        self._pool = ThreadPool(
            threads=threads,
            most_waiting=settings.max_waiting,
            most_wait_seconds=settings.max_wait_seconds,
            name="picture",
        )
        self._probes = ThreadPool(threads=1, most_waiting=settings.max_waiting, name="probe")  # not behind pictures
        # The micro-batcher makes one call at a time, so that one thread of its own never makes it wait.
        self._forward = ThreadPool(threads=1, most_waiting=0, name="forward")
        inline = self.predictor.engine.name == "onnx" and self.predictor.card.parameters <= SMALL_NETWORK
        self._batcher: MicroBatcher[PreprocessedDigit, Answer] = MicroBatcher(
            partial(answer, self.predictor),
            run_elsewhere=None if inline else self._forward.run,
            most_waiting=settings.max_waiting,
        )
        self._started = time.monotonic()
        logger.info(
            "serving %s (%s) from %s by %s on %s",
            self.predictor.card.name,
            self.predictor.card.short_hash,
            path,
            self.predictor.engine.name,
            self.predictor.engine.device,
        )

    @property
    def uptime(self) -> float:
        """Seconds since the model was loaded."""
        return time.monotonic() - self._started

    async def predict(self, upload: bytes, mode: PreprocessingMode) -> Answer:
        """Return the digit in the picture that `upload` holds; raises a kind of `ImageError` or `RequestError`.

        Small pictures are decoded inline, others on a thread, where they do not hold up the small ones.
        """
        self._batcher.admit()
        picture = decode_plain_png(upload, self._limits, INLINE_PIXELS)
        if picture:
            digit = self._preprocess(picture, mode)
        else:
            digit = await self._pool.run(self._decode_and_preprocess, upload, mode, deadline=self._deadline())
        return await self._batcher.submit(digit)

    async def predict_batch(
        self, uploads: Sequence[bytes | RequestError], mode: PreprocessingMode
    ) -> list[Answer | Failure]:
        """Return, for each upload in order, its digit or its error; raises `OverloadedError`.

        The pictures take the threads one at a time, between those of other requests; only plain small PNGs, which take
        microseconds, go together. Each is preprocessed as soon as it is decoded, so that only one is held at full size.
        """
        self._pool.admit()
        deadline = self._deadline()
        digits: list[PreprocessedDigit | Failure] = []
        for small, together in groupby(uploads, key=_is_small):
            for group in [list(together)] if small else [[upload] for upload in together]:
                digits += await self._preprocess_group(group, mode, deadline)
        found = [digit for digit in digits if isinstance(digit, PreprocessedDigit)]
        return _in_place(digits, await self._pool.run_admitted(answer, self.predictor, found))

    async def read(
        self, upload: bytes, mode: PreprocessingMode, length: int | None = None, *, with_image: bool = False
    ) -> Page:
        """Return all digits in the picture that `upload` holds; raises a kind of `ImageError` or `RequestError`.

        With a `length`, only lines of so many digits are looked for and answered.
        """
        return await self._pool.run(self._read, upload, mode, length, with_image, deadline=self._deadline())

    def predict_here(self, uploads: Sequence[bytes | RequestError], mode: PreprocessingMode) -> list[Answer | Failure]:
        """Do as `predict_batch` does, on the thread that calls, with neither queue nor deadline."""
        digits = self._try_to_preprocess(uploads, mode)
        return _in_place(
            digits, answer(self.predictor, [digit for digit in digits if isinstance(digit, PreprocessedDigit)])
        )

    def read_here(self, upload: bytes, mode: PreprocessingMode) -> Page:
        """Do as `read` does, on the thread that calls, with neither queue nor deadline."""
        return self._read(upload, mode, None, with_image=False)

    async def check(self) -> None:
        """Raise `NotReadyError` unless the model answers its reference digit correctly, now."""
        await self._probes.run(self._check)

    def close(self) -> None:
        """Finish the work under way and drop what waits."""
        for pool in (self._pool, self._probes, self._forward):
            pool.close()

    def _deadline(self) -> float:
        """Return the time of the monotonic clock by which the work on a request that is here now must begin."""
        return time.monotonic() + self._request_seconds

    def _read(self, upload: bytes, mode: PreprocessingMode, length: int | None, with_image: bool) -> Page:
        picture = decode(upload, self._limits, DETAIL_OF_A_PAGE)
        reading = self._reader.read(picture.grey, length, plain=mode == "plain")
        upright = picture.source.height, picture.source.width
        image = draw_reading(picture.grey, reading) if with_image else None
        return Page(picture.source, reading.rescaled(picture.grey.shape, upright), image)

    def _check(self) -> None:
        try:
            right = self.predictor.answers_reference()
        except Exception as error:
            # Whatever a failing device raises, the answer to a probe is the same.
            logger.exception("the model failed on its reference digit")
            raise NotReadyError("the model failed on its reference digit") from error
        if not right:
            raise NotReadyError("the model does not answer its reference digit as it should")

    async def _preprocess_group(
        self, uploads: Sequence[bytes | RequestError], mode: PreprocessingMode, deadline: float
    ) -> Sequence[PreprocessedDigit | Failure]:
        try:
            return await self._pool.run_admitted(self._try_to_preprocess, uploads, mode, deadline=deadline)
        except DeadlineError as failure:
            return [failure] * len(uploads)

    def _try_to_preprocess(
        self, uploads: Sequence[bytes | RequestError], mode: PreprocessingMode
    ) -> list[PreprocessedDigit | Failure]:
        digits: list[PreprocessedDigit | Failure] = []
        for upload in uploads:
            try:
                digits.append(upload if isinstance(upload, RequestError) else self._decode_and_preprocess(upload, mode))
            except ImageError as failure:
                digits.append(failure)
        return digits

    def _decode_and_preprocess(self, upload: bytes, mode: PreprocessingMode) -> PreprocessedDigit:
        return self._preprocess(decode(upload, self._limits), mode)

    def _preprocess(self, picture: DecodedImage, mode: PreprocessingMode) -> PreprocessedDigit:
        return preprocess(picture, mode, self.predictor.card.input.size)


def _in_place(digits: Sequence[PreprocessedDigit | Failure], answers: Sequence[Answer]) -> list[Answer | Failure]:
    """Return the answers in the places of the digits they belong to, and the failures in theirs."""
    in_order = iter(answers)
    return [next(in_order) if isinstance(digit, PreprocessedDigit) else digit for digit in digits]


def _is_small(upload: bytes | RequestError) -> bool:
    return isinstance(upload, RequestError) or plain_png_size(upload, INLINE_PIXELS) is not None


def _other_cards(served: Card) -> list[Card]:
    cards = []
    for path in sorted(artifact.SHIPPED.glob("*.safetensors")):
        try:
            card = artifact.load_card(path)
        except ArtifactError as error:
            logger.warning("left out of /metrics: %s", error)
        else:
            if card.weights_sha256 != served.weights_sha256:
                cards.append(card)
    return cards
