"""A response's head and body leave in one write, in order, and nothing of them is lost."""

import asyncio
from typing import Any

import pytest
import uvicorn

from app.runtime.http_protocol import GatheringTransport, HttpProtocol


class Written:
    """The least of a transport: notes what is written, and when it is closed."""

    def __init__(self) -> None:
        self.events: list[bytes | str] = []

    def write(self, data: bytes) -> None:
        self.events.append(data)

    def close(self) -> None:
        self.events.append("closed")

    def is_closing(self) -> bool:
        return "closed" in self.events

    def get_extra_info(self, name: str) -> str:
        return f"its {name}"


def after(*steps: tuple[Any, ...]) -> list[bytes | str]:
    """Return what reached the transport: each tuple of bytes is written in a turn of its own; "close" closes."""
    written = Written()

    async def scenario() -> None:
        transport = GatheringTransport(written)  # type: ignore[arg-type]
        assert transport.get_extra_info("peername") == "its peername"
        for step in steps:
            for data in step:
                if data == "close":
                    transport.close()
                else:
                    transport.write(data)
            await asyncio.sleep(0)

    asyncio.run(scenario())
    return written.events


@pytest.mark.parametrize(
    ("steps", "events"),
    [
        ([(b"head", b"body")], [b"headbody"]),
        ([(b"head",), (b"body",)], [b"head", b"body"]),
        ([(b"head", b"body", "close")], [b"headbody", "closed"]),
        ([("close",)], ["closed"]),
        ([("close", b"too late")], ["closed"]),
        ([(b"one",), (), (b"two", b"three")], [b"one", b"twothree"]),
    ],
)
def test_what_is_written_in_one_turn_leaves_together(steps: list[tuple[Any, ...]], events: list[bytes | str]) -> None:
    assert after(*steps) == events


def test_answers_of_any_kind_arrive_whole() -> None:
    """Over real sockets: in pieces, in one piece, larger than any buffer, and to requests sent before an answer."""

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        pieces = {"/small": [b"x"], "/large": [bytes(5_000_000)], "/pieces": [b"ab", b"", b"cd"] * 50}[scope["path"]]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for piece in pieces:
            await send({"type": "http.response.body", "body": piece, "more_body": True})
            await asyncio.sleep(0)
        await send({"type": "http.response.body", "body": b""})

    async def scenario() -> bytes:
        server = uvicorn.Server(uvicorn.Config(app, http=HttpProtocol, lifespan="off", log_level="error"))
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        listening = await asyncio.get_running_loop().create_server(
            lambda: HttpProtocol(server.config, server.server_state, {}), "127.0.0.1", 0
        )
        reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
        ends = "Host: here\r\n\r\n", "Host: here\r\nConnection: close\r\n\r\n"
        paths = zip(("/small", "/pieces", "/large"), (ends[0], ends[0], ends[1]), strict=True)
        writer.write("".join(f"GET {path} HTTP/1.1\r\n{end}" for path, end in paths).encode())
        answer = await asyncio.wait_for(reader.read(), 30)
        writer.close()
        listening.close()
        return answer

    first, second, third = asyncio.run(scenario()).split(b"HTTP/1.1 200 OK\r\n")[1:]
    assert first.endswith(b"\r\n\r\n1\r\nx\r\n0\r\n\r\n")
    assert second.count(b"2\r\nab\r\n2\r\ncd\r\n") == 50
    assert third.count(bytes(5_000_000)) == 1
    assert third.endswith(b"0\r\n\r\n")
