"""Error responses: everything that goes wrong is answered in the one error envelope, or under `/v2` in its form."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette._utils import get_route_path
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Mount

from app.api.openapi import envelope
from app.api.v2.errors import error_body, is_v2
from app.errors import KINDS, InternalError, InvalidParameterError, MethodNotAllowedError, NotFoundError
from app.observability.request_context import current

RETRY_AFTER_SECONDS = "1"


def install(app: FastAPI) -> None:
    """Make `app` answer the framework's own errors in the envelope; `app.layers.error_responses` answers ours."""
    app.add_exception_handler(RequestValidationError, _invalid_parameter)
    app.add_exception_handler(HTTPException, _framework)


def error_response(error: Exception, path: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return the response of `path` for any exception; one that the table of errors lacks is a defect."""
    if type(error) not in KINDS:
        error = InternalError("the service failed on this request; its log says more")
    kind = KINDS[type(error)]
    headers = headers or {}
    if kind.status == 503:
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    if kind.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return _response(path, kind.code, str(error), kind.status, headers)


async def _invalid_parameter(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - Starlette promises it; for the type checker
    first = error.errors()[0]
    path, name = get_route_path(request.scope), first["loc"][1]  # after "query" or "header"
    if first["type"] == "extra_forbidden":
        message = f"{name}: {path} has no such parameter"
    else:
        message = f"{name}: {first['msg']}"
    return error_response(InvalidParameterError(message), path)


async def _framework(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    path, headers = _path(request), dict(error.headers or {})
    if error.status_code == 404:
        return error_response(NotFoundError(f"there is nothing at {path}"), path, headers)
    if error.status_code == 405:
        return error_response(MethodNotAllowedError(f"{path} does not take {request.method}"), path, headers)
    return _response(path, f"http_{error.status_code}", error.detail, error.status_code, headers)


def _path(request: Request) -> str:
    """Return the path that was asked for; a mount, such as that of the docs page's files, takes its own off."""
    mounts = (route for route in request.app.routes if isinstance(route, Mount))
    before = [mount.path for mount in mounts if mount.app is request.scope.get("endpoint")]
    return "".join(before) + get_route_path(request.scope)


def _response(path: str, code: str, message: str, status: int, headers: dict[str, str]) -> JSONResponse:
    context = current()
    context.error_code = code
    body = error_body(code, message) if is_v2(path) else envelope(code, message, context.request_id)
    return JSONResponse(body, status, headers)
