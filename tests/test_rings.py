"""Imports point one way: which room may import which, checked for every import of `app` and `training`."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Each room and the rooms that it may import; a room is a package, or a module beside packages. Order: inside out.
MAY_IMPORT: dict[str, set[str]] = {
    # The inner ring. What has no room of its own there (box, image_types, vocabulary) is `app.lenet`.
    "app.lenet": set(),
    "app.lenet.decoding": {"app.lenet"},
    "app.lenet.canonical": {"app.lenet"},
    "app.lenet.network": {"app.lenet"},
    "app.lenet.inference": {
        "app.lenet",
        "app.lenet.decoding",
        "app.lenet.canonical",
        "app.lenet.network",
    },
    "app.lenet.reading": {"app.lenet", "app.lenet.canonical", "app.lenet.inference", "app.lenet.network"},
    # The service around it.
    "app": set(),
    "app.errors": {"app.lenet.decoding"},
    "app.environment": set(),
    "app.observability": set(),
    "app.runtime": {"app.errors", "app.observability"},
    "app.uploads": {"app.errors", "app.observability", "app.runtime"},
    "app.settings": {
        "app.environment",
        "app.lenet",
        "app.lenet.decoding",
        "app.lenet.network",
        "app.observability",
        "app.runtime",
        "app.uploads",
    },
    "app.pictures": {
        "app.errors",
        "app.lenet",
        "app.lenet.decoding",
        "app.lenet.inference",
        "app.observability",
        "app.runtime",
    },
    "app.recogniser": {
        "app.errors",
        "app.lenet",
        "app.lenet.decoding",
        "app.lenet.inference",
        "app.lenet.network",
        "app.lenet.reading",
        "app.observability",
        "app.pictures",
        "app.runtime",
        "app.settings",
    },
    "app.service": {
        "app.errors",
        "app.lenet",
        "app.lenet.decoding",
        "app.lenet.inference",
        "app.lenet.network",
        "app.observability",
        "app.pictures",
        "app.recogniser",
        "app.runtime",
        "app.settings",
    },
    "app.api": {
        "app",
        "app.errors",
        "app.lenet",
        "app.lenet.inference",
        "app.lenet.network",
        "app.lenet.reading",
        "app.observability",
        "app.pictures",
        "app.recogniser",
        "app.service",
        "app.uploads",
    },
    "app.api_keys": set(),
    "app.bulk": {
        "app.errors",
        "app.lenet",
        "app.lenet.decoding",
        "app.lenet.inference",
        "app.lenet.network",
        "app.pictures",
        "app.recogniser",
        "app.settings",
    },
    "app.layers": {"app.api", "app.api_keys", "app.errors", "app.observability"},
    "app.main": {
        "app",
        "app.api",
        "app.api_keys",
        "app.errors",
        "app.layers",
        "app.lenet",
        "app.observability",
        "app.service",
        "app.settings",
    },
    "app.commands": {
        "app",
        "app.api",
        "app.api_keys",
        "app.bulk",
        "app.errors",
        "app.lenet",
        "app.lenet.network",
        "app.main",
        "app.observability",
        "app.runtime",
        "app.recogniser",
        "app.settings",
    },
    "app.__main__": {"app.commands"},
    # Training, which uses the inner ring and nothing else of `app` but its version.
    "training": set(),
    "training.data": {"app.lenet.inference", "app.lenet.network"},
    "training.synthesis": {"app.lenet", "app.lenet.canonical", "training.data"},
    "training.recipes": {"app.lenet.network", "training.synthesis"},
    "training.evaluation": {
        "app.lenet",
        "app.lenet.decoding",
        "app.lenet.inference",
        "app.lenet.network",
        "app.lenet.reading",
        "training.data",
    },
    "training.fitting": {
        "app.lenet.canonical",
        "app.lenet.inference",
        "app.lenet.network",
        "app.lenet.reading",
        "training.data",
        "training.evaluation",
        "training.recipes",
        "training.synthesis",
    },
    "training.export": {
        "app",
        "app.lenet",
        "app.lenet.inference",
        "app.lenet.network",
        "training.data",
        "training.evaluation",
        "training.fitting",
        "training.recipes",
    },
    "training.reports": {
        "app.lenet.network",
        "training.data",
        "training.evaluation",
    },
    "training.pipeline": {
        "app.lenet.inference",
        "app.lenet.network",
        "training.data",
        "training.evaluation",
        "training.export",
        "training.fitting",
        "training.recipes",
        "training.reports",
    },
    "training.compare": {
        "app.lenet.network",
        "training.data",
        "training.evaluation",
        "training.pipeline",
        "training.recipes",
        "training.reports",
    },
    "training.__main__": {
        "app.lenet.decoding",
        "app.lenet.inference",
        "app.lenet.network",
        "app.lenet.reading",
        "training.compare",
        "training.data",
        "training.evaluation",
        "training.export",
        "training.fitting",
        "training.pipeline",
        "training.recipes",
        "training.reports",
    },
}

# Packages that a part of the tree must not import, wherever the import stands.
FORBIDDEN = {
    "app/lenet": ("fastapi", "starlette", "uvicorn", "python_multipart", "pydantic_settings"),
    "app": ("torchvision", "torchmetrics", "matplotlib", "scipy", "skimage", "tqdm"),
    "training": ("fastapi", "starlette", "uvicorn"),
}
# Imported only for a card that names AlexNet, as the last test here holds.
EXCEPTION = ("app/lenet/network/alexnet.py", "torchvision.models")


def modules() -> Iterator[tuple[str, Path]]:
    """The dotted name of every module of the two trees, and its file."""
    for tree in ("app", "training"):
        for path in (ROOT / tree).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(modules())


def imported(path: Path) -> Iterator[str]:
    """The names that a file imports; `from a import b` counts as a.b where that is a module, else as a."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else node.module


def room(module: str) -> str:
    """The room of a module: the longest name in the table that it is, or is inside of."""
    return max((name for name in MAY_IMPORT if f"{module}.".startswith(f"{name}.")), key=len)


def test_every_import_between_rooms_is_in_the_table() -> None:
    wrong = {
        f"{module} imports {name}"
        for module, path in MODULES.items()
        for name in imported(path)
        if name in MODULES and room(name) not in MAY_IMPORT[room(module)] | {room(module)}
    }
    assert wrong == set()


def test_the_table_permits_nothing_that_no_import_needs() -> None:
    needed = {
        (room(module), room(name)) for module, path in MODULES.items() for name in imported(path) if name in MODULES
    }
    assert {(one, other) for one, others in MAY_IMPORT.items() for other in others} <= needed


def test_no_rooms_import_each_other() -> None:
    assert list(TopologicalSorter(MAY_IMPORT).static_order())  # raises CycleError otherwise


def test_every_room_is_there_and_says_what_it_is_for() -> None:
    for name in MAY_IMPORT:
        assert ast.get_docstring(ast.parse(MODULES[name].read_text())), name


@pytest.mark.parametrize("tree", FORBIDDEN)
def test_the_trees_do_without_the_packages_of_others(tree: str) -> None:
    found = {
        (str(path.relative_to(ROOT)), name)
        for path in (ROOT / tree).rglob("*.py")
        for name in imported(path)
        if name.split(".")[0] in FORBIDDEN[tree]
    }
    assert found - {EXCEPTION} == set()


def test_the_service_runs_without_what_training_needs() -> None:
    program = """
import sys
others = "torchvision torchmetrics matplotlib scipy tqdm onnx onnxscript daft pyarrow training"
for name in others.split():
    sys.modules[name] = None  # makes any import of it fail
from app.main import create_app
from app.settings import Settings
assert create_app(Settings(model="notebook", device="cpu")).state.operations.service.predictor.answers_reference()
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=60)
