"""What the OpenAPI document says about errors and uploads; the errors come from their one table."""

from typing import Any

from app.api.schemas import ErrorEnvelope
from app.errors import KINDS, Kind
from app.uploads.multipart import FIELD

PICTURE = {"type": "string", "format": "binary", "description": "PNG, JPEG, WebP, BMP, GIF, TIFF, AVIF or HEIC"}
PICTURES = {"type": "array", "items": PICTURE, "minItems": 1}

Responses = dict[int | str, dict[str, Any]]


def envelope(code: str, message: str) -> dict[str, dict[str, str]]:
    """Return an error in the form that all errors have."""
    return {"error": {"code": code, "message": message}}


def responses(*errors: type[Exception]) -> Responses:
    """Return FastAPI's `responses` for a route that can answer these errors, with an example of each."""
    documented: Responses = {}
    for kind in sorted((KINDS[error] for error in errors), key=lambda kind: kind.status):
        entry = documented.setdefault(
            kind.status,
            {"model": ErrorEnvelope, "description": "", "content": {"application/json": {"examples": {}}}},
        )
        entry["content"]["application/json"]["examples"][kind.code] = {"value": envelope(kind.code, kind.example)}
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
    return {"requestBody": {"required": True, "content": content}}


# A tag without operations: the docs page shows its description below the routes.
TAGS = [{"name": name} for name in ("digits", "model", "health")] + [{"name": "errors", "description": error_table()}]
"""The groups of the docs page, in order."""
