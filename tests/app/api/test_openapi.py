import json
import re
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.errors import KINDS

SNAPSHOT = Path(__file__).parent / "openapi.json"


@pytest.fixture(scope="module")
def document(client: TestClient) -> Any:
    return client.get("/openapi.json").json()


def test_the_document_is_the_one_that_was_reviewed(document: Any) -> None:
    """A change is meant: python -m tests.app.test_openapi writes the snapshot anew."""
    assert document == json.loads(SNAPSHOT.read_text())


def test_operation_ids_are_stable(document: Any) -> None:
    operations = {
        f"{method.upper()} {path}": operation["operationId"]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert operations == {
        "POST /predict": "predict",
        "POST /predict/batch": "predict_batch",
        "POST /read": "read",
        "GET /metrics": "metrics",
        "GET /health": "health",
        "GET /health/live": "health_live",
        "GET /health/ready": "health_ready",
    }


def test_every_route_has_a_summary_and_a_description(document: Any) -> None:
    for methods in document["paths"].values():
        for operation in methods.values():
            assert operation["summary"]
            assert operation["description"]


def test_every_code_is_in_the_document_with_an_example(document: Any) -> None:
    routes = json.dumps(document["paths"])
    for kind in KINDS.values():
        assert f"| {kind.status} | `{kind.code}` | {kind.example} |" in document["info"]["description"]
        if kind.code not in ("not_found", "method_not_allowed"):  # these are of no route
            assert f'"code": "{kind.code}", "message": {json.dumps(kind.example)}' in routes


def test_no_route_promises_the_frameworks_own_error_form(document: Any) -> None:
    assert "HTTPValidationError" not in json.dumps(document)


def test_the_docs_page_needs_no_internet(client: TestClient) -> None:
    for page in ("/docs", "/redoc"):
        html = client.get(page).text
        linked = re.findall(r'(?:src|href)="([^"]+)"', html)
        assert linked
        for address in linked:
            assert address.startswith("/"), address
            assert client.get(address).status_code == 200


if __name__ == "__main__":
    from app.main import create_app
    from app.settings import Settings

    document_now = create_app(Settings(model="notebook", device="cpu")).openapi()
    SNAPSHOT.write_text(json.dumps(document_now, indent=1, sort_keys=True) + "\n")
