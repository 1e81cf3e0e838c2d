"""A response's head and body leave in one write, in order, and nothing of them is lost."""

import asyncio
from typing import Any

import pytest

from app.runtime.gathering_transport import GatheringTransport


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
