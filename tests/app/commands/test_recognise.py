"""`python -m app predict` and `python -m app read`."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from app.__main__ import commands
from app.api_keys import key_line, new_key
from tests.image_files import encoded
from tests.serving import serving

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


@pytest.mark.parametrize(("command", "path"), [("predict", SEVEN), ("read", PAGE)])
def test_the_json_is_the_services_answer(run: CliRunner, robust_client: TestClient, command: str, path: Path) -> None:
    result = run.invoke(commands, [command, "--json", str(path)])
    expected = robust_client.post(f"/{command}", files={"file": path.read_bytes()}).json()
    assert json.loads(result.stdout) == {"file": str(path)} | expected
    assert result.exit_code == 0


def test_the_table_has_a_line_for_each_file_and_the_exit_code_says_unsure(run: CliRunner, blank: Path) -> None:
    result = run.invoke(commands, ["predict", str(SEVEN), str(blank)])
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
    result = run.invoke(commands, ["predict", "--csv", str(blank.parent)])
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(Path(row["file"]).name, row["answer"]) for row in rows] == [
        ("blank.png", rows[0]["answer"]),
        ("seven.png", "7"),
        ("text.txt", ""),
    ]
    assert rows[2]["remarks"].startswith("the file is not a picture")
    assert result.exit_code == 1


def test_standard_input_and_a_missing_file(run: CliRunner) -> None:
    result = run.invoke(commands, ["predict", "--json", "-", "nowhere.png"], input=SEVEN.read_bytes())
    found, missing = (json.loads(line) for line in result.stdout.splitlines())
    assert (found["file"], found["digit"]) == ("-", 7)
    assert missing["error"] == {"code": "unreadable_file", "message": "No such file or directory"}
    assert result.exit_code == 1


def test_only_lines_of_a_length_are_read(run: CliRunner) -> None:
    result = run.invoke(commands, ["read", "--json", "--length", "3", str(PAGE)])
    assert len(json.loads(result.stdout)["text"]) == 3


def test_a_running_service_answers_the_same(run: CliRunner, tmp_path: Path) -> None:
    key = new_key()
    keys = tmp_path / "keys"
    keys.write_text(key_line("cli", key))
    with serving(LENET_WORKERS="1", LENET_MODEL="robust", LENET_API_KEYS_FILE=str(keys)) as (_, address):
        for command, path in (("predict", SEVEN), ("read", PAGE)):
            there = run.invoke(commands, [command, "--json", "--url", address, "--key", key, str(path)])
            here = run.invoke(commands, [command, "--json", str(path)])
            assert json.loads(there.stdout) == json.loads(here.stdout)
        refused = run.invoke(commands, ["predict", "--json", "--url", address, str(SEVEN)])
    assert json.loads(refused.stdout)["error"]["code"] == "unauthorised"
    assert refused.exit_code == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "nonsense"])
def test_a_service_that_does_not_answer_is_one_line(run: CliRunner, url: str) -> None:
    result = run.invoke(commands, ["predict", "--url", url, str(SEVEN)])
    assert result.exit_code == 1
    [line] = result.stderr.splitlines()
    assert line.startswith(f"lenet-serve: {url}/predict does not answer: ")


def test_missing_weights_are_one_line(run: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MODEL", "nothing")
    result = run.invoke(commands, ["read", str(PAGE)])
    assert result.exit_code == 1
    [line] = result.stderr.splitlines()
    assert line.startswith("lenet-serve: there is no artifact 'nothing'")
