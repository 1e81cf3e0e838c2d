"""The stages of a request, timed for a sample of requests."""

from contextlib import AbstractContextManager, nullcontext
from time import perf_counter
from typing import Literal

from app.observability.request_context import current

Stage = Literal["receive", "decode", "canonical", "queue", "forward", "read", "write"]

_NOT_SAMPLED = nullcontext()


def stage(name: Stage) -> AbstractContextManager[None]:
    """Return a context manager that adds the seconds within it to the stage, if the current request is sampled."""
    return _NOT_SAMPLED if current().stages is None else _Timer(name)


class _Timer(AbstractContextManager[None]):
    def __init__(self, name: Stage) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._started = perf_counter()

    def __exit__(self, *_: object) -> None:
        add_seconds(self._name, perf_counter() - self._started)


def add_seconds(name: Stage, seconds: float) -> None:
    """Add seconds measured elsewhere to the stage, if the current request is sampled."""
    stages = current().stages
    if stages is not None:
        stages[name] = stages.get(name, 0.0) + seconds
