"""Connections over real sockets: what is sent arrives whole, and what is not sent is not waited for."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from app.runtime.connection_limits import ConnectionLimits
from app.runtime.http_protocol import HttpProtocol
from tests.app.runtime.connections import exchange, listening, refusal


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
    ("pieces", "arrived"), [([b"head", b"xx"], b"0"), ([b"headxx"], b"1"), ([b"headx", b"x"], b"0")]
)
def test_the_application_knows_whether_the_body_has_arrived(pieces: list[bytes], arrived: bytes) -> None:
    head = b"POST /arrived HTTP/1.1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"

    async def scenario() -> bytes:
        async with listening() as address:
            reader, writer = await asyncio.open_connection(*address)
            for piece in pieces:
                writer.write(piece.replace(b"head", head))
                await asyncio.sleep(0.05)  # so that the server reads each by itself
            response = await asyncio.wait_for(reader.read(), 30)
            writer.close()
            return response

    assert asyncio.run(scenario()).endswith(b"\r\n\r\n1\r\n" + arrived + b"\r\n0\r\n\r\n")


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


@pytest.mark.parametrize("offer", ["Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings", "UPgrade:websocket"])
def test_an_offer_of_another_protocol_is_ignored_and_the_body_is_the_requests(offer: str) -> None:
    body = b"a\r\nUpgrade: x\r\n"
    head = f"POST /echo HTTP/1.1\r\nConnection: Upgrade\r\n{offer}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    response = exchange(head + body, b"GET /small HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert response.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert body in response


def test_what_is_not_http_is_refused_in_the_envelope() -> None:
    assert refusal(exchange(b"seven\r\n\r\n")) == (400, "malformed_request")


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
