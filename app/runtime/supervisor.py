"""The supervisor of the worker processes: uvicorn's, with workers that drain and with patience for broken restarts."""

import logging
import multiprocessing
import os
import signal
import threading
import time
from multiprocessing import resource_tracker
from socket import socket

import uvicorn
from uvicorn.supervisors.multiprocess import Multiprocess, Process

from app.runtime.server import DrainingServer

# The exit code of a worker that cannot start, for example because its weights do not load.
STARTUP_FAILURE = 3
# Pause before a worker that could not start is tried again.
RETRY_SECONDS = 5.0
_POLL_SECONDS = 0.2
# Ctrl-C and the end of a terminal reach all processes there.
_OF_TERMINALS = signal.SIGINT, signal.SIGHUP

logger = logging.getLogger(__name__)


class Worker(Process):
    """A worker process with a `DrainingServer`."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket], drain_seconds: float) -> None:
        """Create the process; `start` starts it."""
        super().__init__(config, sockets)
        self._drain_seconds = drain_seconds

    def start(self) -> None:
        """Start the process, and close this process's copy of its end of the pipe.

        With the copy open, the end of a process that dies during a health check is noticed only when the check times
        out. What a terminal sends to all its processes is blocked in the new one until it ignores it, in `target`.
        """
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, _OF_TERMINALS)
        try:
            resource_tracker.ensure_running()
            signal.pthread_sigmask(signal.SIG_BLOCK, _OF_TERMINALS)  # again: starting the tracker has unblocked SIGINT
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        self.child_conn.close()

    def target(self, sockets: list[socket] | None = None) -> None:
        """Serve, in the worker process, for as long as its supervisor lives."""
        for number in _OF_TERMINALS:
            signal.signal(number, signal.SIG_IGN)  # until the server handles it; the supervisor does in any case
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _OF_TERMINALS)
        threading.Thread(target=_end_with_supervisor, name="supervised", daemon=True).start()
        super().target(sockets)

    @property
    def server(self) -> uvicorn.Server:
        """The server, made in the worker process on first use."""
        if self._server is None:
            self._server = DrainingServer(self.config, self._drain_seconds)
        return self._server


class Supervisor(Multiprocess):
    """Starts the workers, replaces those that die, and ends them all in good order.

    A worker that cannot start ends the service only if none has ever started. Later the others serve on, while a new
    one is tried every few seconds: the weights on disk may be broken for a moment only.
    """

    def __init__(self, config: uvicorn.Config, sockets: list[socket], drain_seconds: float = 0.0) -> None:
        """Supervise `config.workers` processes that accept from `sockets`."""
        super().__init__(config, sockets)
        self._drain_seconds = drain_seconds
        self._ever_ready = False
        self._retry_at = 0.0

    @property
    def failed(self) -> bool:
        """Whether no worker could start."""
        return not self._ever_ready and any(worker.exitcode == STARTUP_FAILURE for worker in self.processes)

    def init_processes(self) -> None:
        """Start all workers."""
        self.processes = [self._started() for _ in range(self.processes_num)]

    def terminate_all(self) -> None:
        """End all workers, and close this process's copy of the listening sockets.

        The copy would keep the queue of a socket open from which no worker accepts any more.
        """
        for listener in self.sockets:
            listener.close()
        super().terminate_all()

    def keep_subprocess_alive(self) -> None:
        """Replace the workers that have died or hang, unless the service is about to end."""
        if self.should_exit.is_set():
            return
        for number, worker in enumerate(self.processes):
            if worker.is_alive(timeout=self.config.timeout_worker_healthcheck):
                if not self._ever_ready and worker.is_ready():
                    self._ever_ready = True
                    logger.info("the first worker is ready")
                continue
            if worker.process.is_alive():
                logger.error("worker %d hangs; replacing it", worker.pid)
                worker.kill()
            worker.join()
            if worker.exitcode != STARTUP_FAILURE:
                logger.error("worker %d died with exit code %s; replacing it", worker.pid, worker.exitcode)
            elif not self._ever_ready:
                self.should_exit.set()
                return
            elif time.monotonic() < self._retry_at:
                continue
            else:
                logger.error("a worker could not start; trying again, while the others serve on")
                self._retry_at = time.monotonic() + RETRY_SECONDS
            self.processes[number] = self._started()

    def restart_all(self) -> None:
        """Replace the workers one after another, each only once its replacement is ready; stop at one that fails.

        Stop too when told to end: uvicorn looks at its signals only when this returns.
        """
        for number, old in enumerate(self.processes):
            if self._told_to_end:
                return
            new = self._started()
            if not self._becomes_ready(new):
                new.kill()
                new.join()
                if not self._told_to_end:
                    logger.error("the new worker could not start; the old ones serve on")
                return
            old.terminate()
            self.processes[number] = new
            while old.process.is_alive() and not self._told_to_end:
                old.process.join(_POLL_SECONDS)

    @property
    def _told_to_end(self) -> bool:
        return signal.SIGTERM in self.signal_queue or signal.SIGINT in self.signal_queue

    def _becomes_ready(self, worker: Process) -> bool:
        """Wait until a worker serves; return whether it does."""
        deadline = time.monotonic() + self.config.timeout_worker_healthcheck
        while worker.process.is_alive() and time.monotonic() < deadline and not self._told_to_end:
            if worker.wait_until_ready(_POLL_SECONDS):
                return True
        return False

    def handle_ttin(self) -> None:
        """Leave the number of workers as it is."""

    def handle_ttou(self) -> None:
        """Leave the number of workers as it is."""

    def _started(self) -> Worker:
        worker = Worker(self.config, self.sockets, self._drain_seconds)
        worker.start()
        return worker


def _end_with_supervisor() -> None:
    """End this process in good order when its supervisor was killed: nobody would replace it or tell it to end."""
    supervisor = multiprocessing.parent_process()
    if supervisor:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)
