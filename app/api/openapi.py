"""What the OpenAPI document says about errors and uploads; the errors come from their one table."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from app.api.schemas import ErrorEnvelope
from app.errors import KINDS, Kind
from app.observability.request_ids import MOST_CHARACTERS
from app.uploads.multipart import FIELD

PICTURE = {"type": "string", "format": "binary", "description": "PNG, JPEG, WebP, BMP, GIF, TIFF, AVIF or HEIC"}
PICTURES = {"type": "array", "items": PICTURE, "minItems": 1}

Responses = dict[int | str, dict[str, Any]]

REQUEST_ID = {"X-Request-ID": {"description": "The request's id", "required": True, "schema": {"type": "string"}}}
ACCEPTS_ID = {
    "parameters": [
        {
            "name": "X-Request-ID",
            "in": "header",
            "schema": {"type": "string"},
            "description": f"An id for the request: 1 to {MOST_CHARACTERS} printable ASCII characters without spaces. "
            "Anything else is replaced by a new id.",
        }
    ]
}
"""`openapi_extra` for every route."""
SUCCESS: Responses = {200: {"headers": REQUEST_ID}}
"""What all successful responses have in common."""

MEDIA_TYPES_OF_METRICS = ("application/json", "application/openmetrics-text", "text/plain")
_VARY = {"Vary": {"description": "Always `Accept`", "required": True, "schema": {"type": "string"}}}
EXPOSITION: Responses = {
    200: {
        "headers": REQUEST_ID | _VARY,
        "content": {name: {"schema": {"type": "string"}} for name in MEDIA_TYPES_OF_METRICS[1:]},
    }
}
"""What Prometheus is answered."""


def envelope(code: str, message: str, request_id: str = "") -> dict[str, dict[str, str]]:
    """Return an error in the form that all errors have; pictures of a batch share the request's id, and have none."""
    error = {"code": code, "message": message}
    return {"error": error | {"request_id": request_id} if request_id else error}


def responses(
    *errors: type[Exception],
    model: type[BaseModel] = ErrorEnvelope,
    body: Callable[[str, str], dict[str, Any]] = envelope,
) -> Responses:
    """Return FastAPI's `responses` for a route that can answer these errors, with an example of each.

    `body` makes an error, of the schema `model`, from its code and message.
    """
    documented: Responses = {}
    for kind in sorted((KINDS[error] for error in errors), key=lambda kind: kind.status):
        entry = documented.setdefault(
            kind.status,
            {
                "model": model,
                "description": "",
                "headers": REQUEST_ID,
                "content": {"application/json": {"examples": {}}},
            },
        )
        entry["content"]["application/json"]["examples"][kind.code] = {"value": body(kind.code, kind.example)}
        entry["description"] = ", ".join(entry["content"]["application/json"]["examples"])
    return documented


def error_table() -> str:
    """Return a Markdown table of every status and code."""
    rows = "\n".join(f"| {kind.status} | `{kind.code}` | {kind.example} |" for kind in _sorted_kinds())
    return f"| status | code | example |\n|---|---|---|\n{rows}"


def _sorted_kinds() -> list[Kind]:
    return sorted(KINDS.values(), key=lambda kind: (kind.status, kind.code))


def form_body(schema: dict[str, Any], *, raw: bool) -> dict[str, Any]:
    """Return `openapi_extra` for a route that parses its own form; if `raw`, also a picture as the whole body."""
    content: dict[str, Any] = {
        "multipart/form-data": {
            "schema": {"type": "object", "required": [FIELD], "properties": {FIELD: schema}},
        }
    }
    if raw:
        content |= {"image/*": {"schema": PICTURE}, "application/octet-stream": {"schema": PICTURE}}
    return {"requestBody": {"required": True, "content": content}} | ACCEPTS_ID


# A tag without operations: the docs page shows its description below the routes.
TAGS = [{"name": name} for name in ("digits", "model", "health")] + [{"name": "errors", "description": error_table()}]
"""The groups of the docs page, in order."""
