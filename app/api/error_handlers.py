"""From exceptions to answers: everything that goes wrong leaves in the one error envelope."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from app.api.openapi import envelope
from app.errors import KINDS, InternalError, InvalidParameterError, MethodNotAllowedError, NotFoundError

RETRY_AFTER_SECONDS = "1"


def install(app: FastAPI) -> None:
    """Make `app` answer every error, the framework's own included, in the envelope."""
    for error in KINDS:
        app.add_exception_handler(error, _known)
    app.add_exception_handler(RequestValidationError, _invalid_parameter)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(Exception, _unforeseen)


def answer_error(error: Exception, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return the answer to an error of a kind that the table has."""
    kind = KINDS[type(error)]
    headers = headers or {}
    if kind.status == 503:
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    return JSONResponse(envelope(kind.code, str(error)), kind.status, headers)


def answer_defect() -> JSONResponse:
    """Return the answer to a defect; it is made outside all middleware, which would have added the header."""
    return answer_error(
        InternalError("the service failed on this request; its log says more"), {"Cache-Control": "no-store"}
    )


async def _known(_: Request, error: Exception) -> JSONResponse:
    return answer_error(error)


async def _invalid_parameter(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what Starlette promises, said to the type checker
    first = error.errors()[0]
    return answer_error(InvalidParameterError(f"{first['loc'][-1]}: {first['msg']}"))


async def _framework(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    headers = dict(error.headers or {})
    if error.status_code == 404:
        return answer_error(NotFoundError(f"there is nothing at {request.url.path}"), headers)
    if error.status_code == 405:
        return answer_error(MethodNotAllowedError(f"{request.url.path} does not take {request.method}"), headers)
    return JSONResponse(envelope(f"http_{error.status_code}", error.detail), error.status_code, headers)


async def _unforeseen(_: Request, __: Exception) -> JSONResponse:
    """Answer a defect; Starlette raises the exception again after this, so that the server logs where it was."""
    return answer_defect()
