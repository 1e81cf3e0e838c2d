"""The command `lenet`: its entry point, its help, and shell completion."""

import importlib
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app import __version__
from app.commands.lenet import lenet

ROOT = Path(__file__).parents[3]
COMMANDS = ["predict", "read", "bulk", "serve", "check", "model", "keys"]
SLOW = {"numpy", "cv2", "onnxruntime", "torch", "PIL", "fastapi", "starlette", "uvicorn", "rich", "daft"}


def test_the_entry_points_lead_to_the_commands() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    targets = {}
    for name, target in scripts.items():
        module, attribute = target.split(":")
        targets[name] = getattr(importlib.import_module(module), attribute)
    assert targets.keys() == {"lenet", "lenet-train"}
    assert all(callable(target) for target in targets.values())
    process = subprocess.run(
        [sys.executable, "-c", "from app.__main__ import lenet; lenet()"], capture_output=True, text=True, check=False
    )
    assert "Commands:" in process.stderr


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_without_a_command_it_prints_help(arguments: list[str]) -> None:
    result = CliRunner().invoke(lenet, arguments)
    listed = result.output.split("Commands:\n")[1]
    assert [line.split()[0] for line in listed.splitlines()] == COMMANDS
    assert "..." not in listed


def test_it_says_its_version() -> None:
    assert CliRunner().invoke(lenet, ["--version"]).output == f"lenet {__version__}\n"


@pytest.mark.parametrize("command", [[], *([command] for command in COMMANDS)])
def test_help_imports_nothing_slow(command: list[str]) -> None:
    program = f"""
import sys
from app.commands.lenet import lenet
lenet({[*command, "--help"]!r}, standalone_mode=False)
print({{name.split(".")[0] for name in sys.modules}} & {SLOW!r})
"""
    printed = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert printed.startswith("Usage: ")
    assert printed.splitlines()[-1] == "set()"


@pytest.mark.parametrize(("words", "completed"), [("lenet pre", ["predict"]), ("lenet read --js", ["--json"])])
def test_the_shell_completes_commands_and_options(words: str, completed: list[str]) -> None:
    program = "from app.commands.lenet import lenet; lenet(prog_name='lenet')"
    asked = {"_LENET_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    process = subprocess.run(
        [sys.executable, "-c", program], env=os.environ | asked, check=True, capture_output=True, text=True
    )
    assert process.stdout.split() == completed


@pytest.mark.parametrize("arguments", [["read", str(ROOT / "docs/examples/2026.jpg")], ["check"], ["model"]])
def test_missing_weights_are_one_line(run: CliRunner, monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    monkeypatch.setenv("LENET_MODEL", "nothing")
    result = run.invoke(lenet, arguments)
    assert result.exit_code == 1
    [line] = result.stderr.splitlines()
    assert line.startswith("lenet: there is no artifact 'nothing'")
