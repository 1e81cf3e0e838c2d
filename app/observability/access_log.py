"""The access log: one line for each request, with nothing of its picture, address or headers besides its ids."""

import logging

from app.observability.request_context import RequestContext

logger = logging.getLogger("app.access")


class Fields(dict[str, object]):
    """The fields of a log line: python-json-logger writes them as such, and the console as `name=value`."""

    def __str__(self) -> str:
        """Return the fields in one line."""
        return " ".join(f"{name}={value}" for name, value in self.items())


def log_request(request: RequestContext) -> None:
    """Log a request that has been answered."""
    logger.info(
        Fields(
            trace_id=request.trace_id,
            route=request.route,
            status=request.status,
            milliseconds=round(1000 * request.seconds, 3),
            bytes=request.received_bytes,
            digits=len(request.digits),
            code=request.error_code,
        ),
        extra={"request_id": request.request_id},
    )
