"""uvicorn's HTTP protocol with bounded connections and headers, and with a response sent in one write."""

import asyncio
import json
import re
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.errors import KINDS, HeadersTooLargeError, HeaderTimeoutError, MalformedRequestError, OverloadedError
from app.observability.request_context import RequestContext
from app.observability.request_ids import new_request_id
from app.runtime.connection_limits import ConnectionLimits
from app.runtime.gathering_transport import GatheringTransport

# An offer to go on in another protocol, as Java's client makes with each request for HTTP/2. The parser would take the
# body for that protocol's. A server may ignore the offer (RFC 9110, 7.8), so the parser does not see it.
_OFFER = re.compile(rb"\r\nupgrade:", re.IGNORECASE)
_NO_OFFER = b"\r\nx-upgrade:"


class HttpProtocol(HttpToolsProtocol):
    """One connection. It ends early when there are too many, when its client is too slow, or its headers too large."""

    def __init__(self, *args: Any, limits: ConnectionLimits | None = None, **kwargs: Any) -> None:
        """Begin with no connection; uvicorn gives all arguments but `limits`."""
        super().__init__(*args, **kwargs)
        self._limits = limits or ConnectionLimits()
        self.url, self.headers = b"", []
        self._in_headers = self._in_body = False
        self._read_bytes = 0  # of the piece that was read last
        self._unfinished_bytes = 0  # read since the piece in which headers, or what is between parts of a body, began
        self._header_timer: asyncio.TimerHandle | None = None
        self._write_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Accept the connection, or refuse it when the worker has too many."""
        super().connection_made(GatheringTransport(transport, self._limits, self._client_is_sending))  # type: ignore[arg-type]
        self._show_connections()
        if len(self.connections) > self._limits.connections:
            self._refuse(OverloadedError("too many connections are open; try again in a second"))
        else:
            self._start_header_timer(self._limits.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_header_timer()
        self._stop_write_timer()
        super().connection_lost(exc)
        self._show_connections()

    def data_received(self, data: bytes) -> None:
        """Parse what has arrived. Headers that arrive in one piece, as most do, never need the timer."""
        if self.transport.is_closing():
            return  # the client has not noticed yet
        if not self._in_body and b"pgrade:" in data:
            head, blank, rest = data.partition(b"\r\n\r\n")
            data = _OFFER.sub(_NO_OFFER, head) + blank + rest
        self._read_bytes = len(data)
        self._unfinished_bytes += self._read_bytes
        super().data_received(data)
        if self._unfinished_bytes > self._limits.header_bytes and not self.transport.is_closing():
            self._refuse_headers()
        elif self._header_timer is None:
            if self._in_headers:
                self._start_header_timer(self._limits.header_seconds)
            elif self.cycle is not None and self.cycle.response_complete:
                # A line break, or more of a body that is answered already: at any byte uvicorn stops its own timer.
                self._start_header_timer(self._limits.stalled_seconds)

    def eof_received(self) -> bool:  # type: ignore[override]
        """Answer what was asked by a client that has ended its side, but only soon: most such clients have gone."""
        if self.cycle is None or self.cycle.response_complete or self._in_body or self._in_headers:
            return False  # closes the connection
        self.cycle.keep_alive = False
        if self._header_timer is None:
            self._start_header_timer(self._limits.half_closed_seconds)
        return True

    def pause_writing(self) -> None:
        """Wait for the client to read, but not for ever."""
        super().pause_writing()
        self._stop_write_timer()
        self._write_timer = self.loop.call_later(self._limits.stalled_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the client has read."""
        self._stop_write_timer()
        super().resume_writing()

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._in_headers, self._unfinished_bytes = True, 0

    def on_headers_complete(self) -> None:
        """Start the request."""
        self._in_headers, self._in_body = False, True
        self._stop_header_timer()
        if self._too_many_pipelined or self._headers_too_large():
            raise ValueError  # httptools makes a parser error of it, which uvicorn answers by `send_400_response`
        self._unfinished_bytes = 0
        super().on_headers_complete()
        if self.app_state.get("draining") and self.cycle is not None:
            self.cycle.keep_alive = False  # the response then says so, and the connection is closed after it

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body: as it is where none waits, because uvicorn would copy it twice."""
        self._unfinished_bytes = 0
        cycle = self.cycle
        if cycle.body or cycle.response_complete or self.parser.should_upgrade():
            super().on_body(body)
            return
        cycle.body = body  # type: ignore[assignment]  # uvicorn only reads it, and asks for its length
        if len(body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()

    def on_message_complete(self) -> None:
        """End the request's body."""
        self._in_body, self._unfinished_bytes = False, 0
        self.scope["state"]["body_arrived"] = True  # mostly before the application runs, which then needs no timer
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """End the request; what it left of its body is not kept until the next one."""
        if self.cycle is not None and self.cycle.response_complete:
            self.cycle.body = bytearray()
        super().on_response_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be parsed, or has too many bytes of headers, in the error envelope."""
        if self._too_many_pipelined:
            self._refuse(OverloadedError("too many requests are waiting on this connection; send fewer at once"))
        elif self._headers_too_large():
            self._refuse_headers()
        else:
            self._refuse(MalformedRequestError("the request is not HTTP"))

    @property
    def _too_many_pipelined(self) -> bool:
        """Whether requests were sent without waiting for responses: one read may hold thousands, of 2 kB each."""
        return len(self.pipeline) >= self._limits.pipelined

    def _client_is_sending(self) -> bool:
        return self._in_headers or self._in_body

    def _headers_too_large(self) -> bool:
        """Return whether the headers that are complete have too many bytes; they are seldom worth counting."""
        most = self._limits.header_bytes
        if self._unfinished_bytes + self._read_bytes <= most:
            return False
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > most

    def _refuse_headers(self) -> None:
        self._refuse(HeadersTooLargeError(f"a request's headers may have at most {self._limits.header_bytes:,} bytes"))

    def _show_connections(self) -> None:
        if show := self.app_state.get("connections"):
            show(len(self.connections))

    def _start_header_timer(self, seconds: float) -> None:
        self._header_timer = self.loop.call_later(seconds, self._headers_overdue)

    def _stop_header_timer(self) -> None:
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None

    def _stop_write_timer(self) -> None:
        if self._write_timer is not None:
            self._write_timer.cancel()
            self._write_timer = None

    def _headers_overdue(self) -> None:
        self._header_timer = None
        if not self.transport.is_closing():
            if self._in_headers:
                seconds = self._limits.header_seconds
                self._refuse(HeaderTimeoutError(f"the headers did not arrive within {seconds:g} seconds"))
            else:
                self.transport.close()  # nothing was asked

    def _refuse(self, error: Exception) -> None:
        """Answer an error without the application, and close the connection."""
        self._stop_header_timer()
        kind = KINDS[type(error)]
        request = RequestContext(new_request_id(), route="none", status=kind.status, error_code=kind.code)
        for record in self.app_state.get("records", ()):
            record(request)
        envelope = {"error": {"code": kind.code, "message": str(error), "request_id": request.request_id}}
        body = json.dumps(envelope).encode()
        lines = [
            f"HTTP/1.1 {kind.status} {HTTPStatus(kind.status).phrase}",
            "content-type: application/json",
            f"content-length: {len(body)}",
            "cache-control: no-store",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            f"x-request-id: {request.request_id}",
            *(["retry-after: 1"] if kind.status == HTTPStatus.SERVICE_UNAVAILABLE else []),
            "connection: close",
        ]
        self.transport.write("\r\n".join([*lines, "", ""]).encode() + body)
        self.transport.close()
