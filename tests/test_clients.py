"""The clients of docs/how-to/clients.md, each against a running service: curl and Node where they are installed."""

import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator

import httpx2
import pytest
from typer.testing import CliRunner

from app.commands.lenet import lenet
from tests.doc_pages import ROOT, blocks
from tests.serving import SECONDS, serving

PAGE = "docs/how-to/clients.md"
LOCAL = "http://127.0.0.1:8000"
LINES = [line for block in blocks(PAGE, "sh") for line in block.splitlines()]
CURL = [line for line in LINES if line.startswith("curl ")]
LENET = [line for line in LINES if line.startswith("lenet ")]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(LENET_MODEL="robust", LENET_WORKERS="1") as (_, address):
        yield address


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here")
@pytest.mark.parametrize("line", CURL)
def test_curl(address: str, line: str) -> None:
    command = [*shlex.split(line.replace(LOCAL, address)), "--silent", "--show-error", "--fail-with-body"]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=SECONDS).stdout
    assert ('"text":"2026"' if "/read" in line else '"digit":7') in printed


@pytest.mark.parametrize("line", LENET)
def test_the_command_line(address: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = CliRunner().invoke(lenet, [*shlex.split(line)[1:], "--url", address])
    assert result.exit_code == (3 if line.endswith("docs/examples") else 0)  # one of them shows four digits
    assert ("2026" if "read" in line else "seven.png") in result.stdout


@pytest.mark.parametrize(
    ("program", "printed"), list(zip(blocks(PAGE, "python"), ["7\n", "seven.png 7\n", "2026\n"], strict=True))
)
def test_python(
    address: str, program: str, printed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "httpx", httpx2)  # the same interface
    monkeypatch.chdir(ROOT)
    exec(program.replace(LOCAL, address), {})  # noqa: S102
    assert capsys.readouterr().out == printed


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node here")
def test_javascript(address: str) -> None:
    [program] = blocks(PAGE, "javascript")
    command = ["node", "--input-type=module", "--eval", program.replace(LOCAL, address)]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=SECONDS).stdout
    assert printed == "7\n"
