"""One loaded model and everything that it computes, on whatever thread calls. It knows no queue, no clock, no HTTP."""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from app.errors import NotExplainableError, NotReadyError, RequestError
from app.lenet.decoding.decoder import ImageSource
from app.lenet.inference.answer import Answer, answer
from app.lenet.inference.explanation import Explanation, explain
from app.lenet.inference.predictor import Predictor
from app.lenet.inference.preprocessing import PreprocessedDigit
from app.lenet.network import artifact
from app.lenet.network.activations import EXPLAINABLE
from app.lenet.reading.answer import Reading
from app.lenet.reading.ink_picture import draw_reading
from app.lenet.reading.reader import load_reader
from app.lenet.vocabulary import PreprocessingMode
from app.observability.service_metrics import ServiceMetrics
from app.observability.stages import stage
from app.pictures import Failure, Pictures, PixelAllowance
from app.runtime.allocator import give_back_large_memory
from app.runtime.cpu_quota import available_cpus
from app.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """A picture of several digits: what it came as, and its reading, with boxes in pixels of the upright picture.

    `image` is the ink with boxes drawn, uint8 RGB [height, width, 3]; None unless asked for.
    """

    source: ImageSource
    reading: Reading
    image: NDArray[np.uint8] | None


class Recogniser:
    """One loaded model; safe to call from several threads.

    `deadline` is always a time of the monotonic clock, by which there must be memory for a picture.
    """

    def __init__(self, settings: Settings, metrics: ServiceMetrics | None = None) -> None:
        """Load the artifact onto the device; raises `ArtifactError`, `DeviceError` or `EngineError` when that fails."""
        give_back_large_memory()
        cv2.setNumThreads(1)  # pictures share the CPUs, not the parts of one
        self._metrics = metrics or ServiceMetrics()
        path = settings.find_weights()
        loaded = artifact.load(path)
        threads = max(1, available_cpus() // (settings.workers or 1))
        self.predictor = Predictor(loaded, settings.device, settings.engine, threads=threads)
        self.pictures = Pictures(settings.image_limits, self.predictor.card.input.size)
        self._reader = load_reader(loaded, self.predictor)
        self._explainable = loaded if loaded.card.architecture == EXPLAINABLE else None
        card, engine = self.predictor.card, self.predictor.engine
        logger.info("serving %s (%s) from %s by %s on %s", card.name, card.short_hash, path, engine.name, engine.device)

    def answer(self, digits: Sequence[PreprocessedDigit]) -> list[Answer]:
        """Return the answer to each digit, in order, from one forward pass."""
        self._metrics.forward_pass(len(digits))
        return answer(self.predictor, digits)

    def predict(self, uploads: Sequence[bytes | RequestError], mode: PreprocessingMode) -> list[Answer | Failure]:
        """Return, for each upload in order, its digit or its error."""
        digits = self.pictures.digits(uploads, mode, math.inf, PixelAllowance(math.inf))
        return in_place(digits, self.answer([digit for digit in digits if isinstance(digit, PreprocessedDigit)]))

    def read(
        self,
        upload: bytes,
        mode: PreprocessingMode,
        length: int | None = None,
        with_image: bool = False,
        deadline: float = math.inf,
    ) -> Page:
        """Return all digits in the picture that `upload` holds; raises a kind of `ImageError` or `RequestError`."""
        picture = self.pictures.page(upload, deadline)
        with stage("read"):
            reading = self._reader.read(picture.grey, length, plain=mode == "plain")
        upright = picture.source.height, picture.source.width
        image = draw_reading(picture.grey, reading) if with_image else None
        return Page(picture.source, reading.rescaled(picture.grey.shape, upright), image)

    def check_explainable(self) -> artifact.Artifact:
        """Return the weights whose layers can be shown; raises `NotExplainableError` when another network is served."""
        if self._explainable is None:
            raise NotExplainableError("only LeNet-5 shows its layers; another network is served")
        return self._explainable

    def explain(self, upload: bytes, mode: PreprocessingMode, deadline: float = math.inf) -> Explanation:
        """Return the digit in `upload` and what led to it; raises a kind of `ImageError` or `RequestError`."""
        return explain(self.predictor, self.check_explainable(), self.pictures.digit(upload, mode, deadline))

    def check(self) -> None:
        """Raise `NotReadyError` unless the model answers its reference digit correctly, now."""
        try:
            right = self.predictor.answers_reference()
        except Exception as error:
            # Whatever a failing device raises, the answer to a probe is the same.
            logger.exception("the model failed on its reference digit")
            raise NotReadyError("the model failed on its reference digit") from error
        if not right:
            raise NotReadyError("the model does not answer its reference digit as it should")


def in_place(digits: Sequence[PreprocessedDigit | Failure], answers: Sequence[Answer]) -> list[Answer | Failure]:
    """Return the answers in the places of the digits they belong to, and the failures in theirs."""
    in_order = iter(answers)
    return [next(in_order) if isinstance(digit, PreprocessedDigit) else digit for digit in digits]
