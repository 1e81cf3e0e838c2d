"""A response's head and body leave in one write, in order, and nothing of them is lost."""

import asyncio
from typing import Any

import pytest

from app.runtime.connection_limits import ConnectionLimits
from app.runtime.gathering_transport import GatheringTransport


class Written:
    """The least of a transport: notes what is written, and when it is closed; `unsent` stay in its buffer."""

    def __init__(self, unsent: int = 0) -> None:
        self.events: list[bytes | str] = []
        self.unsent = unsent
        self.aborted = asyncio.Event()

    def write(self, data: bytes) -> None:
        self.events.append(data)

    def close(self) -> None:
        self.events.append("closed")

    def abort(self) -> None:
        self.aborted.set()

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def is_closing(self) -> bool:
        return "closed" in self.events

    def get_extra_info(self, name: str) -> str:
        return f"its {name}"


def after(*steps: tuple[Any, ...]) -> list[bytes | str]:
    """Return what reached the transport: each tuple of bytes is written in a turn of its own; "close" closes."""
    written = Written()

    async def scenario() -> None:
        transport = GatheringTransport(written, ConnectionLimits(), bool)  # type: ignore[arg-type]
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


class Reset(Written):
    """A transport whose client has reset the connection."""

    def write_eof(self) -> None:
        raise OSError("not connected")

    def resume_reading(self) -> None:
        self.events.append("reading")

    def close(self) -> None:
        super().close()
        self.aborted.set()


def test_a_client_that_has_gone_while_it_sent_does_no_harm() -> None:
    async def scenario() -> list[bytes | str]:
        written = Reset()
        transport = GatheringTransport(written, ConnectionLimits(linger_seconds=0.01), lambda: True)  # type: ignore[arg-type]
        transport.write(b"refused")
        transport.close()
        assert transport.is_closing()
        await asyncio.wait_for(written.aborted.wait(), 30)
        return written.events

    assert asyncio.run(scenario()) == [b"refused", "reading", "closed"]


def test_a_client_that_does_not_read_the_rest_is_cut_off() -> None:
    async def scenario() -> None:
        written = Written(unsent=7)
        GatheringTransport(written, ConnectionLimits(stalled_seconds=0.01), bool).close()  # type: ignore[arg-type]
        await asyncio.wait_for(written.aborted.wait(), 30)

    asyncio.run(scenario())
