"""The server of one worker process: fair accepting, and a drain at its end in which no request is lost."""

import asyncio
import contextlib
import errno
import logging
import signal
import socket

import uvicorn

# A client may be sending its next request on an idle connection at the very moment of the end. Idle connections are
# closed only after this many seconds; until then such a request is still answered.
IDLE_SECONDS = 1.0
# Pause in accepting when the process or the system has no file descriptor left.
DESCRIPTORS_SECONDS = 0.1
_POLL_SECONDS = 0.05
# One more connection is accepted for each so many seconds that the last turn of the event loop took. Otherwise, with
# hundreds of busy connections and turns of a second, new ones would come in one by one, a second apart.
TURN_SECONDS = 0.005

logger = logging.getLogger(__name__)


class DrainingServer(uvicorn.Server):
    """uvicorn's server with two differences.

    It accepts one connection in each turn of the event loop, or a few after a long turn. uvicorn accepts every waiting
    one at once, so that the worker that wakes first gets them all; this way workers that share a listening socket share
    its connections too.

    When it ends, it tells clients and load balancers first: responses carry `Connection: close`, and readiness is 503.
    For `drain_seconds` it goes on serving. Then it accepts what is left in the listening socket's queue, closes that
    socket, and lets the requests under way finish within uvicorn's grace period.
    """

    def __init__(self, config: uvicorn.Config, drain_seconds: float = 0.0) -> None:
        """Serve by `config`, once run."""
        super().__init__(config)
        self._drain_seconds = drain_seconds
        self._listeners: list[socket.socket] = []
        self._connecting: set[asyncio.Task[object]] = set()
        self._accepted_at: float | None = None  # in the last turn or in this one

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start the application, and accept connections from `sockets`."""
        await super().startup(sockets=[])
        self._listeners = list(sockets or [])
        for listener in self._listeners:
            listener.setblocking(False)
            self._listen(listener)
        with contextlib.suppress(ValueError):  # signals are for the main thread alone
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._reload)

    def _reload(self) -> None:
        """Read again what the application can read again while it runs: its API keys."""
        try:
            self.lifespan.state.get("reload", lambda: None)()
        except Exception:
            logger.exception("what was to be read again is as it was")
        else:
            logger.info("read again")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, and end."""
        loop = asyncio.get_running_loop()
        self.lifespan.state["draining"] = True  # for HttpProtocol and the readiness route
        await self._wait(loop.time() + self._drain_seconds)
        for listener in self._listeners:
            loop.remove_reader(listener)
            while self._accept_one(listener):
                pass
            listener.close()
        self._listeners = []
        await self._wait(loop.time() + IDLE_SECONDS, while_connected=True)
        await super().shutdown(sockets=[])

    def _listen(self, listener: socket.socket) -> None:
        if listener in self._listeners:  # it may have been closed during a pause
            asyncio.get_running_loop().add_reader(listener, self._accept_some, listener)

    def _accept_some(self, listener: socket.socket) -> None:
        """Accept one connection, and more when the turn before was long and connections were waiting in it too."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        turn_seconds = now - self._accepted_at if self._accepted_at is not None else 0.0
        self._accepted_at = now
        for _ in range(1 + int(turn_seconds / TURN_SECONDS)):
            if not self._accept_one(listener):
                break
        loop.call_soon(loop.call_soon, self._forget_accepting, now)  # the turn after the next one

    def _forget_accepting(self, at: float) -> None:
        if self._accepted_at == at:
            self._accepted_at = None

    def _accept_one(self, listener: socket.socket) -> bool:
        """Accept one connection; return whether there was one."""
        loop = asyncio.get_running_loop()
        try:
            connection, _ = listener.accept()
        except (BlockingIOError, InterruptedError, ConnectionAbortedError):
            return False  # another worker was faster, or the client has gone
        except OSError as error:
            if error.errno not in (errno.EMFILE, errno.ENFILE):
                raise
            logger.warning("no file descriptor is left for another connection; accepting again in a moment")
            loop.remove_reader(listener)
            loop.call_later(DESCRIPTORS_SECONDS, self._listen, listener)
            return False
        connection.setblocking(False)
        task: asyncio.Task[object] = loop.create_task(self._connect(connection))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)
        return True

    async def _connect(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()

        def protocol() -> asyncio.Protocol:
            return self.config.http_protocol_class(  # type: ignore[call-arg]
                config=self.config, server_state=self.server_state, app_state=self.lifespan.state, _loop=loop
            )

        try:
            await loop.connect_accepted_socket(protocol, connection)
        except OSError:  # the client has gone since
            connection.close()

    async def _wait(self, until: float, *, while_connected: bool = False) -> None:
        """Wait until a time of the event loop's clock, or until told to exit at once."""
        loop = asyncio.get_running_loop()
        while loop.time() < until and not self.force_exit:
            if while_connected and not self.server_state.connections and not self._connecting:
                return
            await asyncio.sleep(_POLL_SECONDS)
