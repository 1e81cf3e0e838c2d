import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from fastapi.testclient import TestClient
from starlette.responses import JSONResponse

from app.errors import KINDS
from app.lenet.vocabulary import PictureWarning, RemovedKind, UnsureReason
from app.main import create_app
from app.settings import Settings

# Of no route, or (unauthorised) only where there are keys.
OF_NO_ROUTE = {"not_found", "method_not_allowed", "header_timeout", "headers_too_large", "unauthorised"}
SNAPSHOT = Path(__file__).parent / "openapi.json"


@pytest.fixture(scope="module")
def document(client: TestClient) -> Any:
    return client.get("/openapi.json").json()


def test_the_document_is_the_one_that_was_reviewed(document: Any) -> None:
    """If a change is intended, `python -m tests.app.api.test_openapi` updates the snapshot."""
    assert document == json.loads(SNAPSHOT.read_text())


def test_it_is_encoded_once_and_as_fastapi_would_below_any_path() -> None:
    app = create_app(Settings(model="notebook", device="cpu"))
    document_of, titles = app.openapi, iter(["first", "second"])
    app.openapi = lambda: document_of() | {"info": {"title": next(titles)}}  # type: ignore[method-assign]
    plain = TestClient(app).get("/openapi.json")
    assert plain.headers["content-type"] == "application/json"
    assert plain.json()["info"] == {"title": "first"}
    for root_path in ("/digits", "/ziffern/ö/"):
        below = TestClient(app, root_path=root_path).get("/openapi.json")
        expected = plain.json() | {"servers": [{"url": root_path.rstrip("/")}]}
        assert below.content == JSONResponse(expected).body


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
        "POST /explain": "explain",
        "GET /metrics": "metrics",
        "GET /model": "model",
        "GET /v2": "v2_server_metadata",
        "GET /v2/health/live": "v2_health_live",
        "GET /v2/health/ready": "v2_health_ready",
        "GET /v2/models/{name}": "v2_model_metadata",
        "GET /v2/models/{name}/versions/{version}": "v2_model_version_metadata",
        "GET /v2/models/{name}/ready": "v2_model_ready",
        "GET /v2/models/{name}/versions/{version}/ready": "v2_model_version_ready",
        "POST /v2/models/{name}/infer": "v2_infer",
        "POST /v2/models/{name}/versions/{version}/infer": "v2_version_infer",
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
    last = document["tags"][-1]
    assert last["name"] == "errors"
    for kind in KINDS.values():
        assert f"| {kind.status} | `{kind.code}` | {kind.example} |" in last["description"]
        if kind.code not in OF_NO_ROUTE:
            envelope = f'"code": "{kind.code}", "message": {json.dumps(kind.example)}'
            assert envelope in routes or json.dumps(f"{kind.code}: {kind.example}") in routes


def test_parameters_are_choices_with_all_their_values(document: Any) -> None:
    parameters = {
        parameter["name"]: parameter["schema"] for parameter in document["paths"]["/predict"]["post"]["parameters"]
    }
    assert parameters["preprocessing"]["enum"] == ["auto", "plain"]
    assert parameters["include"]["enum"] == ["image"]
    assert "anyOf" not in parameters["include"]


def test_the_closed_vocabularies_are_listed(document: Any) -> None:
    schemas = document["components"]["schemas"]
    for schema, name, vocabulary in (
        ("Prediction", "reasons", UnsureReason),
        ("Prediction", "warnings", PictureWarning),
        ("PreprocessingReport", "removed", RemovedKind),
    ):
        literal, _ = get_args(vocabulary)
        assert schemas[schema]["properties"][name]["items"]["enum"] == list(get_args(literal))


def test_a_batch_has_at_least_one_picture(document: Any) -> None:
    content = document["paths"]["/predict/batch"]["post"]["requestBody"]["content"]
    assert content["multipart/form-data"]["schema"]["properties"]["file"]["minItems"] == 1


def test_the_examples_of_a_request_for_inference_are_answered(document: Any, client: TestClient) -> None:
    for version in ("", "/versions/{version}"):
        content = document["paths"][f"/v2/models/{{name}}{version}/infer"]["post"]["requestBody"]["content"]
        for example in content["application/json"]["examples"].values():
            answer = client.post("/v2/models/notebook/infer", json=example["value"]).json()
            assert next(output["data"] for output in answer["outputs"] if output["name"] == "digit") == [7]


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
    document_now = create_app(Settings(model="notebook", device="cpu")).openapi()
    SNAPSHOT.write_text(json.dumps(document_now, indent=1, sort_keys=True) + "\n")
