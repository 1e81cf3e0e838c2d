"""`lenet predict` and `lenet read` with `--url`: a running service answers, or why not is said in a line."""

import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.api_keys import key_line, new_key
from app.commands.lenet import lenet
from tests.serving import SECONDS, serving

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
SEVEN, PAGE = EXAMPLES / "seven.png", EXAMPLES / "2026.jpg"


@contextlib.contextmanager
def answering(response: bytes) -> Iterator[tuple[int, Callable[[], bytes]]]:
    """Answer one connection in this way; give the port, and what returns what was asked."""

    def answer() -> bytes:
        connection, _ = listener.accept()
        with connection:
            asked = connection.recv(65536)
            connection.sendall(response)
        return asked

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as thread:
        listener.settimeout(SECONDS)
        asked = thread.submit(answer)
        yield listener.getsockname()[1], asked.result


def test_a_running_service_answers_the_same(run: CliRunner, tmp_path: Path) -> None:
    key = new_key()
    keys, too_large = tmp_path / "keys", tmp_path / "large.png"
    too_large.write_bytes(SEVEN.read_bytes() + bytes(30_000_000))
    keys.write_text(key_line("cli", key))
    with serving(LENET_WORKERS="1", LENET_MODEL="robust", LENET_API_KEYS_FILE=str(keys)) as (_, address):
        for command, path in (("predict", SEVEN), ("read", PAGE)):
            there = run.invoke(lenet, [command, "--json", "--url", address, "--key", key, str(path)])
            here = run.invoke(lenet, [command, "--json", str(path)])
            assert json.loads(there.stdout) == json.loads(here.stdout)
        refused = run.invoke(lenet, ["predict", "--json", "--url", address, str(SEVEN)])
        large = run.invoke(lenet, ["predict", "--url", address, "--key", key, str(too_large), str(SEVEN)])
    for command in ("predict", "read"):
        here = run.invoke(lenet, [command, str(too_large), str(SEVEN)])
        assert here.stdout.splitlines()[0] == large.stdout.splitlines()[0]
    assert json.loads(refused.stdout)["error"]["code"] == "unauthorised"
    assert refused.exit_code == 1
    first, second = large.stdout.splitlines()
    assert "a picture may have at most" in first
    assert second.split() == [str(SEVEN), "7", "1.0000"]


@pytest.mark.parametrize("command", ["predict", "read"])
@pytest.mark.parametrize("after", ["", "/", "/digits", "/digits/"])
def test_the_address_may_have_a_path_and_needs_no_scheme(run: CliRunner, command: str, after: str) -> None:
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]") as (port, asked):
        run.invoke(lenet, [command, "--url", f"127.0.0.1:{port}{after}", str(SEVEN)])
        assert asked().split()[1].decode() == f"{after.rstrip('/')}/{command}?preprocessing=auto"


@pytest.mark.parametrize("host", ["127.0.0.1:1", "nowhere.invalid", "127.0.0.1:port", "no where"])
def test_a_service_that_does_not_answer_is_one_line(run: CliRunner, host: str) -> None:
    result = run.invoke(lenet, ["predict", "--url", f"http://{host}/", str(SEVEN)])
    assert result.exit_code == 1
    [line] = result.stderr.splitlines()
    assert line.startswith(f"lenet: http://{host}/predict does not answer: ")
    assert "[Errno" not in line


@pytest.mark.parametrize("url", ["", "http://", "file:///etc"])
def test_what_is_no_address_is_said(run: CliRunner, url: str) -> None:
    result = run.invoke(lenet, ["predict", "--url", url, str(SEVEN)])
    assert (result.exit_code, result.stderr) == (
        1,
        f"lenet: {url} is no address of a service; http://127.0.0.1:8000 is one\n",
    )


@pytest.mark.parametrize(
    ("response", "said"),
    [
        (b"SSH-2.0-x\r\n", "does not answer: SSH-2.0-x"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "does not answer: IncompleteRead"),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\n<p/>", "is not of this service; it answers 404"),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"detail": "x"}', "is not of this service; it answers 200"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "is not of this service; it answers 200"),
    ],
)
def test_another_service_is_said_in_one_line(run: CliRunner, response: bytes, said: str) -> None:
    with answering(response) as (port, _):
        result = run.invoke(lenet, ["predict", "--url", f"http://127.0.0.1:{port}", str(SEVEN)])
    assert result.exit_code == 1
    [line] = result.stderr.splitlines()
    assert line.startswith(f"lenet: http://127.0.0.1:{port}/predict {said}")
