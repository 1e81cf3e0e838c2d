import os
import signal
from collections.abc import Iterator

import pytest
import uvicorn

from app.runtime.supervisor import Worker
from tests.serving import SECONDS


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker(uvicorn.Config("app.main:create_app", factory=True), [], 0.0)
    worker.start()
    yield worker
    worker.kill()
    worker.join()


def test_a_worker_that_starts_is_not_ended_by_what_its_terminal_sends(worker: Worker) -> None:
    assert worker.pid
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])  # here they are as they were
    for number in (signal.SIGINT, signal.SIGHUP):
        os.kill(worker.pid, number)
    assert worker.wait_until_ready(SECONDS)
    os.kill(worker.pid, signal.SIGTERM)
    worker.join()


def test_the_death_of_a_worker_is_noticed_by_a_health_check_under_way(worker: Worker) -> None:
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    worker.process.join()
    assert worker.parent_conn.poll(0)  # the end of the pipe, for which a health check would otherwise wait
    assert not worker.is_ready()
