"""SIGTERM under load: every request that was sent gets its response."""

import asyncio
import signal
import subprocess

import httpx2
import pytest

from benchmarks.busy_clients import Outcome, post_until_refused
from tests.serving import SECONDS, serving

CLIENTS = 64


def through_the_end(process: subprocess.Popen[str], address: str, *, keep: bool, responses: int = 500) -> Outcome:
    """Drive the clients, send SIGTERM after some responses, and go on until connections are refused."""
    host, port = address.removeprefix("http://").split(":")
    outcome = Outcome()

    async def scenario() -> None:
        clients = [
            asyncio.ensure_future(post_until_refused(host, int(port), outcome, keep=keep)) for _ in range(CLIENTS)
        ]
        while outcome.statuses.total() < responses:
            await asyncio.sleep(0)
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(asyncio.gather(*clients), SECONDS)

    asyncio.run(scenario())
    return outcome


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_no_request_is_lost(workers: str, keep: bool) -> None:
    with serving(LENET_WORKERS=workers) as (process, address):
        outcome = through_the_end(process, address, keep=keep)
        assert process.wait(SECONDS) == 0
    assert outcome.lost == {}
    assert set(outcome.statuses) == {200}


def test_while_it_drains_everything_is_served_and_readiness_says_so() -> None:
    with serving(LENET_WORKERS="1", LENET_DRAIN_SECONDS="30") as (process, address), httpx2.Client() as client:
        assert client.get(f"{address}/health/ready", timeout=SECONDS).status_code == 200
        process.send_signal(signal.SIGTERM)
        while (ready := client.get(f"{address}/health/ready", timeout=SECONDS)).status_code == 200:
            pass
        assert (ready.status_code, ready.json()["error"]["code"]) == (503, "draining")
        assert ready.headers["connection"] == "close"
        assert client.get(f"{address}/health/live", timeout=SECONDS).status_code == 200
        assert client.get(f"{address}/metrics", timeout=SECONDS).status_code == 200
