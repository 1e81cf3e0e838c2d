"""Pictures answered without the framework's machinery, where a request leaves that nothing to do."""

from collections.abc import Awaitable, Callable

from pydantic_core import to_json
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api import presenters
from app.api.error_handlers import answer_defect, answer_error
from app.errors import RequestError
from app.layers.no_store import NoStore
from app.lenet.decoding.decoder import ImageError
from app.runtime.memory_budget import Charge
from app.service import Service
from app.uploads.receiving import read_many, read_one

_NO_STORE = (b"cache-control", b"no-store")  # as NoStore marks answers


class Direct:
    """Around the whole application: answers a POST of pictures without query parameters and passes on all else.

    The framework spends more on its layers, on routing, on parameters that are not there and on checking an answer that
    the types have checked than all else of a request takes. tests/app/layers/test_fast_path.py holds that the
    answers are the endpoint's, to the byte.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        """Stand before `app`, which has the endpoint too."""
        self._app = app
        self._service = service
        self._answers: dict[str, Callable[[Scope, Receive, Charge], Awaitable[bytes]]] = {
            "/predict": self._predict,
            "/predict/batch": self._predict_batch,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        plain = scope["type"] == "http" and scope["method"] == "POST" and not scope["query_string"]
        answer = self._answers.get(scope["path"]) if plain else None
        if answer is None:
            await self._app(scope, receive, send)
            return
        try:
            with self._service.budget.account() as charge:
                body = await answer(scope, receive, charge)
        except (ImageError, RequestError) as error:
            await NoStore(answer_error(error))(scope, receive, send)
            return
        except Exception:
            await answer_defect()(scope, receive, send)
            raise  # to the server, which logs where it was
        headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json"), _NO_STORE]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _predict(self, scope: Scope, receive: Receive, charge: Charge) -> bytes:
        service = self._service
        upload = await read_one(scope, receive, service.upload_limits, charge)
        answer = await service.answer(upload, "auto")
        return to_json(presenters.prediction_fields(answer, service.predictor.card, "auto"))

    async def _predict_batch(self, scope: Scope, receive: Receive, charge: Charge) -> bytes:
        service = self._service
        uploads = await read_many(scope, receive, service.upload_limits, charge)
        answers = await service.workers.run(service.answer_all, uploads, "auto")
        return to_json(presenters.batch_fields(answers, service.predictor.card, "auto"))
