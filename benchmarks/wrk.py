"""Load from wrk: connections that post prepared bodies as fast as the server answers."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("wrk.lua")


@dataclass(frozen=True, slots=True)
class Load:
    """Bodies of one content type, which are sent in turn, with an API key unless that is empty."""

    content_type: str
    bodies: tuple[Path, ...]
    key: str = ""


@dataclass(frozen=True, slots=True)
class WrkResult:
    """wrk's result: requests, requests per second, latency in milliseconds, and requests without a response of 200."""

    requests: int
    rate: float
    p50: float
    p99: float
    failed: int


def run_wrk(address: str, load: Load, *, connections: int, seconds: int) -> WrkResult:
    """Post for `seconds` over `connections` persistent connections, from one thread."""
    options = ["--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s", "--timeout", "30s"]
    script = ["--script", str(SCRIPT), address, "--", load.content_type, load.key]
    run = subprocess.run(["wrk", *options, *script, *map(str, load.bodies)], check=True, capture_output=True, text=True)
    found = json.loads(run.stdout.splitlines()[-1])
    return WrkResult(
        found["requests"], found["requests"] / found["seconds"], found["p50"], found["p99"], found["failed"]
    )


def forms(pictures: Sequence[bytes], folder: Path, *, each: int = 1) -> Load:
    """Write multipart bodies of `each` pictures to `folder`, as browsers and curl send them."""
    parts = [
        b'--digits\r\nContent-Disposition: form-data; name="file"; filename="digit.png"\r\n'
        b"Content-Type: image/png\r\n\r\n" + picture + b"\r\n"
        for picture in pictures
    ]
    bodies = [b"".join(parts[at : at + each]) + b"--digits--\r\n" for at in range(0, len(parts), each)]
    return Load("multipart/form-data; boundary=digits", _written(bodies, folder, f"form{each}"))


def raw(pictures: Sequence[bytes], folder: Path) -> Load:
    """Write bodies that are the pictures themselves to `folder`."""
    return Load("image/png", _written(pictures, folder, "raw"))


def _written(bodies: Sequence[bytes], folder: Path, name: str) -> tuple[Path, ...]:
    paths = []
    for number, body in enumerate(bodies):
        paths.append(folder / f"{name}-{number}")
        paths[-1].write_bytes(body)
    return tuple(paths)
