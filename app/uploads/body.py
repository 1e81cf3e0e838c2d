"""A request's body as it arrives: within a number of bytes, within a time, and charged to the memory budget."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import Receive, Scope

from app.errors import MalformedRequestError, RequestError, UploadTimeoutError
from app.observability.request_context import current
from app.runtime.memory_budget import Charge

_LONGEST_NUMBER = 18  # of a Content-Length: Python refuses to convert numbers of thousands of digits


def header(scope: Scope, name: bytes) -> bytes:
    """Return the first header of that lower-case name, empty without one."""
    for one, value in scope["headers"]:
        if one == name:
            return value  # type: ignore[no-any-return]  # of bytes
    return b""


def announced_bytes(scope: Scope) -> float:
    """Return the number of bytes that `Content-Length` announces: 0 when it is missing or no number."""
    digits = header(scope, b"content-length").lstrip(b"0")
    if not digits.isdigit():
        return 0
    return int(digits) if len(digits) <= _LONGEST_NUMBER else math.inf


@dataclass(slots=True)
class Body:
    """A body of at most `most_bytes`, which arrives within `seconds`; `too_large` makes the error for a longer one.

    `charge` is called with every number of bytes that arrives.
    """

    scope: Scope
    receive: Receive
    charge: Charge
    most_bytes: int
    too_large: Callable[[], RequestError]
    seconds: float

    async def whole(self) -> bytes:
        """Return all of it, copied once if it arrives in several chunks; raises a kind of `RequestError`."""
        chunks: list[bytes] = []
        await self.feed(chunks.append)
        return b"".join(chunks)

    async def feed(self, consume: Callable[[bytes], None]) -> None:
        """Pass on each chunk as it arrives; raises a kind of `RequestError` as soon as there is a reason to."""
        if announced_bytes(self.scope) > self.most_bytes:
            raise self.too_large()
        if "body_arrived" in self.scope.get("state", ()):  # so says HttpProtocol; a timer would take microseconds
            await self._feed(consume)
            return
        try:
            async with asyncio.timeout(self.seconds):
                await self._feed(consume)
        except TimeoutError:
            raise UploadTimeoutError(f"the body did not arrive within {self.seconds:g} seconds") from None

    async def _feed(self, consume: Callable[[bytes], None]) -> None:
        fed, more = 0, True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise MalformedRequestError("the connection was closed before the body was complete")
            chunk, more = message.get("body", b""), message.get("more_body", False)
            fed += len(chunk)
            if fed > self.most_bytes:
                raise self.too_large()
            self.charge(len(chunk))
            current().received_bytes += len(chunk)
            consume(chunk)
