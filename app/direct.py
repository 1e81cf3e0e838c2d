"""A route that is answered without the framework's machinery where a request leaves it nothing to do."""

import json

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from app import views
from app.service import Service
from app.upload import read_one

_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


class DirectRoute(APIRoute):
    """The route of one picture: a POST without query parameters is answered here, every other by its endpoint.

    The framework spends more on parameters that are not there and on checking an answer that the types have checked
    than everything else of a request takes. Errors are raised from here as from an endpoint. tests/app/test_direct.py
    holds that the answers are the endpoint's.
    """

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["query_string"] or scope["method"] != "POST":
            await super().handle(scope, receive, send)
            return
        service: Service = scope["app"].state.service
        with service.budget.account() as charge:
            upload = await read_one(Request(scope, receive), service.upload_limits, charge)
            answer = await service.answer(upload, "auto")
        body = _encode(views.prediction_fields(answer, service.predictor.card, "auto")).encode()
        headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
