"""Clients that post a picture again and again, and notice every request that stays without a response."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from benchmarks.input_pipeline import SEVEN

_PICTURE = SEVEN.read_bytes()
_HEAD = f"POST /predict HTTP/1.1\r\nHost: here\r\nContent-Type: image/png\r\nContent-Length: {len(_PICTURE)}\r\n"
KEPT = _HEAD.encode() + b"\r\n" + _PICTURE
"""A request that leaves its connection open."""
CLOSED = _HEAD.encode() + b"Connection: close\r\n\r\n" + _PICTURE
"""A request that asks for its connection to be closed."""


@dataclass(slots=True)
class Outcome:
    """Responses by their status, and requests that got none, by the error."""

    statuses: Counter[int] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)


async def post_until_refused(host: str, port: int, outcome: Outcome, *, keep: bool) -> None:
    """Post until no connection can be made any more; a connection that was closed between two requests is no loss."""
    request = KEPT if keep else CLOSED
    while True:
        try:
            reader, writer = await asyncio.open_connection(host, port)
        except OSError:
            return
        try:
            while await _post(reader, writer, request, outcome):
                pass
        finally:
            writer.close()


async def _post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, outcome: Outcome) -> bool:
    """Post once; return whether the connection can be used again."""
    if reader.at_eof():
        return False
    try:
        writer.write(request)
        await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(length)
    except (OSError, asyncio.IncompleteReadError) as error:
        outcome.lost[type(error).__name__] += 1
        return False
    outcome.statuses[int(head.split()[1])] += 1
    return b"connection: close" not in head.lower()
