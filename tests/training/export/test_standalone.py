import io
import json
import math
import re
import shutil
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from app.lenet.inference.input_tensor import resize_squares
from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from app.lenet.network.artifact import Artifact
from app.lenet.network.onnx_runtime import onnxruntime
from training.data.mnist import Mnist
from training.export.standalone import (
    FORMATS,
    METADATA_FILE,
    Format,
    StandaloneError,
    StandaloneFile,
    card_metadata,
    check,
    export_standalone,
    require_packages,
)

ROOT = Path(__file__).parents[3]

Files = dict[Format, StandaloneFile]


@pytest.fixture(scope="module")
def shipped() -> Artifact:
    return artifact.load(artifact.SHIPPED / "robust.safetensors")


@pytest.fixture(scope="module")
def files(shipped: Artifact, mnist: Mnist, tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Standalone files of `robust` in each format, checked on all test digits."""
    folder = tmp_path_factory.mktemp("exports") / "new"
    return {form: export_standalone(shipped, form, mnist.test, folder) for form in FORMATS}


def stored_metadata(exported: StandaloneFile) -> dict[str, object]:
    if exported.path.suffix == ".onnx":
        return {prop.key: json.loads(prop.value) for prop in onnx.load(exported.path).metadata_props}
    extra = {METADATA_FILE: ""}
    torch.export.load(exported.path, extra_files=extra)
    found: dict[str, object] = json.loads(extra[METADATA_FILE])
    return found


def test_each_format_is_one_file_that_answers_as_the_service(files: Files) -> None:
    assert {form: exported.path.name for form, exported in files.items()} == {
        "onnx": "robust.onnx",
        "pt2": "robust.pt2",
    }
    [folder] = {exported.path.parent for exported in files.values()}
    assert sorted(path.name for path in folder.iterdir()) == ["robust.onnx", "robust.pt2"]
    assert all(exported.difference < 1e-4 for exported in files.values())


@pytest.mark.parametrize("form", FORMATS)
def test_the_file_holds_the_metadata(files: Files, shipped: Artifact, form: Format) -> None:
    card, found = shipped.card, stored_metadata(files[form])
    assert card.calibration
    assert found == card_metadata(card)
    assert {name: found[name] for name in ("name", "weights_sha256", "class_names", "size", "mean", "std")} == {
        "name": "robust",
        "weights_sha256": card.weights_sha256,
        "class_names": list("0123456789"),
        "size": 32,
        "mean": 0.1307,
        "std": 0.3081,
    }
    assert found["temperature"] == card.calibration.temperature
    assert (found["least_confidence"], found["least_energy"]) == (
        card.calibration.least_confidence,
        card.calibration.least_energy,
    )


def test_without_calibration_the_metadata_has_no_thresholds(notebook: Predictor) -> None:
    metadata = card_metadata(notebook.card)
    assert [metadata[name] for name in ("temperature", "least_confidence", "least_energy")] == [None] * 3


def test_a_single_picture_gets_the_services_probabilities(files: Files, robust: Predictor, mnist: Mnist) -> None:
    session = onnxruntime.InferenceSession(files["onnx"].path)
    module = torch.export.load(files["pt2"].path).module()
    digit = mnist.test.images[8]  # a five with a low confidence
    pixels = resize_squares(digit[None], 32)[None].copy()
    [expected] = robust.predict([digit])
    assert 0.5 < expected.confidence < 0.999
    _, by_onnx = session.run(None, {"pixels": pixels})
    _, by_pt2 = module(torch.from_numpy(pixels))
    assert by_onnx[0].tolist() == pytest.approx(expected.probabilities, abs=2e-6)
    assert by_pt2[0].tolist() == pytest.approx(expected.probabilities, abs=2e-6)


def test_the_onnx_graph_is_valid_with_a_dynamic_batch_size(files: Files) -> None:
    model = onnx.load(files["onnx"].path)
    onnx.checker.check_model(model, full_check=True)
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 18)]
    shapes = {
        value.name: [dim.dim_param or dim.dim_value for dim in value.type.tensor_type.shape.dim]
        for value in (*model.graph.input, *model.graph.output)
    }
    assert shapes == {"pixels": ["batch", 1, 32, 32], "logits": ["batch", 10], "probabilities": ["batch", 10]}


@pytest.mark.parametrize("form", FORMATS)
def test_the_file_holds_no_local_paths(files: Files, form: Format) -> None:
    content = files[form].path.read_bytes()
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            content = b"".join(archive.read(name) for name in archive.namelist())
    assert b"conv1" in content
    for path in (ROOT, sys.prefix):
        assert str(path).encode() not in content
    assert b".py" not in content


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_with_other_answers_fails_the_check(files: Files, mnist: Mnist, form: Format) -> None:
    other = artifact.load(artifact.SHIPPED / "notebook.safetensors")
    says = rf"the {form} file does not answer as notebook: [1-9]\d* of 10,000 answers differ, logits by up to \d"
    with pytest.raises(StandaloneError, match=says):
        check(files[form].path, form, other, mnist.test)


def test_other_probabilities_fail_the_check(files: Files, few: Mnist, shipped: Artifact) -> None:
    uncalibrated = replace(shipped, card=shipped.card.model_copy(update={"calibration": None}))
    with pytest.raises(StandaloneError, match=r": 0 of 256 answers differ, logits by up to \S+e-0\d, probabilities by"):
        check(files["onnx"].path, "onnx", uncalibrated, few.test)


@pytest.mark.parametrize("form", FORMATS)
def test_a_failed_check_replaces_no_file(shipped: Artifact, few: Mnist, tmp_path: Path, form: Format) -> None:
    broken = replace(shipped, tensors=shipped.tensors | {"fc2.bias": np.full(10, math.nan, np.float32)})
    for before in ([], [f"robust.{form}"]):
        for name in before:
            (tmp_path / name).write_text("an older file")
        with pytest.raises(StandaloneError, match="logits by up to nan"):
            export_standalone(broken, form, few.test, tmp_path)
        assert [path.name for path in tmp_path.iterdir()] == before
    assert (tmp_path / f"robust.{form}").read_text() == "an older file"


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    require_packages("onnx")
    for name in ("onnx", "onnxscript"):
        monkeypatch.setitem(sys.modules, name, None)
    require_packages("pt2")
    with pytest.raises(StandaloneError, match="need onnx, onnxscript, not installed here: pip install"):
        require_packages("onnx")


def test_alexnet_can_be_exported_too(alexnet_weights: Path, few: Mnist, tmp_path: Path) -> None:
    exported = export_standalone(artifact.load(alexnet_weights), "onnx", few.test, tmp_path)
    try:
        session = onnxruntime.InferenceSession(exported.path)
        assert session.get_inputs()[0].shape == ["batch", 1, 63, 63]
        metadata = session.get_modelmeta().custom_metadata_map
        assert (metadata["architecture"], metadata["size"]) == ('"alexnet"', "63")
    finally:
        exported.path.unlink()  # 228 MB


def test_the_programs_in_the_docs_run(
    files: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    shutil.copytree(files["onnx"].path.parent, tmp_path / "exports")
    monkeypatch.chdir(tmp_path)
    page = (ROOT / "docs" / "how-to" / "export.md").read_text()
    by_onnx, by_pt2 = re.findall(r"^```python\n(.*?)^```$", page, re.M | re.S)
    exec(by_onnx, {})  # noqa: S102
    assert capsys.readouterr().out == "7 sure\n"
    names: dict[str, object] = {}
    exec(by_pt2, names)  # noqa: S102
    probabilities = names["probabilities"]
    assert isinstance(probabilities, torch.Tensor)
    assert np.isclose(probabilities.sum().item(), 1)
