"""More photos than can be answered: what is answered and refused, and how long that and a health check take."""

import asyncio
import http.client
import multiprocessing
import socket
import threading
import time
from collections import Counter, defaultdict
from multiprocessing.queues import SimpleQueue
from statistics import quantiles

from benchmarks.input_pipeline import SEVEN, encoded, photographed
from benchmarks.servers import THIS, run_server

WORKERS = 2
FEW = 16
"""Connections that keep all threads busy, and no more."""
# The probes begin when the first wave of photos has been answered or refused.
SETTLING_SECONDS = 3
PHOTO_PROBES = 4
PAUSE_SECONDS = 0.05
OFFERED = 5
"""Photos that are sent, compared with those that few connections have answered."""

Address = tuple[str, int]
Counts = SimpleQueue[Counter[int]]
Latencies = dict[str, list[float]]
"""Milliseconds by what was asked and how it was answered."""


def overload_rows(seconds: int, connections: int = 2500) -> dict[str, float]:
    """Photos of one megapixel over more connections than can be answered; latency in ms, seen by probes beside them."""
    photo = encoded(photographed(1000, 1000), "JPEG")
    with run_server(THIS, SEVEN.read_bytes(), workers=WORKERS) as server:
        host, port = server.address.split("/")[2].split(":")
        address = host, int(port)
        with _Clients(address, photo, FEW, 2 * seconds) as few:
            pass
        pause = connections / (OFFERED * few.rates[200])
        with _Clients(address, photo, connections, SETTLING_SECONDS + 2 * seconds, pause) as many:
            time.sleep(SETTLING_SECONDS)
            latencies = _probe(address, photo, 2 * seconds)
    rows = {
        f"{connections:,} connections of photos: answered/s": many.rates[200],
        "refused/s": many.rates[503],
        "neither/s": sum(rate for status, rate in many.rates.items() if status not in (200, 503)),
        f"answered, compared with {FEW} connections": many.rates[200] / few.rates[200],
    }
    return rows | {f"{name}, p99 ms": quantiles(found, n=100)[-1] for name, found in latencies.items() if found[1:]}


class _Clients:
    """Clients in a process of their own, for so many seconds; `rates` is responses a second by status, once left.

    Each sends a photo every `pause` seconds, or as soon as the one before is answered if that takes longer.
    """

    def __init__(self, address: Address, photo: bytes, connections: int, seconds: float, pause: float = 0) -> None:
        self.rates: Counter[int] = Counter()
        self._seconds = seconds
        context = multiprocessing.get_context("spawn")
        self._counts: Counts = context.SimpleQueue()
        arguments = (address, photo, connections, seconds, pause)
        self._process = context.Process(target=_press, args=arguments, kwargs={"counts": self._counts})

    def __enter__(self) -> "_Clients":
        self._process.start()
        return self

    def __exit__(self, *_: object) -> None:
        for status, count in self._counts.get().items():
            self.rates[status] = count / self._seconds  # type: ignore[assignment]
        self._process.join()


def _press(
    address: Address,
    photo: bytes,
    connections: int,
    seconds: float,
    pause: float,
    *,
    counts: Counts,
) -> None:
    """Post over all connections, which begin one after another within the pause."""
    head = f"POST /predict HTTP/1.1\r\nHost: here\r\nContent-Type: image/jpeg\r\nContent-Length: {len(photo)}\r\n\r\n"
    request, found = head.encode() + photo, Counter[int]()
    until = time.monotonic() + seconds

    async def client(number: int) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(pause * number / connections)
        with socket.socket() as connection:
            connection.setblocking(False)
            await loop.sock_connect(connection, address)
            while time.monotonic() < until:
                following = loop.time() + pause
                await loop.sock_sendall(connection, request)
                response = await loop.sock_recv(connection, 65_536)  # head and body come in one write
                status = int(response.split(maxsplit=2)[1]) if response else 0
                found[status] += 1
                if not response:
                    return
                await asyncio.sleep(following - loop.time())

    async def scenario() -> None:
        clients = [asyncio.ensure_future(client(number)) for number in range(connections)]
        await asyncio.wait(clients, timeout=seconds)
        for one in clients:
            one.cancel()
        for failure in await asyncio.gather(*clients, return_exceptions=True):
            found[0] += isinstance(failure, OSError)

    asyncio.run(scenario())
    counts.put(found)


def _probe(address: Address, photo: bytes, seconds: float) -> Latencies:
    latencies: Latencies = defaultdict(list)
    until = time.monotonic() + seconds

    def ask(name: str, method: str, path: str, body: bytes | None) -> None:
        while time.monotonic() < until:
            started = time.perf_counter()
            connection = http.client.HTTPConnection(*address, timeout=60)
            connection.request(method, path, body, {"content-type": "image/jpeg"} if body else {})
            response = connection.getresponse()
            response.read()
            connection.close()
            status = {200: "answered", 503: "refused"}.get(response.status, "failed")
            latencies[f"{name} {status}"].append(1000 * (time.perf_counter() - started))
            time.sleep(PAUSE_SECONDS)

    threads = [threading.Thread(target=ask, args=("photo", "POST", "/predict", photo)) for _ in range(PHOTO_PROBES)]
    threads.append(threading.Thread(target=ask, args=("health check", "GET", "/health/live", None)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return latencies
