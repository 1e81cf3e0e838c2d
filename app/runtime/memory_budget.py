"""How many bytes of uploads a worker process may hold in memory at once, over all requests."""

from collections.abc import Callable
from types import TracebackType

from app.errors import OverloadedError

Charge = Callable[[int], None]


class MemoryBudget:
    """At most `most_bytes` held at once; used from the event loop alone."""

    def __init__(self, most_bytes: int) -> None:
        """Begin with nothing held."""
        self.most = most_bytes
        self.held = 0

    def reservation(self) -> "Reservation":
        """Return one request's share of the budget, to be entered."""
        return Reservation(self)


class Reservation:
    """One request's share of a budget.

    Entering it returns the function that charges a number of bytes; that raises `OverloadedError` when they do not
    fit. Leaving it gives all of them back.
    """

    __slots__ = ("_budget", "_charged")

    def __init__(self, budget: MemoryBudget) -> None:
        """Begin with nothing charged."""
        self._budget = budget
        self._charged = 0

    def __enter__(self) -> Charge:
        """Return the function that charges."""
        return self._charge

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give back what was charged."""
        self._budget.held -= self._charged

    def _charge(self, count: int) -> None:
        budget = self._budget
        if budget.held + count > budget.most:
            raise OverloadedError("too many uploads are under way; try again in a second")
        budget.held += count
        self._charged += count
