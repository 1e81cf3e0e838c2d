"""What the service counts, as prometheus-client's metrics; docs/how-to/monitoring.md has the table of them."""

import asyncio
import logging
import os
from bisect import bisect_left
from collections import Counter as Tally
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values

from app.observability.request_context import RecognisedDigit, RequestContext
from app.observability.worker_slots import FOLDER_VARIABLE, WorkerSlot

logger = logging.getLogger(__name__)

SAMPLED = 16
"""Of so many requests, one has its stages timed."""

_MOST_PENDING = 128
_UP_TO_DATE_SECONDS = 1.0

_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_STAGE_SECONDS = (0.00001, 0.000025, 0.00005, 0.0001, 0.00025, *_SECONDS)
_PICTURES = (1, 2, 4, 8, 16, 32, 64, 128)
_CONFIDENCES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999, 1)


Record = Callable[[RequestContext], None]
"""What is called with each request once it has been answered."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a worker is busy with: pictures that wait, pictures being decoded or read, and bytes of uploads held."""

    waiting: int
    decoding: int
    held_bytes: int


class ServiceMetrics:
    """The metrics of one worker process."""

    def __init__(self, error_codes: Iterable[str] = (), unsure_reasons: Iterable[str] = ()) -> None:
        """Begin at 0, or with the slot's counts; the codes and reasons are shown before there is any such case."""
        self.registry = CollectorRegistry()

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, labels, registry=self.registry)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(name, text, registry=self.registry, multiprocess_mode="livesum")

        def histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(name, text, labels, registry=self.registry, buckets=buckets)

        self._requests = counter("lenet_http_requests_total", "Requests answered", "route", "status", "code")
        self._seconds = histogram(
            "lenet_http_request_duration_seconds", "From a request's headers to its whole response", _SECONDS, "route"
        )
        self._stages = histogram(
            "lenet_stage_duration_seconds", f"Stages of one request in {SAMPLED}", _STAGE_SECONDS, "stage"
        )
        self._keys = counter("lenet_key_requests_total", "Requests answered, by the name of their API key", "key")
        self._received = counter("lenet_http_received_bytes_total", "Bytes of request bodies")
        self._refusals = counter("lenet_refusals_total", "Requests, and pictures of batches, refused", "reason")
        self._digits = counter("lenet_predictions_total", "Digits recognised", "route", "digit")
        self._unsure = counter("lenet_unsure_predictions_total", "Reasons to be unsure of digits", "route", "reason")
        self._confidence = histogram(
            "lenet_prediction_confidence_ratio", "Probability of the digits recognised", _CONFIDENCES, "route"
        )
        self._batch = histogram("lenet_forward_pass_pictures", "Pictures that share a forward pass", _PICTURES)
        self._waiting = gauge("lenet_waiting_pictures", "Pictures that wait for a thread or for a forward pass")
        self._decoding = gauge("lenet_decoding_pictures", "Pictures being decoded or read on a thread")
        self._held = gauge("lenet_held_bytes", "Memory charged to uploads under way")
        self._connections = gauge("lenet_connections", "Open connections")
        self._pending: list[RequestContext] = []
        self._passes: deque[int] = deque()
        for code in error_codes:
            self._refusals.labels(code)
        for reason in unsure_reasons:
            self._unsure.labels("/predict", reason)
        for digit in range(10):
            self._digits.labels("/predict", digit)

    def record(self, request: RequestContext) -> None:
        """Count a request that has been answered; many are counted together, which takes less time.

        This and `flush` must be called from the event loop alone.
        """
        self._pending.append(request)
        if len(self._pending) >= _MOST_PENDING:
            self.flush()

    def flush(self) -> None:
        """Count the requests recorded so far."""
        pending, self._pending = self._pending, []
        for outcome, number in Tally((one.route, one.status, one.error_code) for one in pending).items():
            self._requests.labels(*outcome).inc(number)
        for code, number in Tally(code for one in pending for code in (one.error_code, *one.refusals) if code).items():
            self._refusals.labels(code).inc(number)
        for name, number in Tally(one.key_name for one in pending if one.key_name).items():
            self._keys.labels(name).inc(number)
        self._received.inc(sum(one.received_bytes for one in pending))
        for route in {one.route for one in pending}:
            requests = [one for one in pending if one.route == route]
            observe(self._seconds.labels(route), [one.seconds for one in requests])
            self._count_digits(route, [digit for one in requests for digit in one.digits])
        observe(self._batch, [self._passes.popleft() for _ in range(len(self._passes))])
        for stage, spent in [item for one in pending if one.stages for item in one.stages.items()]:
            self._stages.labels(stage).observe(spent)

    def _count_digits(self, route: str, digits: Sequence[RecognisedDigit]) -> None:
        if not digits:
            return
        observe(self._confidence.labels(route), [one.confidence for one in digits])
        for digit, number in Tally(one.digit for one in digits).items():
            self._digits.labels(route, digit).inc(number)
        for reason, number in Tally(reason for one in digits for reason in one.reasons).items():
            self._unsure.labels(route, reason).inc(number)

    def forward_pass(self, pictures: int) -> None:
        """Count a forward pass of so many pictures; from any thread."""
        self._passes.append(pictures)

    def load(self, load: Load) -> None:
        """Show what the worker is busy with now."""
        self._waiting.set(load.waiting)
        self._decoding.set(load.decoding)
        self._held.set(load.held_bytes)

    def connections(self, count: int) -> None:
        """Show the number of open connections."""
        self._connections.set(count)


def observe(histogram: Histogram, amounts: Sequence[float]) -> None:
    """Do what `histogram.observe` does for each amount, but write each bucket once."""
    histogram._sum.inc(sum(amounts))
    for at, number in Tally(bisect_left(histogram._upper_bounds, amount) for amount in amounts).items():
        histogram._buckets[at].inc(number)


def metrics_of_this_process(
    error_codes: Iterable[str] = (), unsure_reasons: Iterable[str] = ()
) -> tuple[ServiceMetrics, Path | None]:
    """Return the metrics of this process, and the folder that it shares with other workers, if it has any.

    A worker that finds no space in the folder counts for itself alone, which nobody sees, and logs an error.
    """
    values.ValueClass = values.MutexValue
    folder = os.environ.get(FOLDER_VARIABLE)
    if folder is None:
        return ServiceMetrics(error_codes, unsure_reasons), None
    try:
        WorkerSlot(Path(folder)).use()
    except OSError as error:
        logger.error("the metrics lack this worker: %s", error)
    return ServiceMetrics(error_codes, unsure_reasons), Path(folder)


async def keep_up_to_date(metrics: ServiceMetrics, load: Callable[[], Load]) -> None:
    """Every second, until cancelled, count what has been recorded and show the load."""
    while True:
        metrics.flush()
        metrics.load(load())
        await asyncio.sleep(_UP_TO_DATE_SECONDS)
