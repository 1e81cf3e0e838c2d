"""How connections are accepted."""

import asyncio
import socket
import time

import pytest
import uvicorn

from app.runtime import server as server_module
from app.runtime.server import DrainingServer

CLIENTS = 40


def turns_to_accept(turn_seconds: float) -> int:
    """Return the turns of the event loop, each of so many seconds, in which waiting clients are accepted."""
    turns = 0

    async def app(scope: object, receive: object, send: object) -> None:
        pytest.fail("nothing was asked")

    async def scenario() -> int:
        nonlocal turns
        loop = asyncio.get_running_loop()
        listener = socket.create_server(("127.0.0.1", 0), backlog=CLIENTS)
        server = DrainingServer(uvicorn.Config(app, lifespan="off", log_level="error"))
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        await server.startup(sockets=[listener])
        waiting = [socket.create_connection(listener.getsockname()) for _ in range(CLIENTS)]

        def turn() -> None:
            nonlocal turns
            turns += 1
            time.sleep(turn_seconds)
            loop.call_soon(turn)

        turn()
        while len(server.server_state.connections) < CLIENTS:
            await asyncio.sleep(0)
        taken = turns
        for client in waiting:
            client.close()
        server.force_exit = True
        await server.shutdown()
        return taken

    return asyncio.run(scenario())


def test_workers_share_connections_because_each_accepts_one_in_a_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "TURN_SECONDS", 60)  # no turn is that long
    assert turns_to_accept(0) >= CLIENTS


def test_more_are_accepted_after_a_long_turn() -> None:
    assert turns_to_accept(10 * server_module.TURN_SECONDS) <= CLIENTS / 4
