"""The OpenAPI document, encoded once and off the event loop; FastAPI encodes it for each request."""

import asyncio
import json

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class Document:
    """The document's bytes, made when they are first asked for: making them takes longer than all other routes do."""

    def __init__(self, app: FastAPI) -> None:
        """Describe `app`, once it is complete."""
        self._app = app
        self._lock = asyncio.Lock()
        self._encoded = b""

    async def answer(self, request: Request) -> Response:
        """Answer the document; what is before the routes' paths goes into `servers`, last, as FastAPI does it."""
        async with self._lock:
            self._encoded = self._encoded or await run_in_threadpool(self._encode)
        body, root_path = self._encoded, request.scope.get("root_path", "").rstrip("/")
        if root_path:
            servers = json.dumps([{"url": root_path}], ensure_ascii=False, separators=(",", ":")).encode()
            body = body[:-1] + b',"servers":' + servers + b"}"
        return Response(body, media_type="application/json")

    def _encode(self) -> bytes:
        return bytes(JSONResponse(self._app.openapi()).body)


def install(app: FastAPI) -> None:
    """Answer the document in place of FastAPI's own route."""
    assert app.openapi_url  # noqa: S101 - for the type checker
    app.router.routes[:] = [route for route in app.router.routes if getattr(route, "path", "") != app.openapi_url]
    app.add_route(app.openapi_url, Document(app).answer, include_in_schema=False)
