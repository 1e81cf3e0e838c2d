"""The service without HTTP: what runs where, and what is refused when."""

import asyncio
import threading

import numpy as np
import pytest

from app.errors import DeadlineError, OverloadedError
from app.lenet.inference.answer import Answer
from app.service import Service
from app.settings import Settings
from tests.image_files import encoded
from tests.mnist_sample import MnistSample


def large(digit: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    """Return the digit as a file that is decoded on a thread."""
    return encoded(np.kron(digit, np.ones((10, 10), np.uint8)), "JPEG")


def test_under_torch_a_picture_that_is_decoded_is_answered_though_all_decoding_threads_are_taken(
    sample: MnistSample,
) -> None:
    async def scenario() -> Answer:
        service = Service(Settings(model="notebook", device="cpu", engine="torch", max_waiting=0))
        pool, gate = service._pool, threading.Event()
        try:
            taken = [asyncio.ensure_future(pool.run(gate.wait)) for _ in range(pool._most)]
            await asyncio.sleep(0)  # lets them begin
            with pytest.raises(OverloadedError):
                await service.predict(large(sample.images[0]), "auto")
            small = await service.predict(encoded(sample.images[0]), "auto")  # is decoded inline
            gate.set()
            await asyncio.gather(*taken)
            return small
        finally:
            gate.set()
            service.close()

    assert asyncio.run(scenario()).prediction.digit == sample.labels[0]


@pytest.mark.parametrize("engine", ["onnx", "torch"])
def test_pictures_that_come_together_get_their_own_answers(sample: MnistSample, engine: str) -> None:
    async def scenario() -> list[Answer]:
        service = Service(Settings.model_validate({"model": "robust", "device": "cpu", "engine": engine}))
        try:
            uploads = [encode(digit) for digit in sample.images[10:50] for encode in (encoded, large)]
            return await asyncio.gather(*[service.predict(upload, "auto") for upload in uploads])
        finally:
            service.close()

    labels = [label for label in sample.labels[10:50] for _ in range(2)]
    assert [answer.prediction.digit for answer in asyncio.run(scenario())] == labels


def test_a_batchs_pictures_take_turns_with_those_of_others(sample: MnistSample) -> None:
    async def scenario() -> bool:
        service = Service(Settings(model="notebook", device="cpu", workers=64))  # one thread
        try:
            batch = asyncio.ensure_future(service.predict_batch([large(digit) for digit in sample.images[:20]], "auto"))
            await asyncio.sleep(0)  # lets it begin
            await service.predict(large(sample.images[0]), "auto")
            waits = not batch.done()
            await batch
            return waits
        finally:
            service.close()

    assert asyncio.run(scenario())


def test_the_pictures_of_a_batch_that_cannot_begin_in_time_get_an_error_each(sample: MnistSample) -> None:
    async def scenario() -> list[object]:
        service = Service(Settings(model="notebook", device="cpu", request_seconds=1e-9))
        try:
            return list(await service.predict_batch([large(digit) for digit in sample.images[:3]], "auto"))
        finally:
            service.close()

    assert [type(failure) for failure in asyncio.run(scenario())] == [DeadlineError] * 3


def test_a_function_runs_off_the_event_loop_among_the_pictures() -> None:
    async def scenario() -> threading.Thread:
        service = Service(Settings(model="notebook", device="cpu"))
        try:
            return await service.run(threading.current_thread)
        finally:
            service.close()

    assert asyncio.run(scenario()).name.startswith("picture")
