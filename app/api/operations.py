"""The operations of the POST routes: receive an upload within its limits, and answer it.

The fast path and the routes share them. The memory of an upload stays charged until its answer is there.
"""

from contextlib import AbstractContextManager
from functools import partial

from starlette.types import Receive, Scope

from app.api.v2.infer_request import Inference, parse
from app.api.v2.infer_response import all_answered, check_outputs
from app.errors import KINDS
from app.lenet.inference.answer import Answer
from app.lenet.inference.explanation import Explanation
from app.lenet.vocabulary import PreprocessingMode
from app.observability.request_context import RecognisedDigit, current
from app.observability.stages import stage
from app.pictures import Failure
from app.recogniser import Page
from app.service import Service
from app.uploads.body import announced_bytes
from app.uploads.disconnect import disconnected
from app.uploads.receiving import receive_body, receive_many, receive_one
from app.uploads.upload_limits import UploadLimits

_COPIES = 3  # of a request for inference: the most bytes that parsing it holds for each byte of the body


class Operations:
    """What can be asked of the service with an upload; every method raises a kind of `ImageError` or `RequestError`."""

    def __init__(self, service: Service, limits: UploadLimits) -> None:
        """Answer by `service` what arrives within `limits`."""
        self.service = service
        self._limits = limits

    def _arriving(self, scope: Scope) -> AbstractContextManager[None]:
        return self.service.arriving(announced_bytes(scope))

    async def predict(self, scope: Scope, receive: Receive, mode: PreprocessingMode) -> Answer:
        """Return the digit in the one picture of the request."""
        with self.service.memory.reservation() as charge:
            with self._arriving(scope), stage("receive"):
                upload = await receive_one(scope, receive, self._limits, charge)
            answer = await self.service.predict(upload, mode, partial(disconnected, receive))
        current().digits = [_recognised(answer)]
        return answer

    async def predict_batch(self, scope: Scope, receive: Receive, mode: PreprocessingMode) -> list[Answer | Failure]:
        """Return, for each picture of the request in order, its digit or its error."""
        with self.service.memory.reservation() as charge:
            with self._arriving(scope), stage("receive"):
                uploads = await receive_many(scope, receive, self._limits, charge)
            answers = await self.service.predict_batch(uploads, mode, partial(disconnected, receive))
        context = current()
        context.digits = [_recognised(one) for one in answers if isinstance(one, Answer)]
        context.refusals = [KINDS[type(one)].code for one in answers if not isinstance(one, Answer)]
        return answers

    async def explain(self, scope: Scope, receive: Receive, mode: PreprocessingMode) -> Explanation:
        """Return the digit in the one picture of the request, and what led to it."""
        with self.service.memory.reservation() as charge:
            with self._arriving(scope), stage("receive"):
                upload = await receive_one(scope, receive, self._limits, charge)
            explanation = await self.service.explain(upload, mode, partial(disconnected, receive))
        current().digits = [_recognised(explanation.answer)]
        return explanation

    async def read(
        self, scope: Scope, receive: Receive, mode: PreprocessingMode, length: int | None, *, with_image: bool
    ) -> Page:
        """Return all digits in the one picture of the request."""
        with self.service.memory.reservation() as charge:
            with self._arriving(scope), stage("receive"):
                upload = await receive_one(scope, receive, self._limits, charge)
            gone = partial(disconnected, receive)
            page = await self.service.read(upload, mode, length, with_image=with_image, gone=gone)
        found = [digit.prediction for line in page.reading.lines for digit in line.digits]
        current().digits = [RecognisedDigit(one.digit, one.confidence, one.reasons) for one in found]
        return page

    async def infer(self, scope: Scope, receive: Receive, json_length: int | None) -> tuple[Inference, list[Answer]]:
        """Return the request for inference and the digit in each of its pictures."""
        with self.service.memory.reservation() as charge:
            with self._arriving(scope), stage("receive"):
                body = await receive_body(scope, receive, self._limits, charge)
            charge(_COPIES * len(body))
            inference = await self.service.run(parse, body, json_length, self._limits)
            check_outputs(inference)
            mode = inference.request.parameters.preprocessing
            answers = await self.service.predict_batch(inference.pictures, mode, partial(disconnected, receive))
        answered = all_answered(inference, answers)
        current().digits = [_recognised(one) for one in answered]
        return inference, answered


def _recognised(answer: Answer) -> RecognisedDigit:
    return RecognisedDigit(answer.prediction.digit, answer.prediction.confidence, answer.reasons)
