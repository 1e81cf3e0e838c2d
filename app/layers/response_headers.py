"""Headers that every response has: nothing is stored, no type is guessed, and pages load nothing from elsewhere."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NO_STORE = (b"cache-control", b"no-store")  # one address answers differently for every picture and moment
_SAFE = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
_PAGE = (
    b"content-security-policy",
    # The docs page is Swagger UI, which starts itself by an inline script and draws with inline styles.
    b"default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    b"img-src 'self' data: blob:; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; object-src 'none'",
)


class ResponseHeaders:
    """Adds the headers; a response may have a `Cache-Control` or `Content-Security-Policy` of its own."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap `app`."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add to its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = dict(message.get("headers", ()))
                added = list(_SAFE)
                if b"cache-control" not in headers:
                    added.append(_NO_STORE)
                if headers.get(b"content-type", b"").startswith(b"text/html") and _PAGE[0] not in headers:
                    added.append(_PAGE)
                message["headers"] = [*message.get("headers", ()), *added]
            await send(message)

        await self._app(scope, receive, send_marked)
