"""`Cache-Control: no-store` on every response: one address answers differently for every picture and moment."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HEADER = (b"cache-control", b"no-store")


class NoStore:
    """Adds the header to responses that have no `Cache-Control` of their own."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and mark its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                if all(name != b"cache-control" for name, _ in headers):
                    message["headers"] = [*headers, _HEADER]
            await send(message)

        await self._app(scope, receive, send_marked)
