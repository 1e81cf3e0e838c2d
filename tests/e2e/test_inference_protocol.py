"""Triton's own client speaks to the service over the Open Inference Protocol."""

import subprocess
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

from app.lenet.network import artifact
from tests.doc_pages import ROOT, blocks
from tests.image_files import encoded
from tests.mnist_sample import MnistSample
from tests.serving import serving, workers_of

CARD = artifact.load_card(artifact.SHIPPED / "robust.safetensors")
MODEL = CARD.name


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[subprocess.Popen[str], str]]:
    with serving(LENET_MODEL=MODEL, LENET_WORKERS="2") as started:
        yield started


@pytest.fixture
def triton(server: tuple[subprocess.Popen[str], str]) -> Iterator[Any]:
    with InferenceServerClient(server[1].removeprefix("http://"), concurrency=4) as client:
        yield client


def image(pixels: NDArray[np.uint8], *, binary: bool) -> Any:
    tensor = InferInput("image", pixels.shape, "UINT8")
    return tensor.set_data_from_numpy(pixels, binary_data=binary)


def files(contents: list[bytes]) -> Any:
    return InferInput("file", [len(contents)], "BYTES").set_data_from_numpy(np.array(contents, object))


def test_the_client_sees_a_server_that_is_ready(triton: Any) -> None:
    assert triton.is_server_live()
    assert triton.is_server_ready()
    assert triton.is_model_ready(MODEL)
    assert triton.is_model_ready(MODEL, CARD.short_hash)
    assert not triton.is_model_ready("lenet")
    assert triton.get_server_metadata()["extensions"] == ["binary_tensor_data"]


def test_the_metadata_is_enough_to_ask(triton: Any, sample: MnistSample) -> None:
    metadata = triton.get_model_metadata(MODEL)
    tensor = next(tensor for tensor in metadata["inputs"] if tensor["datatype"] == "UINT8")
    digits = sample.images[:5]
    pixels = InferInput(tensor["name"], digits.shape, tensor["datatype"]).set_data_from_numpy(digits)
    result = triton.infer(metadata["name"], [pixels], model_version=metadata["versions"][0])
    for output in metadata["outputs"]:
        found = result.as_numpy(output["name"])
        assert [size for size in output["shape"][1:] if size != -1] == list(found.shape[1:])
        assert found.shape[0] == 5


@pytest.mark.parametrize("binary_input", [False, True])
@pytest.mark.parametrize("binary_output", [False, True])
@pytest.mark.parametrize("axes", [3, 4])
def test_tensors_go_both_ways(
    triton: Any, sample: MnistSample, binary_input: bool, binary_output: bool, axes: int
) -> None:
    digits = sample.images[10:74] if axes == 3 else sample.images[10:74, np.newaxis]
    wanted = [InferRequestedOutput(name, binary_data=binary_output) for name in ("unsure", "probabilities", "digit")]
    result = triton.infer(MODEL, [image(digits, binary=binary_input)], outputs=wanted, request_id="64 digits")
    response = result.get_response()
    assert (response["model_name"], response["model_version"]) == (MODEL, CARD.short_hash)
    assert response["id"] == "64 digits"
    assert result.as_numpy("digit").tolist() == sample.labels[10:74]
    probabilities = result.as_numpy("probabilities")
    assert (probabilities.shape, probabilities.dtype) == ((64, 10), np.float32)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(64), abs=1e-5)
    assert (probabilities.argmax(axis=1) == sample.labels[10:74]).all()
    assert (result.as_numpy("unsure").shape, result.as_numpy("unsure").dtype) == ((64,), np.bool_)


def test_files_of_any_format_are_sent_as_bytes(triton: Any, sample: MnistSample) -> None:
    kinds = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
    contents = [encoded(digit, kind) for digit, kind in zip(sample.images, kinds, strict=False)]
    assert triton.infer(MODEL, [files(contents)]).as_numpy("digit").tolist() == sample.labels[: len(kinds)]


def test_a_large_picture_is_answered(triton: Any, sample: MnistSample) -> None:
    page = 255 - np.kron(sample.images[0], np.ones((100, 100), np.uint8))
    assert page.size > 7_000_000
    for binary in (False, True):
        assert triton.infer(MODEL, [image(page[np.newaxis], binary=binary)]).as_numpy("digit") == sample.labels[:1]


def test_two_workers_answer_requests_side_by_side(
    triton: Any, server: tuple[subprocess.Popen[str], str], sample: MnistSample
) -> None:
    assert len(workers_of(server[0].pid)) == 2
    requests = [triton.async_infer(MODEL, [image(sample.images[at : at + 1], binary=True)]) for at in range(10, 70)]
    assert [request.get_result().as_numpy("digit").item() for request in requests] == sample.labels[10:70]


def test_errors_reach_the_client_with_status_and_code(triton: Any, sample: MnistSample) -> None:
    digits = sample.images
    for name, tensor, status, code in (
        ("lenet", image(digits[:1], binary=True), "404", "unknown_model"),
        (MODEL, files([encoded(digits[0]), b"seven"]), "415", "not_an_image: file[1]"),
        (MODEL, image(digits[0], binary=True), "422", "invalid_tensor: image: the shape"),
        (MODEL, image(digits[:65], binary=False), "413", "too_many_files"),
    ):
        with pytest.raises(InferenceServerException) as refused:
            triton.infer(name, [tensor])
        assert refused.value.status() == status
        assert refused.value.message().startswith(code)
    with pytest.raises(InferenceServerException, match="unsupported_content_type"):
        triton.infer(MODEL, [image(digits[:1], binary=True)], request_compression_algorithm="gzip")


def test_the_program_in_the_guide_recognises_the_seven(
    server: tuple[subprocess.Popen[str], str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [program] = blocks("docs/how-to/inference-protocol.md", "python")
    monkeypatch.chdir(ROOT)
    exec(program.replace("127.0.0.1:8000", server[1].removeprefix("http://")), {})  # noqa: S102
    assert capsys.readouterr().out.split() == ["False", "7"]
