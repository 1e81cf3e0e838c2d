"""What the service holds while it runs: the predictor, the other artifacts' cards, and how long it has been up."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from app.errors import NotReadyError, RequestError
from app.lenet.decoding.decoder import DETAIL_OF_A_PAGE, ImageError, Picture, Source, read_image, read_quickly
from app.lenet.inference.answer import Answer, answer
from app.lenet.inference.predictor import Predictor
from app.lenet.inference.preprocessing import Prepared, Preprocessing, prepare
from app.lenet.network import artifact
from app.lenet.network.artifact import ArtifactError
from app.lenet.network.card import Card
from app.lenet.network.engines import SMALL_NETWORK
from app.lenet.reading.answer import Reading
from app.lenet.reading.reader import load_reader
from app.runtime.cpu_quota import available_cpus
from app.runtime.memory_budget import Budget
from app.runtime.micro_batching import Batcher
from app.runtime.thread_pool import Workers
from app.settings import Settings
from app.uploads.receiving import UploadLimits

logger = logging.getLogger(__name__)

AT_ONCE = 4096
"""Pixels of a small PNG up to which it takes less time to prepare it than to hand it to a thread and back."""

Failure = ImageError | RequestError


@dataclass(frozen=True, slots=True)
class Page:
    """What a picture of several digits came as, and what was read in it; boxes are in pixels of the upright picture."""

    source: Source
    reading: Reading


class Service:
    """One loaded model and all that answers need of it."""

    def __init__(self, settings: Settings) -> None:
        """Load the artifact onto the device; raises `ArtifactError`, `DeviceError` or `EngineError` otherwise."""
        self._limits = settings.limits
        path = settings.find_weights()
        threads = max(1, available_cpus() // (settings.workers or 1))
        loaded = artifact.load(path)
        self.predictor = Predictor(loaded, settings.device, settings.engine, threads=threads)
        self.reader = load_reader(loaded, self.predictor)
        self.others = _other_cards(self.predictor.card)
        self.workers = Workers(threads=threads, most_waiting=settings.max_waiting)
        self.probes = Workers(threads=1, most_waiting=settings.max_waiting)  # health waits for no large picture
        self.batcher = Batcher(
            self.predictor.predict,
            self.workers.run,
            on_the_loop=self.predictor.engine.name == "onnx" and self.predictor.card.parameters <= SMALL_NETWORK,
            most_waiting=settings.max_waiting,
        )
        self.budget = Budget(settings.max_held_bytes)
        self.upload_limits = UploadLimits(
            file_bytes=settings.max_file_bytes,
            batch_bytes=settings.max_batch_bytes,
            batch_files=settings.max_batch_files,
            seconds=settings.upload_timeout,
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

    async def answer(self, upload: bytes, preprocessing: Preprocessing) -> Answer:
        """Return the digit in the picture that `upload` holds; raises a kind of `ImageError`, or `OverloadedError`.

        Small pictures are decoded at once, others on a thread, where they do not hold up the small ones.
        """
        picture = read_quickly(upload, self._limits, AT_ONCE)
        if picture:
            prepared = self._prepare(picture, preprocessing)
        else:
            prepared = await self.workers.run(self._read_and_prepare, upload, preprocessing)
        return Answer(prepared, await self.batcher.submit(prepared.seen))

    def answer_all(
        self, uploads: Sequence[bytes | RequestError], preprocessing: Preprocessing
    ) -> list[Answer | Failure]:
        """Return, for each upload in order, its digit or why there is none, from one forward pass.

        Each picture is prepared as soon as it is decoded, so that only one is held at its full size.
        """
        prepared = [self._try_to_prepare(upload, preprocessing) for upload in uploads]
        answers = iter(answer(self.predictor, [one for one in prepared if isinstance(one, Prepared)]))
        return [next(answers) if isinstance(one, Prepared) else one for one in prepared]

    def read(self, upload: bytes, preprocessing: Preprocessing, length: int | None = None) -> Page:
        """Return all digits in the picture that `upload` holds; raises a kind of `ImageError`.

        With a `length`, lines of so many digits are looked for, and no others answered.
        """
        picture = read_image(upload, self._limits, DETAIL_OF_A_PAGE)
        reading = self.reader.read(picture.grey, length, plain=preprocessing == "plain")
        upright = picture.source.height, picture.source.width
        return Page(picture.source, reading.rescaled(picture.grey.shape, upright))

    def check(self) -> None:
        """Raise `NotReadyError` unless the model, now, answers its reference digit as it should."""
        try:
            right = self.predictor.answers_reference()
        except Exception as error:
            # Whatever a failing device raises, the answer to a probe is the same.
            logger.exception("the model failed on its reference digit")
            raise NotReadyError("the model failed on its reference digit") from error
        if not right:
            raise NotReadyError("the model does not answer its reference digit as it should")

    def close(self) -> None:
        """Let the work under way end; what waits is given up."""
        self.workers.close()
        self.probes.close()

    def _read_and_prepare(self, upload: bytes, preprocessing: Preprocessing) -> Prepared:
        return self._prepare(read_image(upload, self._limits), preprocessing)

    def _prepare(self, picture: Picture, preprocessing: Preprocessing) -> Prepared:
        return prepare(picture, preprocessing, self.predictor.card.input.size)

    def _try_to_prepare(self, upload: bytes | RequestError, preprocessing: Preprocessing) -> Prepared | Failure:
        if isinstance(upload, RequestError):
            return upload
        try:
            return self._read_and_prepare(upload, preprocessing)
        except ImageError as failure:
            return failure


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
