"""A transport that sends all writes of one turn of the event loop as one."""

import asyncio
from typing import Any


class GatheringTransport:
    """Gathers writes until the event loop's turn is over, and then sends them as one.

    uvicorn writes a response's head and its body separately. That costs a second system call and packet, and wakes the
    client once too often.
    """

    def __init__(self, transport: asyncio.Transport, close_seconds: float) -> None:
        """Wrap `transport`; once closed, it may take so many seconds to send what is left."""
        self._transport = transport
        self._close_seconds = close_seconds
        self._gathered: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        """Return any other attribute of the transport."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Keep the data until the end of this turn."""
        if not self._gathered:
            asyncio.get_running_loop().call_soon(self._flush)
        self._gathered.append(data)

    def close(self) -> None:
        """Send what is gathered, and close. A client that does not read would otherwise keep the connection."""
        self._flush()
        self._transport.close()
        if self._transport.get_write_buffer_size():
            asyncio.get_running_loop().call_later(self._close_seconds, self._transport.abort)

    def _flush(self) -> None:
        gathered, self._gathered = self._gathered, []
        if gathered and not self._transport.is_closing():  # the client may have gone since
            self._transport.write(b"".join(gathered))
