"""Keys, proxies and banners of the service as a process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx2

from app.api_keys import key_line, new_key
from benchmarks.input_pipeline import SEVEN
from tests.serving import SECONDS, serving

OLD, NEW = new_key(), new_key()


def status(address: str, key: str) -> int:
    headers = {"x-api-key": key, "content-type": "image/png"}
    return httpx2.post(f"{address}/predict", content=SEVEN.read_bytes(), headers=headers, timeout=SECONDS).status_code


def test_sighup_reads_the_keys_again_and_a_broken_file_changes_nothing(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(key_line("old", OLD))
    with serving(LENET_WORKERS="1", LENET_API_KEYS_FILE=str(file)) as (process, address):
        assert [status(address, key) for key in (OLD, NEW)] == [200, 401]
        lines = iter(process.stderr or ())
        file.write_text("broken")
        process.send_signal(signal.SIGHUP)
        assert any("what was to be read again is as it was" in line for line in lines)
        assert [status(address, key) for key in (OLD, NEW)] == [200, 401]
        file.write_text(key_line("new", NEW))
        process.send_signal(signal.SIGHUP)
        assert any("read again" in line for line in lines if "as it was" not in line)
        assert [status(address, key) for key in (OLD, NEW)] == [401, 200]
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0


def test_no_key_is_logged(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text(key_line("old", OLD))
    variables = {"LENET_API_KEYS_FILE": str(file), "LENET_LOG_LEVEL": "debug", "LENET_ACCESS_LOG": "true"}
    with serving(None, LENET_WORKERS="1", **variables) as (process, address):
        assert [status(address, key) for key in (OLD, NEW)] == [200, 401]
        process.send_signal(signal.SIGTERM)
        logged = process.stderr.read() if process.stderr else ""
    assert "/predict" in logged
    assert OLD not in logged
    assert NEW not in logged


def test_a_proxy_may_publish_it_under_a_path() -> None:
    with serving(LENET_WORKERS="1", LENET_ROOT_PATH="/digits") as (_, address):
        assert status(address, "") == 200
        response = httpx2.get(f"{address}/docs", timeout=SECONDS)
        assert "/digits/openapi.json" in response.text
        assert "server" not in response.headers
        assert httpx2.get(f"{address}/openapi.json", timeout=SECONDS).json()["servers"] == [{"url": "/digits"}]
        metrics = httpx2.get(f"{address}/metrics", headers={"accept": "text/plain"}, timeout=SECONDS).text
        assert 'lenet_http_requests_total{code="",route="/predict",status="200"} 1.0' in metrics
        kept = httpx2.get(f"{address}/digits/health", timeout=SECONDS)  # a proxy that does not cut the path off
        assert (kept.status_code, kept.json()["error"]["message"]) == (404, "there is nothing at /digits/health")


def test_a_missing_file_of_keys_is_said_in_one_line() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "app"],
        env=os.environ | {"LENET_API_KEYS_FILE": "/nowhere/keys", "LENET_PORT": "0"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert process.returncode == 3
    assert process.stderr.splitlines()[-1].endswith(
        "No such file or directory (LENET_API_KEYS_FILE names the file of keys)"
    )
