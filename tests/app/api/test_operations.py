"""Uploads whose client goes away before their turn are dropped."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest
from starlette.types import Receive, Scope

from app.api.operations import Operations
from app.errors import MalformedRequestError, OverloadedError
from app.service import Service
from app.settings import Settings
from tests.image_files import encoded

PHOTO = encoded(np.full((200, 200), 255, np.uint8), "JPEG")
FORM = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n' + PHOTO + b"\r\n--b--\r\n"


def request(content_type: str, body: bytes, gone: asyncio.Event) -> tuple[Scope, Receive]:
    """Return a request whose client waits for the answer until it has `gone`."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    headers = [(b"content-type", content_type.encode()), (b"content-length", b"%d" % len(body))]
    return {"type": "http", "method": "POST", "headers": headers}, receive


@contextlib.asynccontextmanager
async def busy(settings: Settings) -> AsyncIterator[Service]:
    """A service whose picture threads are all taken while this is entered."""
    service, gate = Service(settings), threading.Event()
    try:
        taken = [asyncio.ensure_future(service._pool.run(gate.wait)) for _ in range(service._pool._threads)]
        await asyncio.sleep(0)  # lets them begin
        yield service
        gate.set()
        await asyncio.gather(*taken)
    finally:
        gate.set()
        service.close()


@pytest.mark.parametrize("operation", ["predict", "predict_batch", "read"])
def test_nothing_is_begun_for_a_client_that_has_gone(operation: str) -> None:
    async def scenario() -> None:
        async with busy(Settings(model="notebook", device="cpu")) as service:
            operations, gone = Operations(service, Settings().upload_limits), asyncio.Event()
            taken = service._pool._under_way
            if operation == "predict":
                answer: Any = operations.predict(*request("image/jpeg", PHOTO, gone), "auto")
            elif operation == "read":
                answer = operations.read(*request("image/jpeg", PHOTO, gone), "auto", None, with_image=False)
            else:
                answer = operations.predict_batch(*request("multipart/form-data; boundary=b", FORM, gone), "auto")
            waiting = asyncio.ensure_future(answer)
            while service._pool._under_way <= taken:  # until it waits for a thread
                await asyncio.sleep(0)
            assert service.memory.held > 0
            gone.set()
            with pytest.raises(MalformedRequestError, match="connection was closed"):
                await waiting
            await asyncio.sleep(0)  # lets the dropped call end
            assert service._pool._under_way == taken
            assert service.memory.held == 0

    asyncio.run(scenario())


def test_a_client_that_stays_gets_its_answer() -> None:
    async def scenario() -> tuple[str, ...]:
        service = Service(Settings(model="notebook", device="cpu"))
        try:
            operations = Operations(service, Settings().upload_limits)
            answer = await operations.predict(*request("image/jpeg", PHOTO, asyncio.Event()), "auto")
            return answer.preprocessed.warnings
        finally:
            service.close()

    assert asyncio.run(scenario()) == ("blank",)


@pytest.mark.parametrize("operation", ["predict", "predict_batch", "explain", "infer"])
def test_a_large_upload_is_refused_before_it_is_received_when_it_would_wait_too_long(operation: str) -> None:
    async def receive() -> dict[str, Any]:
        pytest.fail("the body was asked for")

    async def scenario() -> None:
        async with busy(Settings(model="notebook", device="cpu", max_waiting=0)) as service:
            operations = Operations(service, Settings().upload_limits)
            headers = [(b"content-type", b"image/jpeg"), (b"content-length", b"100000")]
            mode: Any = None if operation == "infer" else "auto"
            with pytest.raises(OverloadedError, match="try again"):
                await getattr(operations, operation)({"headers": headers}, receive, mode)

    asyncio.run(scenario())
