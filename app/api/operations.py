"""The operations of the POST routes: receive an upload within its limits, and answer it.

The fast path and the routes share them. The memory of an upload stays charged until its answer is there.
"""

from starlette.types import Receive, Scope

from app.lenet.inference.answer import Answer
from app.lenet.inference.explanation import Explanation
from app.lenet.vocabulary import PreprocessingMode
from app.service import Failure, Page, Service
from app.uploads.receiving import receive_many, receive_one
from app.uploads.upload_limits import UploadLimits


class Operations:
    """What can be asked of the service with an upload; every method raises a kind of `ImageError` or `RequestError`."""

    def __init__(self, service: Service, limits: UploadLimits) -> None:
        """Answer by `service` what arrives within `limits`."""
        self.service = service
        self._limits = limits

    async def predict(self, scope: Scope, receive: Receive, mode: PreprocessingMode) -> Answer:
        """Return the digit in the one picture of the request."""
        with self.service.memory.reservation() as charge:
            upload = await receive_one(scope, receive, self._limits, charge)
            return await self.service.predict(upload, mode)

    async def predict_batch(self, scope: Scope, receive: Receive, mode: PreprocessingMode) -> list[Answer | Failure]:
        """Return, for each picture of the request in order, its digit or its error."""
        with self.service.memory.reservation() as charge:
            uploads = await receive_many(scope, receive, self._limits, charge)
            return await self.service.predict_batch(uploads, mode)

    async def explain(self, scope: Scope, receive: Receive, mode: PreprocessingMode) -> Explanation:
        """Return the digit in the one picture of the request, and what led to it."""
        with self.service.memory.reservation() as charge:
            upload = await receive_one(scope, receive, self._limits, charge)
            return await self.service.explain(upload, mode)

    async def read(
        self, scope: Scope, receive: Receive, mode: PreprocessingMode, length: int | None, *, with_image: bool
    ) -> Page:
        """Return all digits in the one picture of the request."""
        with self.service.memory.reservation() as charge:
            upload = await receive_one(scope, receive, self._limits, charge)
            return await self.service.read(upload, mode, length, with_image=with_image)
