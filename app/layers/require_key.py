"""Only those who have a key may send pictures; health, metrics and pages stay open."""

from starlette._utils import get_route_path
from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.access import is_open
from app.api_keys import ApiKeys
from app.errors import UnauthorisedError
from app.observability.request_context import current

_BEARER = b"bearer "


class RequireKey:
    """Passes on requests to open paths, and those with a known key, whose name it notes for the metrics."""

    def __init__(self, app: ASGIApp, keys: ApiKeys) -> None:
        """Wrap `app`."""
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; raises `UnauthorisedError`."""
        if scope["type"] == "http" and not is_open(scope["method"], get_route_path(scope)):
            current().key_name = self._name(scope)
        await self._app(scope, receive, send)

    def _name(self, scope: Scope) -> str:
        key = _presented(scope)
        if key is None:
            raise UnauthorisedError("send a key, as Authorization: Bearer ... or X-API-Key: ...")
        name = self._keys.name_of(key)
        if name is None:
            raise UnauthorisedError("the key is not known")
        return name


def _presented(scope: Scope) -> bytes | None:
    headers = dict(scope["headers"])
    authorization = headers.get(b"authorization", b"")
    if authorization[: len(_BEARER)].lower() == _BEARER:
        return bytes(authorization[len(_BEARER) :].strip())
    return headers.get(b"x-api-key")
