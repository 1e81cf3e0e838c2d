"""Limits on the connections of a worker process."""

import resource
from dataclasses import dataclass, replace

# Descriptors that a worker needs besides its connections: listeners, pipes, log, device files, files being opened.
_RESERVED_DESCRIPTORS = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """The most connections open at once, the seconds for a request's headers to arrive, and the most bytes of them.

    `stalled_seconds`: for a client to take what is written to it, and after a response for the rest of what it sends.
    `linger_seconds`: for a refused client to notice, which may still be sending.
    `half_closed_seconds`: for answers to a client that has ended its side of the connection, or has gone: who knows.
    `pipelined`: the most requests that wait for the response to one before them on the same connection.
    """

    connections: int = 4096
    header_seconds: float = 10.0
    header_bytes: int = 65_536
    stalled_seconds: float = 30.0
    linger_seconds: float = 2.0
    half_closed_seconds: float = 2.0
    pipelined: int = 16

    def within_descriptors(self) -> "ConnectionLimits":
        """Return these limits with no more connections than the process may open descriptors for."""
        descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if descriptors == resource.RLIM_INFINITY:
            return self
        most = max(1, descriptors - _RESERVED_DESCRIPTORS)
        return replace(self, connections=min(self.connections, most))
