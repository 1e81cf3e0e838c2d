"""From encoded pictures to rows of answers. It knows neither files nor engines."""

import logging
from collections.abc import Sequence

import pyarrow as pa

from app.bulk import rows
from app.errors import InternalError, RequestError
from app.lenet.decoding.image_errors import ImageError
from app.lenet.inference.answer import Answer
from app.lenet.vocabulary import PreprocessingMode
from app.pictures import Failure
from app.recogniser import Page, Recogniser
from app.settings import Settings

logger = logging.getLogger(__name__)

MODE: PreprocessingMode = "auto"

MOST_AT_ONCE = 256
"""Pictures of one forward pass; more gain nothing."""


class Scorer:
    """One loaded model that scores pictures on the thread that asks."""

    def __init__(self, settings: Settings, *, reads: bool) -> None:
        """Load the model; raises as `Recogniser` does. `reads`: answer with all digits of a picture instead of one."""
        self._recogniser = Recogniser(settings)
        self._reads = reads
        self.model = self._recogniser.predictor.card.short_hash
        self.schema = rows.schema(reads=reads)

    def score(self, pictures: Sequence[bytes | RequestError]) -> pa.RecordBatch:
        """Return a row of `schema` for each encoded picture, in order; where there is none, for why there is none.

        A picture that is refused becomes a row with its error code. Memory: one decoded picture at a time.
        """
        if self._reads:
            return rows.of_pages([self._page(picture) for picture in pictures], self.model)
        return rows.of_answers(self._answers(pictures), self.model)

    def _answers(self, pictures: Sequence[bytes | RequestError]) -> list[Answer | Failure]:
        try:
            return self._recogniser.predict(pictures, MODE)
        except Exception as error:
            if len(pictures) > 1:  # one of them is to blame, and the others are good
                return [answer for picture in pictures for answer in self._answers([picture])]
            return [self._failed(error)]

    def _page(self, picture: bytes | RequestError) -> Page | Failure:
        try:
            return picture if isinstance(picture, RequestError) else self._recogniser.read(picture, MODE)
        except (ImageError, RequestError) as failure:
            return failure
        except Exception as error:
            return self._failed(error)

    def _failed(self, error: Exception) -> InternalError:
        """Return what a row says of a picture on which the service failed; raise when it is the model that fails."""
        if not self._recogniser.predictor.answers_reference():
            raise error
        logger.error("the service failed on a picture", exc_info=error)
        return InternalError("the service failed on this picture")
