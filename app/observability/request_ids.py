"""Request ids and trace ids, as clients send them and as they are made."""

import random
import re
from collections.abc import Iterable

from app.observability.request_context import RequestContext

HEADER = b"x-request-id"
MOST_CHARACTERS = 128

_ACCEPTED = re.compile(rb"[!-~]{1,%d}" % MOST_CHARACTERS)  # printable ASCII without the space
# W3C Trace Context, "traceparent": version, trace id, parent id, flags. Later versions may append fields.
_TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")


def new_request_id() -> str:
    """Return 128 random bits as 32 hexadecimal digits. Ids are no secrets, so they need no call of the system."""
    return f"{random.getrandbits(128):032x}"


def context_of(headers: Iterable[tuple[bytes, bytes]]) -> RequestContext:
    """Return the context of a request with these headers, whose names are in lower case.

    A request id that is too long or not printable is replaced. The trace id is empty without a valid `traceparent`.
    """
    request_id = trace_id = ""
    for name, value in headers:
        if name == HEADER and _ACCEPTED.fullmatch(value):
            request_id = value.decode("ascii")
        elif name == b"traceparent" and (found := _TRACEPARENT.fullmatch(value)):
            trace_id = found[1].decode("ascii")
    return RequestContext(request_id or new_request_id(), trace_id)
