"""Connections over real sockets: too many, too slow and too large ones are refused or closed."""

import asyncio
import contextlib
import resource
import socket

import pytest

from app.observability.request_context import RequestContext
from app.runtime.connection_limits import ConnectionLimits
from tests.app.runtime.connections import exchange, listening, refusal

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


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


def test_a_client_that_sends_all_before_it_reads_gets_an_early_response() -> None:
    head = b"POST /early HTTP/1.1\r\nContent-Length: 5000000\r\nConnection: close\r\n\r\n"
    assert exchange(head, *[bytes(1_000_000)] * 5).endswith(b"\r\n\r\nlarge")


def test_a_client_that_never_stops_sending_is_cut_off() -> None:
    head = b"POST /early HTTP/1.1\r\nContent-Length: 5000000\r\nConnection: close\r\n\r\n"

    async def scenario() -> None:
        async with listening(ConnectionLimits(linger_seconds=0.05)) as address:
            _, writer = await asyncio.open_connection(*address)
            writer.write(head)
            with contextlib.suppress(ConnectionError):
                async with asyncio.timeout(30):
                    while True:
                        writer.write(b"x")
                        await writer.drain()
                        await asyncio.sleep(0.01)
            writer.close()

    asyncio.run(scenario())


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


@pytest.mark.parametrize(
    "beginning",
    [
        b"GET /small HTTP/1.1\r\nX: ",
        b"GET /",
        b"POST /small HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX: ",
        b"POST /small HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;x=",
    ],
    ids=["header", "address", "trailer", "chunk extension"],
)
def test_what_never_ends_is_refused_before_it_has_ended(beginning: bytes) -> None:
    response = exchange(beginning, *[b"x" * 500] * 10, limits=ConnectionLimits(header_bytes=2000))
    assert refusal(response) == (431, "headers_too_large")


def test_a_long_body_in_small_chunks_has_no_headers() -> None:
    head = b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    chunks = [b"1\r\nx\r\n"] * 2000
    response = exchange(head, *chunks, b"0\r\n\r\n", limits=ConnectionLimits(header_bytes=200))
    assert response.endswith(b"x" * 2000 + b"\r\n0\r\n\r\n")


def test_rubbish_longer_than_headers_may_be_is_refused() -> None:
    response = exchange(b"\x00" * 3000, limits=ConnectionLimits(header_bytes=2000))
    assert refusal(response) == (400, "malformed_request")


def test_an_address_counts_as_a_header() -> None:
    request = b"GET /" + b"x" * 3000 + b" HTTP/1.1\r\n\r\n"
    assert refusal(exchange(request, limits=ConnectionLimits(header_bytes=2000))) == (431, "headers_too_large")


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
