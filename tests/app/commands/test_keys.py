"""`lenet keys`."""

from pathlib import Path

from typer.testing import CliRunner

from app.api_keys import ApiKeys
from app.commands.lenet import lenet


def test_a_new_key_opens_what_its_line_guards(tmp_path: Path) -> None:
    result = CliRunner().invoke(lenet, ["keys", "new", "phone"])
    assert result.exit_code == 0
    path = tmp_path / "keys"
    path.write_text(result.stdout)
    assert ApiKeys(path).name_of(result.stderr.split()[-1].encode()) == "phone"


def test_a_bad_name_is_one_line_and_exit_code_1() -> None:
    result = CliRunner().invoke(lenet, ["keys", "new", "my phone"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("lenet: a key's name has letters")
