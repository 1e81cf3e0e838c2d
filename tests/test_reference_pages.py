"""The tables and drawings of the documentation hold what the code does, and all of it."""

import inspect
import re
from collections.abc import Collection
from pathlib import Path
from typing import get_args

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.api.openapi import error_table
from app.api.schemas import Prediction, PreprocessingReport
from app.lenet.canonical.canonical_form import DIGIT_STEPS
from app.lenet.network.card import Calibration, Card, Scores
from app.lenet.vocabulary import PictureWarning, RemovedKind, UnsureReason
from app.settings import Settings
from tests.doc_pages import PAGES, ROOT, first_column, section

HTTP = "docs/reference/http.md"
ARTIFACT = "docs/reference/artifact.md"
DESIGN = "docs/design.md"


def test_every_setting_is_there_with_its_default() -> None:
    rows = re.findall(r"^\| (`LENET_.*?) \| (.*?) \|", PAGES["docs/reference/settings.md"], re.M)
    documented = {
        name: default
        for names, defaults in rows
        for name, default in zip(re.findall(r"`(\w+)`", names), defaults.split(", "), strict=True)
    }
    actual = {variable: Settings.model_fields[name].default for name, variable in Settings.variables().items()}
    assert documented.keys() == actual.keys()
    for name, default in actual.items():
        assert documented[name] == (f"{default:g}" if isinstance(default, float) else str(default).lower()), name


def test_every_error_is_there() -> None:
    assert error_table() in section(HTTP, "## Errors")


def test_every_route_is_there(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    routes = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert set(re.findall(r"`((?:GET|POST) /[\w/{}]*)`", PAGES[HTTP])) == routes
    assert set(first_column(PAGES["README.md"], "| route |")) <= routes | {"GET /docs", "POST /v2/models/robust/infer"}


def test_every_field_of_a_prediction_is_there() -> None:
    fields = Prediction.model_fields.keys() - {"preprocessing"}
    nested = {f"preprocessing.{name}" for name in PreprocessingReport.model_fields}
    assert set(first_column(PAGES[HTTP], "| field |")) == fields | nested


@pytest.mark.parametrize(
    ("header", "vocabulary"),
    [("`reasons`", UnsureReason), ("`preprocessing.removed`", RemovedKind), ("`warnings`", PictureWarning)],
)
def test_every_word_of_the_closed_vocabularies_is_there(header: str, vocabulary: object) -> None:
    literal, _ = get_args(vocabulary)
    assert first_column(PAGES[HTTP], f"| {header} | meaning |") == list(get_args(literal))


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("## The card", {field.alias or name for name, field in Card.model_fields.items()}),
        ("### Scores", Scores.model_fields),
        ("### Certainty", Calibration.model_fields),
    ],
)
def test_every_key_of_the_card_is_there(heading: str, keys: Collection[str]) -> None:
    assert set(first_column(section(ARTIFACT, heading), "| key |")) == set(keys)


def test_the_steps_of_the_canonical_form_are_there_in_order() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\w+\.py)` \|", PAGES["docs/explanation/canonical-form.md"], re.M)
    assert rows == [(step.__name__, Path(inspect.getfile(step)).name) for step in DIGIT_STEPS]


def test_the_design_draws_the_chain_of_layers(client: TestClient) -> None:
    assert isinstance(client.app, FastAPI)
    chain = ", ".join(str(getattr(layer.cls, "__name__", layer)) for layer in client.app.user_middleware)
    assert f"<br>{chain}<br>" in PAGES[DESIGN].replace('"]', "<br>")


def test_the_design_draws_the_tree_as_it_is() -> None:
    tree = section(DESIGN, "## The tree").split("```")[1]
    drawn: list[Path] = []
    for indent, name in re.findall(r"^( *)([\w./]+)  ", tree, re.M):
        depth = len(indent) // 2
        parents = [path for path in drawn if len(path.parts) == depth]
        drawn.append(parents[-1] / name if parents else Path(name))
    packages = {
        path.parent.relative_to(ROOT) for top in ("app", "training") for path in (ROOT / top).rglob("__init__.py")
    }
    assert [path for path in drawn if not (ROOT / path).exists()] == []
    assert packages <= set(drawn)
