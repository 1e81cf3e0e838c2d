"""What is known of the request being answered: its ids, and what the log and the metrics say of it."""

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter
from typing import NamedTuple


class RecognisedDigit(NamedTuple):
    """A digit of an answer, the probability of it, and the reasons to be unsure of it."""

    digit: int
    confidence: float
    reasons: Sequence[str]


@dataclass(slots=True)
class RequestContext:
    """One request. The code that learns a fact about it writes the fact here.

    `route` is the template of the path, such as "/predict", and `status` 0 until there is a response. `refusals` holds
    the error codes of a batch's pictures. `stages` holds seconds by stage, and is None unless the request is sampled.
    Times are of the clock `perf_counter`.
    """

    request_id: str = ""
    trace_id: str = ""
    route: str = ""
    status: int = 0
    error_code: str = ""
    key_name: str = ""
    received_bytes: int = 0
    digits: Sequence[RecognisedDigit] = ()
    refusals: Sequence[str] = ()
    stages: dict[str, float] | None = None
    started: float = field(default_factory=perf_counter)
    seconds: float = 0.0


_current: ContextVar[RequestContext | None] = ContextVar("request_context", default=None)


def enter(context: RequestContext) -> None:
    """Make `context` the current one, for the rest of this task: uvicorn answers each request in a task of its own."""
    _current.set(context)


def current() -> RequestContext:
    """Return the context of the request being answered; outside of one, a context that nobody reads."""
    return _current.get() or RequestContext()
