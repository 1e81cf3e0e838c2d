"""HTTP as uvicorn speaks it, with an answer's head and body leaving in one write."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class GatheringTransport:
    """A transport that keeps what is written until the event loop's turn is over, and then writes it at once.

    uvicorn writes an answer's head and its body one after the other: two system calls, two packets, and a client that
    wakes for the first in vain.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        """Write to `transport`, which does everything else too."""
        self._transport = transport
        self._kept: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        """Return whatever else the transport has."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Keep the data for the end of this turn."""
        if not self._kept:
            asyncio.get_running_loop().call_soon(self._flush)
        self._kept.append(data)

    def close(self) -> None:
        """Write what is kept, and close."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        kept, self._kept = self._kept, []
        if kept and not self._transport.is_closing():  # the client may have gone since
            self._transport.write(b"".join(kept))


class Protocol(HttpToolsProtocol):
    """uvicorn's protocol on a `GatheringTransport`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to speak."""
        super().connection_made(GatheringTransport(transport))  # type: ignore[arg-type]
