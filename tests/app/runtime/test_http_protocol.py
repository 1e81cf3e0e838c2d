"""Connections over real sockets: responses arrive whole; too many, too slow and too large headers are refused."""

import asyncio
import contextlib
import json
import resource
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from app.observability.request_context import RequestContext
from app.runtime.connection_limits import ConnectionLimits
from app.runtime.http_protocol import HttpProtocol

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer with the pieces that the path names."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    if scope["path"] == "/never":
        assert (await receive())["type"] == "http.disconnect"
        return
    pieces = {
        "/small": [b"x"],
        "/large": [bytes(5_000_000)],
        "/huge": [bytes(20_000_000)],
        "/pieces": [b"ab", b"", b"cd"] * 50,
        "/echo": [body],
    }[scope["path"]]
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for piece in pieces:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": b""})


@contextlib.asynccontextmanager
async def listening(
    limits: ConnectionLimits | None = None, state: dict[str, Any] | None = None
) -> AsyncIterator[tuple[str, int]]:
    """Serve `app`, with the state that its start has left; give the address."""
    server = uvicorn.Server(uvicorn.Config(app, http=HttpProtocol, lifespan="off", log_level="error"))
    server.config.load()
    server.lifespan = server.config.lifespan_class(server.config)
    listener = await asyncio.get_running_loop().create_server(
        lambda: HttpProtocol(server.config, server.server_state, state or {}, limits=limits), "127.0.0.1", 0
    )
    try:
        yield listener.sockets[0].getsockname()
    finally:
        listener.close()


def refusal(response: bytes) -> tuple[int, str]:
    """Return status and code of a response in the error envelope, after which the connection was closed."""
    head, body = response.split(b"\r\n\r\n")
    error = json.loads(body)["error"]
    assert b"connection: close" in head
    assert b"x-content-type-options: nosniff" in head
    assert f"x-request-id: {error['request_id']}\r\n".encode() in head
    return int(head.split()[1]), error["code"]


def exchange(*pieces: bytes, limits: ConnectionLimits | None = None) -> bytes:
    """Send the pieces, one a turn, and return all that comes back until the connection is closed."""

    async def scenario() -> bytes:
        async with listening(limits) as address:
            reader, writer = await asyncio.open_connection(*address)
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
            response = await asyncio.wait_for(reader.read(), 30)
            writer.close()
            return response

    return asyncio.run(scenario())


def test_responses_of_any_kind_arrive_whole() -> None:
    """In pieces, in one piece, larger than any buffer, and to requests sent before a response."""
    ends = "Host: here\r\n\r\n", "Host: here\r\nConnection: close\r\n\r\n"
    paths = zip(("/small", "/pieces", "/large"), (ends[0], ends[0], ends[1]), strict=True)
    requests = "".join(f"GET {path} HTTP/1.1\r\n{end}" for path, end in paths).encode()
    first, second, third = exchange(requests).split(b"HTTP/1.1 200 OK\r\n")[1:]
    assert first.endswith(b"\r\n\r\n1\r\nx\r\n0\r\n\r\n")
    assert second.count(b"2\r\nab\r\n2\r\ncd\r\n") == 50
    assert third.count(bytes(5_000_000)) == 1
    assert third.endswith(b"0\r\n\r\n")


@pytest.mark.parametrize(
    "pieces",
    [
        [b"GET /small HTTP/1.1\r\n", b"Host: he"],
        [b"G"],
        [b"GET /small HTTP/1.1\r\nHost: here\r\n\r\nGET /sm", b"a"],  # the second request on a connection
    ],
)
def test_headers_that_do_not_arrive_are_refused(pieces: list[bytes]) -> None:
    response = exchange(*pieces, limits=ConnectionLimits(header_seconds=0.05))
    if response.startswith(b"HTTP/1.1 200"):
        response = response[response.index(b"HTTP/1.1 408") :]
    assert refusal(response) == (408, "header_timeout")


def test_a_connection_that_stays_silent_is_closed() -> None:
    assert exchange(limits=ConnectionLimits(header_seconds=0.05)) == b""


@pytest.mark.parametrize("more", [b"\r\n", b"\r\n\r\n"])
def test_a_connection_that_sends_line_breaks_is_closed_too(more: bytes) -> None:
    """uvicorn stops its keep-alive timer at any byte, and a line break begins no request."""

    async def scenario() -> bytes:
        async with listening(ConnectionLimits(stalled_seconds=0.05)) as address:
            reader, writer = await asyncio.open_connection(*address)
            writer.write(b"GET /small HTTP/1.1\r\nHost: here\r\n\r\n")
            await reader.readuntil(b"0\r\n\r\n")
            writer.write(more)
            rest = await asyncio.wait_for(reader.read(), 30)
            writer.close()
            return rest

    assert asyncio.run(scenario()) == b""


@contextlib.asynccontextmanager
async def half_closed(sent: bytes, limits: ConnectionLimits | None = None) -> AsyncIterator[asyncio.StreamReader]:
    """Send, end this side of the connection as `nc -N` does, and give what reads the other side."""
    async with listening(limits) as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(sent)
        writer.write_eof()
        yield reader
        writer.close()


def test_a_client_that_ends_its_side_is_answered_and_the_connection_ends() -> None:
    async def scenario() -> bytes:
        async with half_closed(b"GET /pieces HTTP/1.1\r\nHost: here\r\n\r\n" * 2) as reader:
            return await asyncio.wait_for(reader.read(), 30)

    response = asyncio.run(scenario())
    assert response.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert response.endswith(b"0\r\n\r\n")


def test_a_client_that_has_ended_its_side_is_not_waited_for() -> None:
    async def scenario() -> bytes:
        async with half_closed(b"GET /never HTTP/1.1\r\n\r\n", ConnectionLimits(half_closed_seconds=0.05)) as reader:
            return await asyncio.wait_for(reader.read(), 30)

    assert asyncio.run(scenario()) == b""


@pytest.mark.parametrize("sent", [b"", b"GET /sm", b"POST /echo HTTP/1.1\r\nContent-Length: 5\r\n\r\nfour"])
def test_what_can_no_longer_become_a_request_ends_at_once(sent: bytes) -> None:
    async def scenario() -> bytes:
        async with half_closed(sent) as reader:
            return await asyncio.wait_for(reader.read(), 30)

    assert asyncio.run(scenario()) == b""


def test_too_many_requests_before_a_response_are_refused() -> None:
    response = exchange(b"GET /small HTTP/1.1\r\nHost: here\r\n\r\n" * 100, limits=ConnectionLimits(pipelined=5))
    assert refusal(response[response.index(b"HTTP/1.1 503") :]) == (503, "overloaded")


def test_a_client_that_does_not_read_is_cut_off() -> None:
    closed = asyncio.Event()

    def show(count: int) -> None:
        if not count:
            closed.set()

    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        async with listening(ConnectionLimits(stalled_seconds=0.05), {"connections": show}) as address:
            with socket.socket() as client:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                client.setblocking(False)
                await loop.sock_connect(client, address)
                await loop.sock_sendall(client, b"GET /huge HTTP/1.1\r\nHost: here\r\n\r\n")
                await asyncio.wait_for(closed.wait(), 30)

    asyncio.run(scenario())


@pytest.mark.parametrize("offer", ["Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings", "UPgrade:websocket"])
def test_an_offer_of_another_protocol_is_ignored_and_the_body_is_the_requests(offer: str) -> None:
    body = b"a\r\nUpgrade: x\r\n"
    head = f"POST /echo HTTP/1.1\r\nConnection: Upgrade\r\n{offer}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    response = exchange(head + body, b"GET /small HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert response.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert body in response


def test_a_slow_body_is_not_the_headers_business() -> None:
    async def scenario() -> bytes:
        async with listening(ConnectionLimits(header_seconds=0.02)) as address:
            reader, writer = await asyncio.open_connection(*address)
            writer.write(b"POST /small HTTP/1.1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(reader.read(1), 0.1)  # nothing comes, not even a refusal
            writer.write(b"xx")
            response = await asyncio.wait_for(reader.read(), 30)
            writer.close()
            return response

    assert asyncio.run(scenario()).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("header", [b"X: " + b"x" * 3000, b"X: x\r\n" * 3000])
def test_too_many_bytes_of_headers_are_refused(header: bytes) -> None:
    request = b"GET /small HTTP/1.1\r\n" + header + b"\r\n\r\n"
    assert refusal(exchange(request, limits=ConnectionLimits(header_bytes=2000))) == (431, "headers_too_large")


def test_an_address_counts_as_a_header() -> None:
    request = b"GET /" + b"x" * 3000 + b" HTTP/1.1\r\n\r\n"
    assert refusal(exchange(request, limits=ConnectionLimits(header_bytes=2000))) == (431, "headers_too_large")


def test_what_is_not_http_is_refused_in_the_envelope() -> None:
    assert refusal(exchange(b"seven\r\n\r\n")) == (400, "malformed_request")


def test_one_connection_too_many_is_refused_and_the_others_are_served() -> None:
    async def scenario() -> tuple[bytes, bytes]:
        async with listening(ConnectionLimits(connections=2)) as address:
            held = [await asyncio.open_connection(*address) for _ in range(2)]
            await asyncio.sleep(0)
            reader, writer = await asyncio.open_connection(*address)
            refused = await asyncio.wait_for(reader.read(), 30)
            writer.close()
            first_reader, first_writer = held[0]
            first_writer.write(b"GET /small HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
            served = await asyncio.wait_for(first_reader.read(), 30)
            for _, other in held:
                other.close()
            return refused, served

    refused, served = asyncio.run(scenario())
    assert refusal(refused) == (503, "overloaded")
    assert b"retry-after: 1" in refused
    assert served.startswith(b"HTTP/1.1 200")


def test_refusals_are_recorded_and_connections_are_shown() -> None:
    recorded: list[RequestContext] = []
    shown: list[int] = []

    async def scenario() -> bytes:
        async with listening(state={"records": [recorded.append], "connections": shown.append}) as address:
            reader, writer = await asyncio.open_connection(*address)
            writer.write(b"seven\r\n\r\n")
            response = await asyncio.wait_for(reader.read(), 30)
            writer.close()
            return response

    assert recorded == []
    response = asyncio.run(scenario())
    [request] = recorded
    assert (request.route, request.status, request.error_code) == ("none", 400, "malformed_request")
    assert request.request_id.encode() in response
    assert shown == [1, 0]


def test_connections_are_capped_by_the_file_descriptors() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
        assert ConnectionLimits(connections=4096).within_descriptors().connections == 192
        assert ConnectionLimits(connections=100).within_descriptors().connections == 100
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_what_is_left_of_a_refused_body_is_not_kept_until_the_next_request() -> None:
    async def scenario() -> list[int]:
        held = []

        async def refuse(scope: dict[str, Any], receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})

        server = uvicorn.Server(uvicorn.Config(refuse, http=HttpProtocol, lifespan="off", log_level="error"))
        server.config.load()
        made: list[HttpProtocol] = []

        def protocol() -> HttpProtocol:
            made.append(HttpProtocol(server.config, server.server_state, {}))
            return made[-1]

        listener = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*listener.sockets[0].getsockname())
        for _ in range(2):
            writer.write(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 100000\r\n\r\n" + bytes(100_000))
            await reader.readuntil(b"\r\n\r\n")
            held.append(len(made[0].cycle.body))
        writer.close()
        listener.close()
        return held

    assert asyncio.run(scenario()) == [0, 0]
