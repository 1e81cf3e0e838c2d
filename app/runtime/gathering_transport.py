"""A transport that sends all writes of one turn of the event loop as one, and loses none when it closes."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from app.runtime.connection_limits import ConnectionLimits


class GatheringTransport:
    """Gathers writes until the event loop's turn is over, and then sends them as one.

    uvicorn writes a response's head and its body separately. That costs a second system call and packet, and wakes the
    client once too often.

    Closing while the client sends would reset the connection, and with it the response on its way (RFC 9112, 9.6). So
    this ends its own side alone, and reads and drops what comes until the client has ended too, but not for long.
    """

    def __init__(
        self, transport: asyncio.Transport, limits: ConnectionLimits, client_is_sending: Callable[[], bool]
    ) -> None:
        """Wrap `transport`; `client_is_sending` tells, when it is closed, whether more must be expected."""
        self._transport = transport
        self._limits = limits
        self._client_is_sending = client_is_sending
        self._gathered: list[bytes] = []
        self._lingering = False

    def __getattr__(self, name: str) -> Any:
        """Return any other attribute of the transport."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Keep the data until the end of this turn."""
        if not self._gathered:
            asyncio.get_running_loop().call_soon(self._flush)
        self._gathered.append(data)

    def is_closing(self) -> bool:
        """Return whether the transport is closed, or lingers."""
        return self._lingering or self._transport.is_closing()

    def close(self) -> None:
        """Send what is gathered, and close. A client that does not read it is cut off after a while."""
        self._flush()
        if self.is_closing():
            return
        loop = asyncio.get_running_loop()
        if self._client_is_sending():
            self._lingering = True
            with contextlib.suppress(OSError):  # the client has reset the connection; reading will tell
                self._transport.write_eof()
            self._transport.resume_reading()
            loop.call_later(self._limits.linger_seconds, self._transport.close)
        else:
            self._transport.close()
        if self._transport.get_write_buffer_size():
            loop.call_later(self._limits.stalled_seconds, self._transport.abort)

    def _flush(self) -> None:
        gathered, self._gathered = self._gathered, []
        if gathered and not self.is_closing():  # the client may have gone since
            self._transport.write(b"".join(gathered))
