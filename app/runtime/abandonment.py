"""Work that is given up when its client has gone."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from app.errors import MalformedRequestError

T = TypeVar("T")

Gone = Callable[[], Coroutine[Any, Any, None]]
"""What returns only when the client has gone."""


async def unless_gone(work: Coroutine[Any, Any, T], gone: Gone | None) -> T:
    """Return what `work` returns; cancel it when the client goes, so that what still waits for a thread never begins.

    Raises `MalformedRequestError` when the client has gone.
    """
    if gone is None:
        return await work
    tasks = working, watching = asyncio.ensure_future(work), asyncio.ensure_future(gone())
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        raise MalformedRequestError("the connection was closed before the answer was ready")
    finally:
        working.cancel()
        watching.cancel()
