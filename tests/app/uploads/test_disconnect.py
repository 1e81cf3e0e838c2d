import asyncio
from typing import Any

from app.uploads.disconnect import disconnected


def test_the_end_of_the_connection_is_waited_for() -> None:
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": b""}, {"type": "http.disconnect"}]

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    asyncio.run(disconnected(receive))
    assert not messages
