import asyncio
import threading
from collections.abc import Sequence

import numpy as np
import pytest

from app.errors import OverloadedError
from app.lenet.image_types import GreyImage
from app.lenet.inference.predictor import Prediction
from app.runtime.micro_batching import MOST_AT_ONCE, MicroBatcher


class Model:
    """Answers each picture with its own grey, and notes how many came together."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.gate = threading.Event()
        self.gate.set()

    def predict(self, greys: Sequence[GreyImage]) -> list[Prediction]:
        self.gate.wait()
        self.batches.append(len(greys))
        if any(grey.max() > 200 for grey in greys):
            raise ValueError("too bright")
        return [Prediction(int(grey.max()), 1.0, (), ()) for grey in greys]


def batcher(model: Model, *, on_the_loop: bool, most_waiting: int = 1024) -> MicroBatcher[GreyImage, Prediction]:
    run_elsewhere = None if on_the_loop else asyncio.to_thread
    return MicroBatcher(model.predict, run_elsewhere=run_elsewhere, most_waiting=most_waiting)


def grey(level: int) -> GreyImage:
    return np.full((2, 2), level, np.uint8)


@pytest.mark.parametrize("on_the_loop", [True, False])
def test_pictures_that_wait_together_go_together_and_each_gets_its_answer(on_the_loop: bool) -> None:
    model = Model()

    async def scenario() -> list[Prediction]:
        submit = batcher(model, on_the_loop=on_the_loop).submit
        return await asyncio.gather(*[submit(grey(level)) for level in range(MOST_AT_ONCE + 5)])

    assert [one.digit for one in asyncio.run(scenario())] == list(range(MOST_AT_ONCE + 5))
    assert model.batches == [MOST_AT_ONCE, 5]


@pytest.mark.parametrize("on_the_loop", [True, False])
def test_one_alone_does_not_wait_for_others(on_the_loop: bool) -> None:
    model = Model()

    async def scenario() -> None:
        submit = batcher(model, on_the_loop=on_the_loop).submit
        for level in range(3):
            assert (await submit(grey(level))).digit == level

    asyncio.run(scenario())
    assert model.batches == [1, 1, 1]


def test_what_comes_while_the_model_is_busy_goes_when_it_is_free() -> None:
    model = Model()

    async def scenario() -> None:
        submit = batcher(model, on_the_loop=False).submit
        model.gate.clear()
        first = submit(grey(0))
        await asyncio.sleep(0)  # lets the model begin
        await asyncio.sleep(0)
        others = [submit(grey(level)) for level in (1, 2, 3)]
        model.gate.set()
        await asyncio.gather(first, *others)

    asyncio.run(scenario())
    assert model.batches == [1, 3]


def test_when_too_many_wait_no_more_are_admitted() -> None:
    async def scenario() -> None:
        full = batcher(Model(), on_the_loop=True, most_waiting=1)
        full.admit()
        held = [full.submit(grey(1)) for _ in range(MOST_AT_ONCE + 1)]
        with pytest.raises(OverloadedError, match="try again"):
            full.admit()
        await asyncio.gather(*held)
        full.admit()

    asyncio.run(scenario())


@pytest.mark.parametrize("on_the_loop", [True, False])
def test_an_error_reaches_all_that_shared_the_pass_and_no_later_one(on_the_loop: bool) -> None:
    async def scenario() -> None:
        submit = batcher(Model(), on_the_loop=on_the_loop).submit
        failed = await asyncio.gather(submit(grey(255)), submit(grey(1)), return_exceptions=True)
        assert [str(error) for error in failed] == ["too bright"] * 2
        assert (await submit(grey(7))).digit == 7

    asyncio.run(scenario())


def test_requests_that_have_ended_are_left_out() -> None:
    model = Model()

    async def scenario() -> None:
        submit = batcher(model, on_the_loop=True).submit
        gone, other = submit(grey(1)), submit(grey(2))
        gone.cancel()
        assert (await other).digit == 2

    asyncio.run(scenario())
    assert model.batches == [1]
