"""A server of the HTTP protocol over real sockets, and what its clients see."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import uvicorn

from app.runtime.connection_limits import ConnectionLimits
from app.runtime.http_protocol import HttpProtocol


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer with the pieces that the path names."""
    if scope["path"] == "/early":
        await send({"type": "http.response.start", "status": 413, "headers": [(b"content-length", b"5")]})
        await send({"type": "http.response.body", "body": b"large"})
        return
    arrived = b"%d" % scope["state"].get("body_arrived", False)
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
        "/arrived": [arrived],
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
        async with asyncio.timeout(30):
            while server.server_state.connections:  # the clients have closed theirs
                await asyncio.sleep(0)


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
