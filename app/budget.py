"""How many bytes of uploads may be held in memory at once, over all requests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from app.errors import OverloadedError

Charge = Callable[[int], None]


class Budget:
    """At most `most_bytes` held at once; used from the event loop alone."""

    def __init__(self, most_bytes: int) -> None:
        """Begin with nothing held."""
        self._most = most_bytes
        self._held = 0

    @contextmanager
    def account(self) -> Iterator[Charge]:
        """Give a request the function to call with each number of bytes that it takes in; all are returned at the end.

        That function raises `OverloadedError` when the bytes would be too many.
        """
        charged = 0

        def charge(count: int) -> None:
            nonlocal charged
            if self._held + count > self._most:
                raise OverloadedError("too many uploads are under way; try again in a second")
            self._held += count
            charged += count

        try:
            yield charge
        finally:
            self._held -= charged
