"""`lenet model`."""

import json

import pytest
from typer.testing import CliRunner

from app.commands.lenet import lenet
from app.lenet.network import artifact


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("LENET_MODEL", "robust")
    return CliRunner()


def test_the_card_as_people_read_it(run: CliRunner) -> None:
    result = run.invoke(lenet, ["model"])
    assert result.exit_code == 0
    facts, digits, reliability = result.stdout.split("\n\n")
    assert "accuracy      99.49%" in facts.splitlines()
    assert "sure          of 87.0%, with 0.50% of those wrong" in facts
    assert digits.splitlines()[5].split() == ["4", "0.9909", "0.9980", "0.9944", "982", "9", "(2)"]
    assert reliability.splitlines()[-1].split()[2] == "9,843"


def test_weights_without_thresholds(run: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_MODEL", "notebook")
    assert "unsure        only of blank pictures" in run.invoke(lenet, ["model"]).stdout.splitlines()


def test_the_json_is_the_whole_card(run: CliRunner) -> None:
    result = run.invoke(lenet, ["model", "--json"])
    assert json.loads(result.stdout) == json.loads((artifact.SHIPPED / "robust.json").read_text())
