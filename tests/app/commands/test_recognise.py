"""`lenet predict` and `lenet read`."""

import contextlib
import csv
import io
import json
import os
import pty
import select
import socket
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from app.api_keys import key_line, new_key
from app.commands.lenet import lenet
from tests.image_files import encoded
from tests.serving import SECONDS, serving

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
SEVEN, PAGE = EXAMPLES / "seven.png", EXAMPLES / "2026.jpg"


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("LENET_DEVICE", "cpu")
    monkeypatch.setenv("LENET_WORKERS", "1")
    return CliRunner()


@pytest.fixture
def blank(tmp_path: Path) -> Path:
    path = tmp_path / "blank.png"
    path.write_bytes(encoded(np.full((50, 50), 200, np.uint8)))
    return path


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


@pytest.mark.parametrize(("command", "path"), [("predict", SEVEN), ("read", PAGE)])
def test_the_json_is_the_services_answer(run: CliRunner, robust_client: TestClient, command: str, path: Path) -> None:
    result = run.invoke(lenet, [command, "--json", str(path)])
    expected = robust_client.post(f"/{command}", files={"file": path.read_bytes()}).json()
    assert json.loads(result.stdout) == {"file": str(path)} | expected
    assert result.exit_code == 0


def test_the_table_has_a_line_for_each_file_and_the_exit_code_says_unsure(run: CliRunner, blank: Path) -> None:
    result = run.invoke(lenet, ["predict", str(SEVEN), str(blank)])
    sure, unsure = result.stdout.splitlines()
    assert sure.split() == [str(SEVEN), "7", "1.0000"]
    assert unsure.split()[0] == str(blank)
    assert unsure.split()[3] == "unsure"
    assert "blank" in unsure
    assert result.exit_code == 3


def test_csv_of_a_folder_and_a_file_that_is_no_picture(run: CliRunner, blank: Path) -> None:
    (blank.parent / "inner").mkdir()
    (blank.parent / "inner" / "seven.png").write_bytes(SEVEN.read_bytes())
    (blank.parent / "text.txt").write_text("seven")
    result = run.invoke(lenet, ["predict", "--csv", str(blank.parent)])
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(Path(row["file"]).name, row["answer"]) for row in rows] == [
        ("blank.png", rows[0]["answer"]),
        ("seven.png", "7"),
        ("text.txt", ""),
    ]
    assert rows[2]["remarks"].startswith("the file is not a picture")
    assert result.exit_code == 1


def test_standard_input_and_a_missing_file(run: CliRunner) -> None:
    result = run.invoke(lenet, ["predict", "--json", "-", "nowhere.png"], input=SEVEN.read_bytes())
    found, missing = (json.loads(line) for line in result.stdout.splitlines())
    assert (found["file"], found["digit"]) == ("-", 7)
    assert missing["error"] == {"code": "unreadable_file", "message": "No such file or directory"}
    assert result.exit_code == 1


def test_only_lines_of_a_length_are_read(run: CliRunner) -> None:
    result = run.invoke(lenet, ["read", "--json", "--length", "3", str(PAGE)])
    assert len(json.loads(result.stdout)["text"]) == 3


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


def test_missing_weights_are_one_line(run: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MODEL", "nothing")
    result = run.invoke(lenet, ["read", str(PAGE)])
    assert result.exit_code == 1
    [line] = result.stderr.splitlines()
    assert line.startswith("lenet: there is no artifact 'nothing'")


def test_a_glob_in_quotes_is_ours(run: CliRunner) -> None:
    result = run.invoke(lenet, ["predict", "--csv", str(EXAMPLES / "se*.png")])
    assert [row["answer"] for row in csv.DictReader(io.StringIO(result.stdout))] == ["7"]
    assert result.exit_code == 0


def test_a_folder_without_files_is_one_line(run: CliRunner, tmp_path: Path) -> None:
    result = run.invoke(lenet, ["predict", str(tmp_path)])
    assert (result.exit_code, result.stderr) == (1, "lenet: there are no files in the folders\n")


@pytest.mark.parametrize("option", ["--json", "--csv"])
def test_a_full_disk_is_one_line_and_a_reader_that_has_seen_enough_none(blank: Path, option: str) -> None:
    command = [sys.executable, "-m", "app", "predict", option, *[str(SEVEN)] * 500]
    with Path("/dev/full").open("w") as full:
        process = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (process.returncode, process.stderr) == (1, "lenet: cannot write the answers: No space left on device\n")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout
        assert running.stderr
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""


def on_terminals(names: Collection[str], *arguments: str, **variables: str) -> tuple[str, str]:
    """What `lenet predict` prints where these of its outputs are terminals."""
    terminals = {name: pty.openpty() for name in names}
    environment = os.environ | {"LENET_DEVICE": "cpu", "TERM": "xterm"} | variables
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "predict", *arguments],
        env=environment,
        stdout=terminals["stdout"][1] if "stdout" in terminals else subprocess.PIPE,
        stderr=terminals["stderr"][1] if "stderr" in terminals else subprocess.PIPE,
    )
    outputs = process.communicate(timeout=SECONDS)
    shown = []
    for name, output in zip(("stdout", "stderr"), outputs, strict=True):
        if name in terminals:
            ours, theirs = terminals[name]
            shown.append(os.read(ours, 65536).decode() if select.select([ours], [], [], 0)[0] else "")
            os.close(ours)
            os.close(theirs)
        else:
            shown.append(output.decode())
    return shown[0], shown[1]


def test_what_is_unsure_has_a_colour_on_a_terminal_alone(blank: Path) -> None:
    files = str(SEVEN), str(blank)
    coloured, _ = on_terminals(["stdout"], *files)
    sure, unsure = coloured.splitlines()
    assert "\x1b" not in sure
    assert unsure.startswith("\x1b[33m")
    without, _ = on_terminals(["stdout"], *files, NO_COLOR="1")
    piped, _ = on_terminals([], *files)
    assert "\x1b" not in without + piped
    assert without.split() == piped.split()


def test_progress_is_for_a_terminal_and_never_among_the_answers(blank: Path) -> None:
    files = str(SEVEN), str(blank)
    answers, progress = on_terminals(["stderr"], "--json", *files)
    assert "100%" in progress
    assert [json.loads(line)["file"] for line in answers.splitlines()] == list(files)
    assert on_terminals([], "--json", *files) == (answers, "")
    assert on_terminals(["stderr"], "--json", str(SEVEN))[1] == ""
    _, beside = on_terminals(["stdout", "stderr"], "--json", *files)  # the answers show it already
    assert beside == ""
