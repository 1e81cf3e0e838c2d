"""Uploads that are arriving, and will soon want a thread."""

import contextlib
import time
from collections.abc import Iterator


class Arrivals:
    """Counts uploads under way; used from the event loop alone.

    One that takes longer than `seconds` counts no more, so that slow clients, however many, keep nobody out.
    """

    def __init__(self, seconds: float) -> None:
        """Begin with none."""
        self._seconds = seconds
        self._begun: dict[object, float] = {}  # in order of time

    def __len__(self) -> int:
        """Return the number of uploads that began within the last seconds and have not ended."""
        since = time.monotonic() - self._seconds
        while self._begun and next(iter(self._begun.values())) < since:
            del self._begun[next(iter(self._begun))]
        return len(self._begun)

    @contextlib.contextmanager
    def one(self) -> Iterator[None]:
        """Count an upload while entered."""
        upload = object()
        self._begun[upload] = time.monotonic()
        try:
            yield
        finally:
            self._begun.pop(upload, None)
