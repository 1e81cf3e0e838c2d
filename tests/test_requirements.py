"""pyproject.toml, constraints.txt and requirements.lock agree, and the lock has what a hash check needs."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "requirements.lock").read_text()


def pins(text: str) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.M)}


CONSTRAINTS, LOCKED = pins((ROOT / "constraints.txt").read_text()), pins(LOCK)
OF_THE_IMAGE = [Requirement(line) for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["heic"]]
ALL = {
    str(requirement): requirement
    for lines in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for requirement in map(Requirement, lines)
}


@pytest.mark.parametrize("line", ALL)
def test_the_tested_version_is_one_that_the_project_accepts(line: str) -> None:
    requirement = ALL[line]
    version = CONSTRAINTS.get(canonicalize_name(requirement.name))
    assert version is None or requirement.specifier.contains(version)


def test_the_lock_has_the_tested_versions() -> None:
    """`make lock` writes it again."""
    assert {name: CONSTRAINTS.get(name) for name in LOCKED} == LOCKED


def test_the_lock_has_every_dependency_of_the_image_but_torch() -> None:
    wanted = {canonicalize_name(requirement.name) for requirement in OF_THE_IMAGE}
    assert wanted - LOCKED.keys() == {"torch"}


def test_every_locked_file_has_its_hash_and_none_its_place() -> None:
    entries = re.split(r"\n(?=[\w.-]+==)", re.sub(r"^#.*\n", "", LOCK, flags=re.M).strip())
    assert len(entries) == len(LOCKED)
    for entry in entries:
        assert re.fullmatch(r"[\w.-]+==\S+( \\\n    --hash=sha256:[0-9a-f]{64})+", entry.rstrip()), entry


@pytest.mark.parametrize(("name", "hole"), [("python-multipart", "0.0.30"), ("starlette", "1.3.0")])
def test_versions_with_known_holes_are_not_accepted(name: str, hole: str) -> None:
    [requirement] = [one for one in OF_THE_IMAGE if one.name == name]
    assert not requirement.specifier.contains(hole)
