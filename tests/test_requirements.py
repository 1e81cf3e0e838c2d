"""pyproject.toml, constraints.txt and the locks agree, and a lock has what a hash check needs."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
# Each lock, and the requirements that it is for.
LOCKS = {
    "requirements.lock": PROJECT["dependencies"] + EXTRAS["heic"],
    "requirements-torch.lock": PROJECT["dependencies"] + EXTRAS["heic"] + EXTRAS["torch"],
}
TEXTS = {name: (ROOT / name).read_text() for name in LOCKS}


def pins(text: str) -> dict[str, str]:
    return {canonicalize_name(name): version for name, version in re.findall(r"^([\w.-]+)==([^\s;\\]+)", text, re.M)}


CONSTRAINTS = pins((ROOT / "constraints.txt").read_text())
ALL = {
    str(requirement): requirement
    for lines in (PROJECT["dependencies"], *EXTRAS.values())
    for requirement in map(Requirement, lines)
}


@pytest.mark.parametrize("line", ALL)
def test_the_tested_version_is_one_that_the_project_accepts(line: str) -> None:
    requirement = ALL[line]
    version = CONSTRAINTS.get(canonicalize_name(requirement.name))
    assert version is None or requirement.specifier.contains(version)


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_the_tested_versions(name: str) -> None:
    """`make lock` writes it again."""
    locked = pins(TEXTS[name])
    assert {package: CONSTRAINTS.get(package) for package in locked} == locked


@pytest.mark.parametrize(("name", "lines"), LOCKS.items())
def test_a_lock_has_every_dependency_of_its_image_but_torch(name: str, lines: list[str]) -> None:
    wanted = {canonicalize_name(Requirement(line).name) for line in lines} - {"torch"}
    assert wanted <= pins(TEXTS[name]).keys()
    assert "torch" not in pins(TEXTS[name])


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_file_has_its_hash_and_none_its_place(name: str) -> None:
    text = re.sub(r"^#.*\n?", "", TEXTS[name], flags=re.M).strip()
    entries = re.split(r"\n(?=[\w.-]+==)", text)
    assert len(entries) == len(pins(text))
    for entry in entries:
        assert re.fullmatch(r"[\w.-]+==\S+( \\\n    --hash=sha256:[0-9a-f]{64})+", entry.rstrip()), entry


@pytest.mark.parametrize(("name", "hole"), [("python-multipart", "0.0.30"), ("starlette", "1.3.0")])
def test_versions_with_known_holes_are_not_accepted(name: str, hole: str) -> None:
    [requirement] = [one for one in map(Requirement, PROJECT["dependencies"]) if one.name == name]
    assert not requirement.specifier.contains(hole)
