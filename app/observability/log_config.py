"""Log lines: one configuration for our loggers and uvicorn's, for people or for machines."""

import logging
import logging.config
from typing import Literal

from pythonjsonlogger.core import RESERVED_ATTRS

from app.observability.request_context import current

LogFormat = Literal["console", "json"]

_CONSOLE = "%(asctime)s %(levelname)s %(process)d %(request_id)s %(name)s: %(message)s"
_JSON = "%(levelname)s %(process)d %(name)s %(request_id)s %(trace_id)s %(message)s"


class AddIds(logging.Filter):
    """Adds the ids of the request being answered to a line; empty outside of requests."""

    def __init__(self, absent: str) -> None:
        """Write `absent` where there is no id."""
        super().__init__()
        self._absent = absent

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the ids, unless the line has its own."""
        context = current()
        record.__dict__.setdefault("request_id", context.request_id or self._absent)
        record.__dict__.setdefault("trace_id", context.trace_id or self._absent)
        return True


def configure_logging(log_format: LogFormat, level: str) -> None:
    """Send the lines of all loggers to standard error in this format, from this level on."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "console": {"format": _CONSOLE},
                "json": {
                    "()": "pythonjsonlogger.json.JsonFormatter",
                    "fmt": _JSON,
                    "timestamp": "time",
                    "rename_fields": {"levelname": "level", "name": "logger"},
                    "reserved_attrs": [*RESERVED_ATTRS, "color_message"],  # uvicorn's, for terminals
                },
            },
            "filters": {"ids": {"()": AddIds, "absent": "-" if log_format == "console" else ""}},
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": log_format, "filters": ["ids"]}},
            "root": {"level": level.upper(), "handlers": ["stderr"]},
            "loggers": {"PIL": {"level": "INFO"}},  # its debug lines hold the metadata of uploads
        }
    )
