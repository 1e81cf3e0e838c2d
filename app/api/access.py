"""Which routes need a key where keys are set, and how the OpenAPI document says so."""

from typing import Any

from fastapi import FastAPI

from app.api.openapi import responses
from app.api.v2.errors import is_v2, v2_responses
from app.errors import UnauthorisedError

_OPEN = {"", "/", "/openapi.json", "/metrics", "/docs", "/redoc", "/favicon.ico"}
_OPEN_FOLDERS = ("/health", "/docs/", "/static/", "/static-offline-docs/", "/v2/health/")

_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


def is_open(method: str, path: str) -> bool:
    """Return whether a request needs no key: those for health, metrics and pages, and a browser's CORS preflight."""
    return method == "OPTIONS" or (method in ("GET", "HEAD") and (path in _OPEN or path.startswith(_OPEN_FOLDERS)))


def _unauthorised(path: str) -> dict[str, Any]:
    [answer] = (v2_responses if is_v2(path) else responses)(UnauthorisedError).values()
    reference = {"schema": {"$ref": f"#/components/schemas/{answer['model'].__name__}"}}
    return {
        "description": answer["description"],
        "content": {"application/json": reference | answer["content"]["application/json"]},
    }


def document_keys(app: FastAPI) -> None:
    """Make the OpenAPI document say which operations need a key; the docs page then has a button for it."""
    without_keys = app.openapi

    def with_keys() -> dict[str, Any]:
        document = without_keys()
        document["components"]["securitySchemes"] = _SCHEMES
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if not is_open(method.upper(), path):
                    operation["security"] = [{name: []} for name in _SCHEMES]
                    operation["responses"]["401"] = _unauthorised(path)
        return document

    app.openapi = with_keys  # type: ignore[method-assign]  # as FastAPI's docs extend the document
