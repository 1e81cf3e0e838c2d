"""How many bytes the decoders of a worker process may take at once."""

import math
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from app.errors import DeadlineError


class DecodingBudget:
    """At most `most_bytes` at once over all threads; what does not fit waits, and nothing overtakes it.

    A thread takes its bytes at once and holds nothing while it waits, so that threads cannot block each other for ever.
    """

    def __init__(self, most_bytes: int) -> None:
        """Begin with nothing taken."""
        self._most = most_bytes
        self._taken = 0
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def reserve(self, count: int, deadline: float = math.inf) -> Iterator[None]:
        """Hold `count` bytes of the budget, all of it at most.

        Raises `DeadlineError` when they are not free by `deadline`, a time of the monotonic clock.
        """
        count, turn = min(count, self._most), object()
        seconds = None if deadline == math.inf else max(deadline - time.monotonic(), 0.0)
        with self._changed:
            self._waiting.append(turn)
            fits = self._changed.wait_for(
                lambda: self._waiting[0] is turn and self._taken + count <= self._most, seconds
            )
            self._waiting.remove(turn)
            self._taken += count if fits else 0
            self._changed.notify_all()
        if not fits:
            raise DeadlineError("the service could not begin in time; try again in a second")
        try:
            yield
        finally:
            with self._changed:
                self._taken -= count
                self._changed.notify_all()
