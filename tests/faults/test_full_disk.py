"""A full disk: nothing that the service does needs one, and a log that cannot be written costs no request."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from benchmarks.input_pipeline import SEVEN
from tests.serving import SECONDS

FULL = Path("/dev/full")  # every write to it fails with ENOSPC

pytestmark = pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_requests_are_answered_while_the_log_is_on_a_full_disk(workers: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    variables = {"LENET_PORT": port, "LENET_WORKERS": workers, "LENET_ACCESS_LOG": "true", "LENET_LOG_LEVEL": "debug"}
    with FULL.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "app"], env=os.environ | variables, stdout=log, stderr=subprocess.STDOUT
        )
    address = f"http://127.0.0.1:{port}"
    try:
        with httpx2.Client(transport=httpx2.HTTPTransport(retries=60), timeout=SECONDS) as client:
            for _ in range(20):
                assert client.post(f"{address}/predict", files={"file": SEVEN.read_bytes()}).json()["digit"] == 7
                assert client.post(f"{address}/predict", content=b"no picture").status_code == 422
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0
    finally:
        process.kill()
        process.wait()
