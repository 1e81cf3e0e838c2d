import base64
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from app import __version__
from app.api_keys import key_line, new_key
from app.errors import KINDS
from app.lenet.network import artifact
from app.main import create_app
from app.settings import Settings
from tests.image_files import encoded
from tests.mnist_sample import MnistSample

CARD = artifact.load_card(artifact.SHIPPED / "notebook.safetensors")
INFER = "/v2/models/notebook/infer"
HEADER = "Inference-Header-Content-Length"
CODES = {kind.code: kind.status for kind in KINDS.values()}


def image(pixels: Any, **fields: Any) -> dict[str, Any]:
    pixels = np.asarray(pixels, np.uint8)
    return {"name": "image", "datatype": "UINT8", "shape": pixels.shape, "data": pixels.tolist()} | fields


def file(*contents: bytes, **fields: Any) -> dict[str, Any]:
    data = [base64.b64encode(content).decode() for content in contents]
    return {"name": "file", "datatype": "BYTES", "shape": [len(data)], "data": data} | fields


def infer(client: TestClient, tensor: dict[str, Any], **fields: Any) -> Any:
    return client.post(INFER, json={"inputs": [tensor]} | fields)


def infer_binary(client: TestClient, tensor: dict[str, Any], data: bytes, **fields: Any) -> Any:
    tensor = {key: value for key, value in tensor.items() if key != "data"}
    header = json.dumps({"inputs": [tensor | {"parameters": {"binary_data_size": len(data)}}]} | fields).encode()
    return client.post(INFER, content=header + data, headers={HEADER: str(len(header))})


def outputs(response: Any) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    return {output["name"]: output["data"] for output in response.json()["outputs"]}


def refused(response: Any, code: str, *words: str) -> None:
    assert response.status_code == CODES[code], response.text
    [(key, message)] = response.json().items()
    assert key == "error"
    assert message.startswith(f"{code}: ")
    assert all(word in message for word in words), message


def elements(*contents: bytes) -> bytes:
    return b"".join(struct.pack("<I", len(content)) + content for content in contents)


def test_the_server_says_what_it_is(client: TestClient) -> None:
    assert client.get("/v2").json() == {
        "name": "lenet-digits",
        "version": __version__,
        "extensions": ["binary_tensor_data"],
    }
    assert client.get("/v2/health/live").json() == {"live": True}
    assert client.get("/v2/health/ready").json() == {"ready": True}


@pytest.mark.parametrize("path", ["/v2/models/notebook", f"/v2/models/notebook/versions/{CARD.short_hash}"])
def test_the_model_says_what_it_takes_and_gives(client: TestClient, path: str) -> None:
    metadata = client.get(path).json()
    assert (metadata["name"], metadata["versions"]) == ("notebook", [CARD.short_hash])
    assert metadata["platform"] == "onnxruntime_onnx"
    assert [(tensor["name"], tensor["datatype"], tensor["shape"]) for tensor in metadata["inputs"]] == [
        ("image", "UINT8", [-1, -1, -1]),
        ("file", "BYTES", [-1]),
    ]
    assert [(tensor["name"], tensor["datatype"], tensor["shape"]) for tensor in metadata["outputs"]] == [
        ("digit", "INT64", [-1]),
        ("probabilities", "FP32", [-1, 10]),
        ("unsure", "BOOL", [-1]),
    ]
    assert client.get(f"{path}/ready").json() == {"name": "notebook", "ready": True}


def test_files_are_answered_as_predict_does(client: TestClient, sample: MnistSample) -> None:
    files = [encoded(digit, kind) for digit, kind in zip(sample.images, ("PNG", "JPEG", "WEBP"), strict=False)]
    found = outputs(infer(client, file(*files)))
    alone = [client.post("/predict", files={"file": content}).json() for content in files]
    assert found["digit"] == [answer["digit"] for answer in alone] == sample.labels[:3]
    assert found["unsure"] == [answer["unsure"] for answer in alone]
    expected = [probability for answer in alone for probability in answer["probabilities"]]
    assert found["probabilities"] == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize("axes", [3, 4])
@pytest.mark.parametrize("flat", [False, True])
def test_grey_levels_are_answered_as_their_files_are(
    client: TestClient, sample: MnistSample, axes: int, flat: bool
) -> None:
    digits = sample.images[:20]
    tensor = image(digits if axes == 3 else digits[:, np.newaxis])
    tensor |= {"data": digits.ravel().tolist()} if flat else {}
    files = outputs(infer(client, file(*map(encoded, digits))))
    assert outputs(infer(client, tensor)) == files
    assert outputs(infer_binary(client, tensor, digits.tobytes())) == files
    assert files["digit"] == sample.labels[:20]


def test_large_grey_levels_are_brought_to_the_canonical_form(client: TestClient, sample: MnistSample) -> None:
    pages = [255 - np.kron(digit, np.ones((12, 12), np.uint8)) for digit in sample.images[:3]]
    assert outputs(infer(client, image(pages)))["digit"] == sample.labels[:3]


def test_files_may_be_sent_as_binary_data(client: TestClient, sample: MnistSample) -> None:
    files = [encoded(digit) for digit in sample.images[:5]]
    assert outputs(infer_binary(client, file(*files), elements(*files))) == outputs(infer(client, file(*files)))


def test_json_of_a_stated_length_may_hold_the_data(client: TestClient, sample: MnistSample) -> None:
    body = json.dumps({"inputs": [image(sample.images[:1])]}).encode()
    response = client.post(INFER, content=body, headers={HEADER: str(len(body))})
    assert outputs(response)["digit"] == sample.labels[:1]


def test_outputs_may_be_chosen_and_answered_as_binary_data(client: TestClient, sample: MnistSample) -> None:
    tensor = image(sample.images[:7])
    expected = outputs(infer(client, tensor))
    wanted = [{"name": "unsure", "parameters": {"binary_data": True}}, {"name": "digit"}]
    response = infer(client, tensor, outputs=wanted)
    length = int(response.headers[HEADER])
    assert response.headers["content-type"] == "application/octet-stream"
    unsure, digit = json.loads(response.content[:length])["outputs"]
    assert unsure == {"name": "unsure", "datatype": "BOOL", "shape": [7], "parameters": {"binary_data_size": 7}}
    assert list(response.content[length:]) == expected["unsure"]
    assert digit == {"name": "digit", "datatype": "INT64", "shape": [7], "data": expected["digit"]}


def test_all_outputs_may_be_answered_as_binary_data(client: TestClient, sample: MnistSample) -> None:
    tensor = image(sample.images[:7])
    expected = outputs(infer(client, tensor))
    parameters = {"binary_data_output": True}
    response = infer(client, tensor, parameters=parameters)
    binary = response.content[int(response.headers[HEADER]) :]
    assert np.frombuffer(binary[:56], "<i8").tolist() == expected["digit"]
    assert np.frombuffer(binary[56:336], "<f4").tolist() == pytest.approx(expected["probabilities"])
    assert list(binary[336:]) == expected["unsure"]
    unless = infer(
        client, tensor, parameters=parameters, outputs=[{"name": "digit", "parameters": {"binary_data": False}}]
    )
    assert outputs(unless) == {"digit": expected["digit"]}


def test_the_answer_names_its_request_and_its_model(client: TestClient, sample: MnistSample) -> None:
    path = f"/v2/models/notebook/versions/{CARD.short_hash}/infer"
    answer = client.post(path, json={"id": "sieben\u20ac", "inputs": [image(sample.images[:1])]}).json()
    assert (answer["model_name"], answer["model_version"]) == ("notebook", CARD.short_hash)
    assert answer["id"] == "sieben\u20ac"
    assert "id" not in infer(client, image(sample.images[:1])).json()


def test_kserves_client_names_the_model_again(client: TestClient, sample: MnistSample) -> None:
    assert outputs(infer(client, image(sample.images[:1]), model_name="notebook"))["digit"] == sample.labels[:1]


def test_the_preprocessing_is_a_parameter(client: TestClient, sample: MnistSample) -> None:
    tensor = image(255 - sample.images[:1])
    answers = [infer(client, tensor, parameters={"preprocessing": mode}) for mode in ("auto", "plain")]
    assert outputs(answers[0]) == outputs(infer(client, tensor)) != outputs(answers[1])


@pytest.mark.parametrize("name", ["lenet", "notebook/versions/000000000000", f"robust/versions/{CARD.short_hash}"])
@pytest.mark.parametrize("what", ["", "/ready", "/infer"])
def test_other_models_and_versions_are_not_found(client: TestClient, name: str, what: str) -> None:
    method = "POST" if what == "/infer" else "GET"
    refused(client.request(method, f"/v2/models/{name}{what}"), "unknown_model", "notebook", CARD.short_hash)


def test_the_frameworks_errors_have_the_protocols_form(client: TestClient) -> None:
    refused(client.get("/v2/nowhere"), "not_found")
    refused(client.get(INFER), "method_not_allowed")
    refused(client.post(INFER, content=b"{}", headers={HEADER: "-1"}), "invalid_parameter", HEADER)
    assert client.get("/v2models").json()["error"]["code"] == "not_found"


SEVEN = encoded(np.zeros((28, 28), np.uint8))


@pytest.mark.parametrize(
    ("tensor", "code", "words"),
    [
        (image(np.zeros((1, 2, 2)), datatype="FP32"), "invalid_tensor", ["image", "FP32", "UINT8"]),
        (file(SEVEN, datatype="UINT8"), "invalid_tensor", ["file", "UINT8", "BYTES"]),
        (image(np.zeros((1, 2, 2)), name="picture"), "invalid_tensor", ["picture", "image and file"]),
        (image(np.zeros((2, 2))), "invalid_tensor", ["[2, 2]", "[N, H, W]"]),
        (image(np.zeros((1, 3, 2, 2))), "invalid_tensor", ["[1, 3, 2, 2]"]),
        (image(np.zeros((1, 2, 0))), "invalid_tensor", ["at least 1"]),
        (image(np.zeros((0, 2, 2))), "invalid_tensor", ["at least 1"]),
        (image(np.zeros((1, 2, 2)), shape=[1, 7, 9]), "invalid_tensor", ["63 numbers"]),
        (image(np.zeros((1, 2, 2)), shape=[1, 10**6, 10**18]), "file_too_large", []),
        (image(np.zeros((1, 2, 2)), shape=[10**18, 1, 1]), "too_many_files", ["64"]),
        (image(np.zeros((1, 2, 2)), data=[1, 2, 3, 256]), "invalid_tensor", ["0 to 255"]),
        (image(np.zeros((65, 2, 2))), "too_many_files", ["64"]),
        (image(np.zeros((1, 2, 102))), "extreme_aspect", ["image[0]", "102 x 2"]),
        (file(SEVEN, shape=[1, 1]), "invalid_tensor", ["[1, 1]"]),
        (file(SEVEN, shape=[2]), "invalid_tensor", ["2 strings"]),
        (file(SEVEN, data=["not base64"]), "invalid_tensor", ["base64"]),
        (file(*[SEVEN] * 65), "too_many_files", ["64"]),
        (file(SEVEN, b"seven"), "not_an_image", ["file[1]"]),
        (file(SEVEN, SEVEN, b""), "empty_file", ["file[2]"]),
        (file(SEVEN, SEVEN[:45]), "damaged_image", ["file[1]"]),
        (file(SEVEN, bytes(10_000_001)), "file_too_large", ["data[1]", "10,000,000"]),
        (file(encoded(np.zeros((10_000, 5_001), np.uint8))), "too_many_pixels", ["file[0]"]),
        (file(SEVEN, parameters={"binary_data_size": 5}), "malformed_request", ["binary_data_size is 5"]),
        (file(SEVEN, parameters={"binary_data_size": 0}), "invalid_tensor", ["file", "either"]),
        (file(SEVEN, data=True), "invalid_tensor", ["file", "either"]),
        (file(SEVEN, data=7), "malformed_request", ["one input is taken", "one array"]),
        (file(SEVEN, data=None), "invalid_tensor", ["file", "either"]),
        (file(SEVEN, parameters={"shared_memory_region": "x"}), "invalid_parameter", ["shared_memory_region"]),
        ({"name": "file", "datatype": "BYTES", "shape": [1]}, "invalid_tensor", ["either"]),
        ({"name": "file", "datatype": "BYTES", "data": []}, "malformed_request", ["inputs[0].shape"]),
        (file(SEVEN, shape=[True]), "malformed_request", ["inputs[0].shape[0]"]),
    ],
)
def test_other_inputs_are_refused(client: TestClient, tensor: dict[str, Any], code: str, words: list[str]) -> None:
    refused(infer(client, tensor), code, *words)


@pytest.mark.parametrize(
    ("fields", "code", "words"),
    [
        ({"outputs": [{"name": "logits"}]}, "invalid_tensor", ["logits"]),
        ({"outputs": [{"name": "digit"}, {"name": "digit"}]}, "invalid_tensor", ["more than once"]),
        (
            {"outputs": [{"name": "digit", "parameters": {"classification": 3}}]},
            "invalid_parameter",
            ["classification"],
        ),
        ({"parameters": {"preprocessing": "magic"}}, "invalid_parameter", ["preprocessing", "auto"]),
        ({"parameters": {"priority": 1}}, "invalid_parameter", ["priority"]),
        ({"inputs": []}, "malformed_request", ["inputs"]),
        ({"inputs": [image(np.zeros((1, 2, 2)))] * 2}, "malformed_request", ["one input is taken"]),
        ({"id": 42}, "malformed_request", ["id"]),
        ({"model": "notebook"}, "malformed_request", ["model"]),
        ({"model_name": 5}, "malformed_request", ["model_name"]),
    ],
)
def test_other_requests_are_refused(client: TestClient, fields: dict[str, Any], code: str, words: list[str]) -> None:
    refused(infer(client, image(np.zeros((1, 2, 2))), **fields), code, *words)


@pytest.mark.parametrize("body", [b"", b"seven", b"[]", b'{"inputs":', b'{"data":[1]}', b'{"id":"\xff"}', SEVEN])
def test_what_is_no_request_is_malformed(client: TestClient, body: bytes) -> None:
    refused(client.post(INFER, content=body), "malformed_request")


@pytest.mark.parametrize(
    ("tensor", "data", "code", "words"),
    [
        (image(np.zeros((1, 2, 2))), b"123", "invalid_tensor", ["4 bytes", "3 were"]),
        (image(np.zeros((1, 2, 2))), b"12345", "invalid_tensor", ["4 bytes", "5 were"]),
        (file(SEVEN), b"", "invalid_tensor", ["1 elements"]),
        (file(SEVEN), b"\x01", "invalid_tensor", ["element 0"]),
        (file(SEVEN), elements(SEVEN)[:-1], "invalid_tensor", ["element 0"]),
        (file(SEVEN), elements(SEVEN, SEVEN), "invalid_tensor", ["1 elements"]),
        (file(SEVEN, SEVEN), elements(SEVEN), "invalid_tensor", ["2 elements"]),
        (file(SEVEN), elements(bytes(10_000_001)), "file_too_large", ["element 0"]),
        (file(SEVEN, SEVEN), elements(SEVEN, b"seven"), "not_an_image", ["file[1]"]),
    ],
)
def test_other_binary_data_is_refused(
    client: TestClient, tensor: dict[str, Any], data: bytes, code: str, words: list[str]
) -> None:
    refused(infer_binary(client, tensor, data), code, *words)


def test_binary_data_is_where_the_header_says(client: TestClient) -> None:
    body = json.dumps({"inputs": [image(np.zeros((1, 2, 2)))]}).encode()
    for length, more in ((len(body) + 1, b""), (len(body), b"1"), (len(body) - 1, b"")):
        refused(client.post(INFER, content=body + more, headers={HEADER: str(length)}), "malformed_request")


def test_compressed_bodies_are_not_accepted(client: TestClient) -> None:
    response = client.post(INFER, content=b"{}", headers={"Content-Encoding": "gzip"})
    refused(response, "unsupported_content_type", "gzip")


def test_the_limits_are_those_of_the_other_routes() -> None:
    settings = Settings(
        model="notebook", device="cpu", max_batch_bytes=9000, max_file_bytes=600, max_batch_files=3, max_pixels=500
    )
    with TestClient(create_app(settings)) as client:
        refused(infer(client, image(np.zeros((4, 1, 1)))), "too_many_files", "3 pictures")
        refused(infer(client, image(np.zeros((1, 20, 31)))), "file_too_large", "600 bytes")
        refused(infer(client, image(np.zeros((1, 20, 30)))), "too_many_pixels", "500 are")
        refused(infer(client, image(np.zeros((3, 40, 40)))), "request_too_large", "9,000 bytes")
        refused(infer(client, file(bytes(601))), "file_too_large")
        refused(infer_binary(client, file(SEVEN), elements(bytes(601))), "file_too_large")
        assert infer(client, image(np.zeros((1, 20, 20)))).status_code == 200


def test_the_pixels_of_a_batch_are_bounded() -> None:
    with TestClient(create_app(Settings(model="notebook", device="cpu", max_batch_pixels=1000))) as client:
        refused(infer(client, image(np.zeros((3, 20, 20)))), "too_many_batch_pixels", "image[2]", "1,000")
        assert infer(client, image(np.zeros((2, 20, 20)))).status_code == 200


def test_the_bytes_of_a_request_and_of_its_parsed_data_are_held_within_the_budget() -> None:
    body = json.dumps({"inputs": [image(np.zeros((1, 28, 28)))]}).encode()
    for most, status in ((len(body) - 1, 503), (4 * len(body) - 1, 503), (4 * len(body), 200)):
        app = create_app(Settings(model="notebook", device="cpu", max_held_bytes=most))
        with TestClient(app) as client:
            response = client.post(INFER, content=body)
            assert response.status_code == status
            assert app.state.operations.service.memory.held == 0


def test_a_full_line_answers_503_in_the_protocols_form() -> None:
    app = create_app(Settings(model="notebook", device="cpu", max_waiting=0))
    pool = app.state.operations.service._pool
    pool._under_way = pool._most  # every thread is taken
    with TestClient(app) as client:
        response = infer(client, image(np.zeros((1, 28, 28))))
    refused(response, "overloaded")
    assert response.headers["retry-after"] == "1"


def test_a_model_that_answers_wrongly_is_not_ready() -> None:
    app = create_app(Settings(model="notebook", device="cpu", engine="torch"))
    app.state.operations.service.predictor.engine._module.fc2.bias.data.add_(1.0)  # as a fault in memory would
    with TestClient(app) as client:
        for path in ("/v2/health/ready", "/v2/models/notebook/ready"):
            refused(client.get(path), "not_ready")
        assert client.get("/v2/health/live").status_code == 200
        assert client.get("/v2/models/notebook").json()["platform"] == "pytorch_safetensors"


def test_a_defect_is_told_in_the_protocols_form() -> None:
    app = create_app(Settings(model="notebook", device="cpu"))
    app.state.operations.service.predict_batch = None
    with TestClient(app, raise_server_exceptions=False) as client:
        refused(infer(client, image(np.zeros((1, 28, 28)))), "internal_error")


def test_keys_are_asked_for_in_the_protocols_form_behind_a_proxy_too(tmp_path: Path) -> None:
    key, path = new_key(), tmp_path / "keys"
    path.write_text(key_line("triton", key))
    settings = Settings(model="notebook", device="cpu", api_keys_file=path)
    tensor = image(np.zeros((1, 28, 28)))
    with TestClient(create_app(settings), "http://testserver/digits", root_path="/digits") as client:
        refused(infer(client, tensor), "unauthorised")
        refused(client.get("/v2/models/notebook"), "unauthorised")
        assert client.get("/v2/health/ready").json() == {"ready": True}
        client.headers["X-API-Key"] = key
        assert infer(client, tensor).status_code == 200
        refused(client.get("/v2/models/lenet"), "unknown_model")
        refused(client.get("/v2/nowhere"), "not_found", "nothing at /v2/nowhere")
        responses = client.get("/openapi.json").json()["paths"]["/v2/models/{name}/infer"]["post"]["responses"]
    assert responses["401"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/InferenceError"}
