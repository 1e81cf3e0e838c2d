import os
import signal

import uvicorn

from app.runtime.supervisor import Worker


def test_the_death_of_a_worker_is_noticed_by_a_health_check_under_way() -> None:
    worker = Worker(uvicorn.Config("app.main:create_app", factory=True), [], 0.0)
    worker.start()
    assert worker.pid
    os.kill(worker.pid, signal.SIGKILL)
    worker.process.join()
    assert worker.parent_conn.poll(0)  # the end of the pipe, for which a health check would otherwise wait
    assert not worker.is_ready()
