"""Every request has an id, and is recorded once it has been answered."""

from collections.abc import Sequence
from itertools import count
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.observability.request_context import enter
from app.observability.request_ids import HEADER, context_of
from app.observability.service_metrics import SAMPLED, Record

OTHER = "other"
"""The route of requests to unknown paths: as a label of metrics, paths would be without number."""


class Recording:
    """Makes each request's context, adds its id to the response, and records it in the metrics and the access log.

    The id is the client's own in `X-Request-ID`, or a new one. One request in `SAMPLED` has its stages timed.
    """

    def __init__(self, app: ASGIApp, records: Sequence[Record]) -> None:
        """Wrap `app`; each of `records` is called with each request."""
        self._app = app
        self._records = records
        self._count = count()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on within its context, and record it however it ends."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        context = context_of(scope["headers"])
        enter(context)
        if next(self._count) % SAMPLED == 0:
            context.stages = {}
        response_started = 0.0

        async def send_with_id(message: Message) -> None:
            nonlocal response_started
            if message["type"] == "http.response.start":
                context.status, response_started = message["status"], perf_counter()
                message["headers"] = [*message.get("headers", ()), (HEADER, context.request_id.encode("ascii"))]
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            ended = perf_counter()
            context.seconds = ended - context.started
            # Starlette's router adds the route to the scope. The fast path knows it by itself.
            context.route = context.route or getattr(scope.get("route"), "path", OTHER)
            if context.stages is not None and response_started:
                context.stages["write"] = ended - response_started
            for record in self._records:
                record(context)
