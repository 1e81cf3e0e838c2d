"""The end of a connection, told by its server."""

from starlette.types import Receive


async def disconnected(receive: Receive) -> None:
    """Wait until the client has gone; to be used once the body is complete."""
    while (await receive())["type"] != "http.disconnect":
        pass
