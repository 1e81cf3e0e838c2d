"""What it costs to be observed and guarded: a request as shipped, without metrics or request ids, and with API keys.

`python -m benchmarks.observability` calls the application in one process, in turn with each variant, and prints the CPU
time of a request and a JSON line. Differences are medians over many short rounds, so they hold on a busy machine too.
With `--wrk` it also drives servers of two workers, as `benchmarks.serving` does, and the empty endpoint by the same
requests; wrk must be installed.
"""

import argparse
import asyncio
import contextlib
import gc
import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

from fastapi import FastAPI
from starlette.middleware import Middleware
from starlette.types import Message

from app.api_keys import key_line, new_key
from app.layers.recording import Recording
from app.main import YOUNG_OBJECTS, create_app
from app.observability.worker_slots import shared_folder
from app.settings import Settings
from benchmarks.digit_files import first_digits
from benchmarks.servers import EMPTY, Server, run_server
from benchmarks.serving import Scenario, run_rounds, table
from benchmarks.wrk import forms

AT_ONCE = 16
BLOCKS = 8
PICTURES = AT_ONCE * BLOCKS
VARIANTS = ("as shipped", "without metrics", "without metrics and request ids", "with ten API keys")
KEY = new_key()


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU microseconds of a request, and how many fewer than as shipped."""

    name: str
    cpu_us: float
    saved_us: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.observability", description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--wrk", action="store_true", help="also drive servers, for three minutes")
    options = parser.parse_args()
    costs = asyncio.run(in_process(options.rounds))
    print("| a request | CPU us | saved us |\n|---|---|---|")
    for one in costs:
        print(f"| {one.name} | {one.cpu_us:.1f} | {one.saved_us:.1f} |")
    print(json.dumps({"benchmark": "observability", "results": [asdict(one) for one in costs]}))
    if options.wrk:
        print(over_sockets())


async def in_process(rounds: int) -> list[Cost]:
    """Answer `PICTURES` requests by each variant in each round, `AT_ONCE` at a time."""
    with tempfile.TemporaryDirectory() as folder, shared_folder():
        bodies = [path.read_bytes() for path in forms(first_digits(PICTURES).files, Path(folder)).bodies]
        apps = [variant(name, ten_keys(Path(folder))) for name in VARIANTS]
        for app in apps:
            await answer(app, bodies)
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG_OBJECTS)
        seconds: list[list[float]] = []
        for _ in range(rounds):
            seconds.append([])
            for app in apps:
                started = time.process_time()
                await answer(app, bodies)
                seconds[-1].append((time.process_time() - started) / PICTURES)
    return [
        Cost(
            name,
            cpu_us=median(one[at] for one in seconds) * 1e6,
            saved_us=median(one[0] - one[at] for one in seconds) * 1e6,
        )
        for at, name in enumerate(VARIANTS)
    ]


def ten_keys(folder: Path) -> Path:
    """Write a file of ten API keys, among them `KEY`, and return it."""
    path = folder / "keys"
    path.write_text("\n".join(key_line(f"client-{number}", KEY if number == 5 else new_key()) for number in range(10)))
    return path


def variant(name: str, keys: Path) -> FastAPI:
    """Return the application with or without what the name says."""
    if name == VARIANTS[3]:
        return create_app(Settings(device="cpu", api_keys_file=keys))
    app = create_app(Settings(device="cpu"))
    recording = next(layer for layer in app.user_middleware if getattr(layer.cls, "__name__", "") == "Recording")
    at = app.user_middleware.index(recording)
    without = {VARIANTS[0]: [recording], VARIANTS[1]: [Middleware(Recording, records=[])], VARIANTS[2]: []}
    app.user_middleware[at : at + 1] = without[name]
    return app


async def answer(app: FastAPI, bodies: list[bytes]) -> None:
    """Post the forms to `/predict`, `AT_ONCE` at a time."""
    for at in range(0, len(bodies), AT_ONCE):
        await asyncio.gather(*(asyncio.create_task(post(app, body)) for body in bodies[at : at + AT_ONCE]))


async def post(app: FastAPI, body: bytes) -> None:
    """Post a form, as uvicorn would pass it on."""
    headers = [(b"content-type", b"multipart/form-data; boundary=digits"), (b"content-length", b"%d" % len(body))]
    headers.append((b"x-api-key", KEY.encode()))
    scope = {"type": "http", "method": "POST", "path": "/predict", "query_string": b"", "headers": headers}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert sent[0]["status"] == 200


def over_sockets() -> str:
    """Return a table of servers with two workers, under wrk; every request has an API key, wanted or not."""
    log = {"LENET_ACCESS_LOG": "true", "LENET_LOG_FORMAT": "json", "LENET_LOG_LEVEL": "info"}
    command = [sys.executable, "-m", "benchmarks.peers.ablated"]
    digits = first_digits(PICTURES)
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        load = replace(forms(digits.files, Path(folder)), key=KEY)
        settings: dict[str, dict[str, str]] = {
            VARIANTS[0]: {},
            VARIANTS[1]: {"ABLATED": "metrics"},
            VARIANTS[2]: {"ABLATED": "recording"},
            VARIANTS[3]: {"LENET_API_KEYS_FILE": str(ten_keys(Path(folder)))},
            "with the access log, as JSON": log,
        }
        lines = stack.enter_context((Path(folder) / "log").open("wb"))
        empty = stack.enter_context(run_server(EMPTY, digits.files[0], workers=2))
        scenarios = [Scenario(EMPTY.name, empty, "", load)]
        for name, variables in settings.items():
            server = Server(name, lambda _port, _workers: command, recognises=True)
            running = run_server(server, digits.files[0], workers=2, log=lines, key=KEY, **variables)
            scenarios.append(Scenario(name, stack.enter_context(running), "", load))
        return table(run_rounds(scenarios, count=9, seconds=3))


if __name__ == "__main__":
    main()
