"""`lenet predict` and `lenet read`."""

import csv
import io
import json
import os
import pty
import select
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from app.commands.lenet import lenet
from tests.serving import SECONDS

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
SEVEN, PAGE = EXAMPLES / "seven.png", EXAMPLES / "2026.jpg"


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


def test_json_and_csv_at_once_are_refused(run: CliRunner) -> None:
    assert run.invoke(lenet, ["predict", str(SEVEN), "--json", "--csv"]).exit_code == 1
