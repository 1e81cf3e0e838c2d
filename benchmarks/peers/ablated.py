"""This service with some of what observes it left out: `ABLATED=metrics python -m benchmarks.peers.ablated`.

`metrics` leaves out the counting alone, `recording` the whole layer, with request ids and contexts. Worker processes
import this module as their main module, so what it replaces is replaced in them too.
"""

import os
from collections.abc import Sequence

from starlette.middleware import Middleware

import app.main
from app.__main__ import main
from app.api.operations import Operations
from app.api_keys import ApiKeys
from app.observability.service_metrics import Record, ServiceMetrics

ABLATED = os.environ.get("ABLATED", "")

_layers = app.main.layers


def _remaining_layers(
    operations: Operations, records: Sequence[Record], keys: ApiKeys | None = None, origins: Sequence[str] = ()
) -> list[Middleware]:
    remaining = _layers(operations, [] if ABLATED else records, keys, origins)
    return [layer for layer in remaining if ABLATED != "recording" or getattr(layer.cls, "__name__", "") != "Recording"]


app.main.layers = _remaining_layers
if ABLATED:
    setattr(ServiceMetrics, "forward_pass", lambda _metrics, _pictures: None)  # noqa: B010 - mypy refuses it otherwise

if __name__ == "__main__":
    main()
