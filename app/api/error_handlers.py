"""Error responses: everything that goes wrong is answered in the one error envelope."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from app.api.openapi import envelope
from app.errors import KINDS, InternalError, InvalidParameterError, MethodNotAllowedError, NotFoundError
from app.observability.request_context import current

RETRY_AFTER_SECONDS = "1"


def install(app: FastAPI) -> None:
    """Make `app` answer the framework's own errors in the envelope; `app.layers.error_responses` answers ours."""
    app.add_exception_handler(RequestValidationError, _invalid_parameter)
    app.add_exception_handler(HTTPException, _framework)


def error_response(error: Exception, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return the response for any exception; one that the table of errors lacks is a defect."""
    if type(error) not in KINDS:
        error = InternalError("the service failed on this request; its log says more")
    kind = KINDS[type(error)]
    headers = headers or {}
    if kind.status == 503:
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    if kind.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return _envelope_response(kind.status, kind.code, str(error), headers)


async def _invalid_parameter(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - Starlette promises it; for the type checker
    first = error.errors()[0]
    name = first["loc"][1]  # after "query"
    if first["type"] == "extra_forbidden":
        return error_response(InvalidParameterError(f"{name}: {request.url.path} has no such parameter"))
    return error_response(InvalidParameterError(f"{name}: {first['msg']}"))


async def _framework(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    headers = dict(error.headers or {})
    if error.status_code == 404:
        return error_response(NotFoundError(f"there is nothing at {request.url.path}"), headers)
    if error.status_code == 405:
        return error_response(MethodNotAllowedError(f"{request.url.path} does not take {request.method}"), headers)
    return _envelope_response(error.status_code, f"http_{error.status_code}", error.detail, headers)


def _envelope_response(status: int, code: str, message: str, headers: dict[str, str]) -> JSONResponse:
    context = current()
    context.error_code = code
    return JSONResponse(envelope(code, message, context.request_id), status, headers)
