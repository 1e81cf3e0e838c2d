"""`lenet check`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.commands.lenet import lenet
from app.lenet.network import artifact


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("LENET_DEVICE", "cpu")
    monkeypatch.setenv("LENET_MODEL", "notebook")
    return CliRunner()


def test_tells_what_the_service_would_run_with(run: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_WORKERS", "3")
    monkeypatch.setenv("LENET_MAX_WAITING", "77")
    result = run.invoke(lenet, ["check"])
    assert result.exit_code == 0
    rows = dict(line.split(maxsplit=1) for line in result.stdout.splitlines() if not line.startswith("each"))
    assert rows["model"].startswith("notebook (")
    assert (rows["engine"], rows["device"]) == ("onnx", "cpu")
    assert rows["CPUs"].endswith(" for 3 workers")
    assert "77 waiting requests" in result.stdout
    assert result.stdout.splitlines()[-1] == "The model answers its reference digit."


def test_weights_that_answer_wrongly_are_one_line_and_exit_code_1(
    run: CliRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    shipped = artifact.SHIPPED / "notebook.safetensors"
    card = artifact.load_card(shipped)
    other = card.reference.model_copy(update={"digit": (card.reference.digit + 1) % 10})
    path = artifact.save(shipped.read_bytes(), card.model_copy(update={"reference": other}), tmp_path)
    monkeypatch.setenv("LENET_MODEL", str(path))
    result = run.invoke(lenet, ["check"])
    assert result.exit_code == 1
    assert result.stderr == "lenet: the model does not answer its reference digit as it should\n"


def test_a_wrong_setting_is_one_line_and_exit_code_1(run: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_PORT", "many")
    result = run.invoke(lenet, ["check"])
    assert result.exit_code == 1
    [line] = result.stderr.splitlines()
    assert "LENET_PORT=many" in line
