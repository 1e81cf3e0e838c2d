import hashlib
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from numpy.typing import NDArray

from app.lenet.network import artifact
from app.lenet.network.artifact import ArtifactError
from app.lenet.network.card import Card


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the shipped artifact; its weights' path."""
    for name in ("notebook.safetensors", "notebook.onnx", "notebook.json"):
        shutil.copy(artifact.SHIPPED / name, tmp_path)
    return tmp_path / "notebook.safetensors"


def rewrite(path: Path, tensors: dict[str, NDArray[np.float32]], **card: object) -> None:
    """Put other tensors and card fields in place, with a hash that fits."""
    weights = safetensors.numpy.save(tensors)
    fields = artifact.load_card(path).model_copy(update={"weights_sha256": hashlib.sha256(weights).hexdigest(), **card})
    artifact.save(weights, fields, path.parent)


def test_saved_artifacts_load_again_unchanged(copied: Path, tmp_path: Path) -> None:
    original = artifact.load(copied)
    again = artifact.load(artifact.save(copied.read_bytes(), original.card, tmp_path / "new", original.graph()))
    assert again.card == original.card
    assert all(np.array_equal(again.tensors[name], tensor) for name, tensor in original.tensors.items())
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [
        "notebook.json",
        "notebook.onnx",
        "notebook.safetensors",
    ]


def test_a_graph_that_is_not_the_cards_is_refused(copied: Path) -> None:
    graph = copied.with_suffix(".onnx")
    graph.write_bytes(graph.read_bytes() + b"x")
    with pytest.raises(ArtifactError, match=r"graph's SHA-256 begins with \w+, but the card names"):
        artifact.load(copied).graph()
    graph.unlink()
    with pytest.raises(ArtifactError, match=r"notebook\.onnx: the graph cannot be read: No such file"):
        artifact.load(copied).graph()


def test_saving_without_a_graph_leaves_none_in_the_card(copied: Path) -> None:
    artifact.save(copied.read_bytes(), artifact.load_card(copied), copied.parent)
    assert artifact.load_card(copied).onnx_sha256 is None
    assert not copied.with_suffix(".onnx").exists()
    with pytest.raises(ArtifactError, match="has no ONNX graph; the torch engine can run it"):
        artifact.load(copied).graph()


def test_weights_that_are_not_the_cards_are_refused(copied: Path) -> None:
    weights = bytearray(copied.read_bytes())
    weights[-1] ^= 1
    copied.write_bytes(weights)
    with pytest.raises(ArtifactError, match=r"SHA-256 begins with \w+, but the card names ce659b3b31f2"):
        artifact.load(copied)


def test_a_missing_card_is_refused(copied: Path) -> None:
    copied.with_suffix(".json").unlink()
    with pytest.raises(ArtifactError, match=r"notebook\.json: the card cannot be read: No such file"):
        artifact.load(copied)


@pytest.mark.parametrize(("text", "reason"), [("", "Invalid JSON"), ("[]", "card"), ("{}", "Field required")])
def test_a_card_that_is_no_card_is_refused(copied: Path, text: str, reason: str) -> None:
    copied.with_suffix(".json").write_text(text)
    with pytest.raises(ArtifactError, match="is not a card of an artifact") as refusal:
        artifact.load(copied)
    assert reason in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_weights_that_are_not_safetensors_are_refused(copied: Path) -> None:
    copied.write_bytes(b"\x80\x04pickle")
    digest = hashlib.sha256(copied.read_bytes()).hexdigest()
    card = artifact.load_card(copied).model_copy(update={"weights_sha256": digest})
    copied.with_suffix(".json").write_text(card.model_dump_json())
    with pytest.raises(ArtifactError, match="is not a safetensors file"):
        artifact.load(copied)


def test_shapes_that_do_not_fit_the_architecture_are_refused(copied: Path) -> None:
    tensors = artifact.load(copied).tensors | {"fc2.bias": np.zeros(11, np.float32)}
    rewrite(copied, tensors)
    with pytest.raises(ArtifactError, match=r"do not fit lenet5: fc2\.bias$"):
        artifact.load(copied).build()


def test_missing_and_foreign_tensors_are_refused(copied: Path) -> None:
    tensors = artifact.load(copied).tensors
    tensors["fc3.bias"] = tensors.pop("fc2.bias")
    rewrite(copied, tensors)
    with pytest.raises(ArtifactError, match=r"do not fit lenet5: fc2\.bias, fc3\.bias$"):
        artifact.load(copied).build()


def test_an_unknown_architecture_is_refused(copied: Path) -> None:
    rewrite(copied, artifact.load(copied).tensors, architecture="lenet6")
    with pytest.raises(ArtifactError, match="architecture 'lenet6', but only alexnet and lenet5 are known"):
        artifact.load(copied).build()


def test_a_network_whose_package_is_missing_is_refused(copied: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rewrite(copied, artifact.load(copied).tensors, architecture="alexnet")
    for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torchvision", None)  # makes any import of it fail
    with pytest.raises(ArtifactError, match=r"AlexNet needs a package that cannot be imported here: .*torchvision"):
        artifact.load(copied).build()


def test_a_name_is_found_in_the_first_folder_that_has_it(copied: Path, tmp_path: Path) -> None:
    assert artifact.find("notebook", [tmp_path / "none", copied.parent, artifact.SHIPPED]) == copied
    assert artifact.find("notebook", [tmp_path / "none", artifact.SHIPPED]) == artifact.SHIPPED / copied.name


def test_a_path_is_taken_as_it_is(copied: Path) -> None:
    assert artifact.find(str(copied), []) == copied
    assert artifact.find(str(copied.with_suffix("")), []) == copied


def test_what_is_not_found_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="there is no artifact 'other' in"):
        artifact.find("other", [tmp_path])
    with pytest.raises(ArtifactError, match="there is no weights file"):
        artifact.find(str(tmp_path / "other"), [tmp_path])


def test_a_name_cannot_lead_out_of_its_folder(copied: Path) -> None:
    fields = artifact.load_card(copied).model_dump() | {"name": "../notebook"}
    with pytest.raises(ValueError, match="name"):
        Card.model_validate(fields)
