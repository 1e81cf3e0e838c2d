"""Errors in the protocol's own form, `{"error": "code: message"}`; kinds, statuses and codes are the service's."""

from app.api.openapi import Responses, responses
from app.api.v2.schemas import InferenceError

PREFIX = "/v2"


def is_v2(path: str) -> bool:
    """Return whether a request to this path is one of the protocol's."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def error_body(code: str, message: str) -> dict[str, str]:
    """Return an error in the form that all errors under `/v2` have."""
    return {"error": f"{code}: {message}"}


def v2_responses(*errors: type[Exception]) -> Responses:
    """Return FastAPI's `responses` for a route under `/v2` that can answer these errors."""
    return responses(*errors, model=InferenceError, body=error_body)
