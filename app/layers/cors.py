"""Cross-origin requests (CORS): pages of the origins that the settings name may send pictures and see the answers."""

from collections.abc import Sequence

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

_HEADERS = [
    "Authorization",
    "Content-Type",
    "Inference-Header-Content-Length",
    "X-API-Key",
    "X-Request-ID",
    "traceparent",
]
_EXPOSED = ["Inference-Header-Content-Length", "Retry-After", "X-Request-ID"]
_SECONDS = 600


def cors(origins: Sequence[str]) -> list[Middleware]:
    """Return Starlette's layer for these origins, or none."""
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "HEAD", "POST"],
            allow_headers=_HEADERS,
            expose_headers=_EXPOSED,
            max_age=_SECONDS,
        )
    ]
