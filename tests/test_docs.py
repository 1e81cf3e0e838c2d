"""The documentation's links lead somewhere, its commands exist, and its curl commands are answered."""

import argparse
import contextlib
import io
import json
import re
import shlex
import subprocess
from base64 import b64encode
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient
from typer.core import TyperGroup
from typer.main import get_command

from app.commands.lenet import lenet
from docs.render_steps import SHOWN, sheets, two_in_the_shadow
from tests.doc_pages import PAGES, ROOT, blocks, first_column
from training.__main__ import main

SEVEN = ROOT / "docs" / "examples" / "seven.png"
READERS_OWN = "photo.jpg"  # the tutorial has its reader take one
LOCAL = "http://127.0.0.1:8000"

ALL = "\n".join(PAGES.values())
SHELL = [line for page in PAGES for block in blocks(page, "sh") for line in block.splitlines()]
CURL = sorted({line for line in SHELL if line.startswith("curl ")})
PYTHON_M = sorted(set(re.findall(r"\bpython -m ([\w.]+)([^`\n#]*)", ALL)))
LENET = sorted(set(re.findall(r"(?:^|`|=\S+ )lenet ([a-z]+)\b([^`\n#]*)", ALL, re.M)))


def anchors(page: str) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"^#+ (.*)$", page, re.M)}


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_to_a_file_and_a_heading(name: str) -> None:
    for link in re.findall(r"\]\((?!https?://)([^)\s]+)\)", PAGES[name]):
        path, _, anchor = link.partition("#")
        target = (ROOT / name).parent / path if path else ROOT / name
        assert target.exists(), link
        assert not anchor or anchor in anchors(target.read_text()), link


@pytest.mark.parametrize("name", PAGES)
def test_every_file_in_backticks_is_there(name: str) -> None:
    paths = re.findall(r"`((?:app|benchmarks|docs|tests|training)/[\w./-]+)`", PAGES[name])
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_every_page_is_in_the_index() -> None:
    links = re.findall(r"\]\(([^)]+)\)", PAGES["docs/README.md"])
    assert sorted(f"docs/{link}" for link in links) == sorted(
        {name for name in PAGES if name.startswith("docs/")} - {"docs/README.md"}
    )


def test_make_has_the_targets_that_the_docs_name() -> None:
    printed = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    targets = set(re.findall(r"^ +make ([\w-]+) ", printed, re.M))
    named = set(
        re.findall(r"`(?:\w+=\S+ )*make ([\w-]+)", ALL)
        + re.findall(r"^(?:\w+=\S+ )*make ([\w-]+)", "\n".join(SHELL), re.M)
    )
    assert named <= targets
    assert {f"make {target}" for target in targets} == set(
        first_column(PAGES["docs/reference/commands.md"], "| command |")
    )


@cache
def options_of(module: str, command: str) -> set[str]:
    """The options of a command line: as printed by the help of `training`, as written in the source of a benchmark."""
    if module != "training":
        source = (ROOT / Path(*module.split("."))).with_suffix(".py").read_text()
        return set(re.findall(r'add_argument\("(--[\w-]+)"', source))
    with contextlib.redirect_stdout(io.StringIO()) as printed, pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    return set(re.findall(r"(--[\w-]+)", printed.getvalue())) - {"--help"}


@pytest.mark.parametrize(("module", "rest"), PYTHON_M)
def test_python_finds_the_modules_that_the_docs_run_and_they_have_the_options(module: str, rest: str) -> None:
    assert find_spec(module)
    words = rest.split()
    if module.startswith(("training", "benchmarks")) and words and words[0] != ":":
        assert {word for word in words if word.startswith("--")} <= options_of(module, words[0])


def lenet_options(*words: str) -> set[str]:
    """The options of the command that these words name; raises `KeyError` when there is none."""
    command = get_command(lenet)
    for word in words:
        assert isinstance(command, TyperGroup)
        command = command.commands[word]
    return {name for parameter in command.params for name in parameter.opts if name.startswith("--")}


@pytest.mark.parametrize(("command", "rest"), LENET)
def test_the_commands_of_lenet_that_the_docs_name_are_there_and_have_the_options(command: str, rest: str) -> None:
    words = rest.split()
    named = [command, *words[:1]] if command == "keys" else [command]
    assert {word for word in words if word.startswith("--")} <= lenet_options(*named)


@pytest.mark.parametrize(("heading", "command"), [("predict", "predict"), ("bulk INPUT OUTPUT", "bulk")])
def test_the_reference_has_every_option_of_lenet(heading: str, command: str) -> None:
    page = PAGES["docs/reference/commands.md"].split(f"### lenet {heading}\n")[1]
    assert set(first_column(page, "| option |")) == lenet_options(command)


def test_the_reference_has_every_command_of_lenet() -> None:
    page = PAGES["docs/reference/commands.md"]
    group = get_command(lenet)
    assert isinstance(group, TyperGroup)
    assert re.findall(r"^### lenet (\w+)", page, re.M) == list(group.commands)


@pytest.mark.parametrize("command", ["fit", "evaluate", "export"])
def test_the_reference_has_every_option_of_training(command: str) -> None:
    page = PAGES["docs/reference/commands.md"].split(f"### python -m training {command}\n")[1]
    assert set(first_column(page, "| option |")) == options_of("training", command)


def test_every_benchmark_is_in_the_guide() -> None:
    commands = first_column(PAGES["docs/how-to/measure.md"], "| command |")
    assert sorted(command.split()[2] for command in commands) == sorted(
        f"benchmarks.{path.stem}" for path in (ROOT / "benchmarks").glob("*.py") if "__main__" in path.read_text()
    )


def curl(client: TestClient, line: str) -> httpx2.Response:
    """Send what curl would send; an option that is not listed here fails."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("-F", dest="fields", action="append", default=[])
    parser.add_argument("-H", dest="headers", action="append", default=[])
    parser.add_argument("-I", dest="head", action="store_true")
    parser.add_argument("--data-binary", dest="body")
    parser.add_argument("-d", dest="text")
    line = re.sub(r"\$\(base64 -w0 (\S+)\)", lambda found: b64encode((ROOT / found[1]).read_bytes()).decode(), line)
    options = parser.parse_args(shlex.split(line, comments=True)[1:])

    def content(at_path: str) -> bytes:
        assert at_path.startswith("@")
        return (SEVEN if at_path[1:] == READERS_OWN else ROOT / at_path[1:]).read_bytes()

    assert options.url.startswith(f"{LOCAL}/")
    return client.request(
        "HEAD" if options.head else "POST" if options.fields or options.body or options.text else "GET",
        options.url,
        files=[(name, content(value)) for name, value in (field.split("=") for field in options.fields)],
        content=content(options.body) if options.body else options.text,
        headers=dict(header.split(": ") for header in options.headers),
    )


@pytest.mark.parametrize("line", CURL)
def test_curl_is_answered(robust_client: TestClient, line: str) -> None:
    assert curl(robust_client, line).is_success


def test_the_readme_prints_the_true_answer(robust_client: TestClient) -> None:
    [line] = [line for line in blocks("README.md", "sh") if line.startswith("curl ")]
    [promised] = blocks("README.md", "json")
    assert curl(robust_client, line).text == promised.strip()


def test_the_tutorial_tells_the_true_answers(robust_client: TestClient) -> None:
    [promised] = blocks("docs/tutorial.md", "json")
    answer = curl(robust_client, f"curl -F file=@docs/examples/seven.png {LOCAL}/predict").json()
    assert json.loads(promised).items() <= answer.items()
    assert curl(robust_client, f"curl -F file=@docs/examples/2026.jpg {LOCAL}/read").json()["text"] == "2026"
    several = curl(robust_client, f"curl -F file=@docs/examples/2026.jpg {LOCAL}/predict").json()
    assert several["unsure"]
    assert "several_objects" in several["warnings"]


def test_the_picture_of_the_steps_can_be_drawn() -> None:
    assert len(sheets(two_in_the_shadow())) == 1 + len(SHOWN)
