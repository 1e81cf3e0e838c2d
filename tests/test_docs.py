"""The README's promises."""

import json
import re
import subprocess
from pathlib import Path

import httpx2
from fastapi.testclient import TestClient

from app.environment import PREFIX
from app.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_the_curl_lines_answer_is_the_true_one(robust_client: TestClient) -> None:
    [(picture, path)] = re.findall(r"^curl -F file=@(\S+) http://127\.0\.0\.1:8000(/\S+)$", README, re.MULTILINE)
    [promised] = re.findall(r'^\{"digit".*\}$', README, re.MULTILINE)
    response: httpx2.Response = robust_client.post(path, files={"file": (ROOT / picture).read_bytes()})
    assert response.text == promised
    assert json.loads(promised)["digit"] == 7


def test_every_setting_is_in_the_table_with_its_default() -> None:
    rows = dict(re.findall(r"^\| (`LENET_.*?) \| (.*?) \|", README, re.MULTILINE))
    documented = {
        name: default
        for names, defaults in rows.items()
        for name, default in zip(re.findall(r"`(\w+)`", names), defaults.split(", "), strict=True)
    }
    actual = {PREFIX + name.upper(): field.default for name, field in Settings.model_fields.items()}
    assert documented.keys() == actual.keys()
    for name, default in actual.items():
        assert documented[name] == (f"{default:g}" if isinstance(default, float) else str(default).lower()), name


def test_every_make_command_is_a_target() -> None:
    targets = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for command in re.findall(r"^make (\w+)|`make (\w+)", README, re.MULTILINE):
        assert f"make {command[0] or command[1]} " in targets


def test_every_linked_file_is_there() -> None:
    assert all((ROOT / link).exists() for link in re.findall(r"\]\((?!http)([^)#]+)\)", README))
