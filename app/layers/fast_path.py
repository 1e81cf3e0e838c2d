"""The fast path: plain uploads are answered without the framework's routing, parameters and checks."""

from collections.abc import Awaitable, Callable

from pydantic_core import to_json
from starlette._utils import get_route_path
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api import presenters
from app.api.operations import Operations
from app.observability.request_context import current

_JSON = (b"content-type", b"application/json")


class FastPath:
    """Answers a POST of pictures without query parameters, and passes on every other request.

    The framework spends more on routing, on absent parameters and on checking an answer that the types have checked
    already than the rest of a request takes. tests/app/layers/test_fast_path.py holds that the answers are the
    routes', byte for byte.
    """

    def __init__(self, app: ASGIApp, operations: Operations) -> None:
        """Wrap `app`, which has the routes too."""
        self._app = app
        self._operations = operations
        self._answers: dict[str, Callable[[Scope, Receive], Awaitable[bytes]]] = {
            "/predict": self._predict,
            "/predict/batch": self._predict_batch,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on; raises a kind of `ImageError` or `RequestError`."""
        plain = scope["type"] == "http" and scope["method"] == "POST" and not scope["query_string"]
        path = get_route_path(scope) if plain else ""  # without what a proxy or a mount puts before it
        answer = self._answers.get(path)
        if answer is None:
            await self._app(scope, receive, send)
            return
        current().route = path
        body = await answer(scope, receive)
        headers = [(b"content-length", b"%d" % len(body)), _JSON]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _predict(self, scope: Scope, receive: Receive) -> bytes:
        answer = await self._operations.predict(scope, receive, "auto")
        return to_json(presenters.prediction_fields(answer, self._operations.service.predictor.card, "auto"))

    async def _predict_batch(self, scope: Scope, receive: Receive) -> bytes:
        answers = await self._operations.predict_batch(scope, receive, "auto")
        return to_json(presenters.batch_fields(answers, self._operations.service.predictor.card, "auto"))
