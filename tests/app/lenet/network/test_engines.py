import subprocess
import sys
from pathlib import Path

import pytest
import torch

from app.lenet.network import artifact
from app.lenet.network.artifact import Artifact, ArtifactError
from app.lenet.network.devices import accelerator_possible
from app.lenet.network.engines import EngineError, load_engine

ROOT = Path(__file__).parents[4]


@pytest.fixture
def shipped() -> Artifact:
    return artifact.load(artifact.SHIPPED / "robust.safetensors")


def test_auto_is_onnx_on_the_cpu_and_torch_where_there_is_no_graph(shipped: Artifact) -> None:
    assert load_engine(shipped, "auto", "cpu", 1).name == "onnx"
    bare = Artifact(shipped.card.model_copy(update={"onnx_sha256": None}), shipped.tensors, shipped.path)
    assert load_engine(bare, "auto", "cpu", 1).name == "torch"
    with pytest.raises(ArtifactError, match="has no ONNX graph"):
        load_engine(bare, "onnx", "cpu", 1)


def test_auto_is_torch_on_an_accelerator(shipped: Artifact) -> None:
    found = load_engine(shipped, "auto", "auto", 1)
    there = torch.cuda.is_available() or torch.backends.mps.is_available()
    assert (found.name, found.device == "cpu") == (("torch", False) if there else ("onnx", True))
    assert accelerator_possible() or not there


def test_onnx_computes_on_the_cpu_alone(shipped: Artifact) -> None:
    with pytest.raises(EngineError, match="computes on the cpu, not on cuda"):
        load_engine(shipped, "onnx", "cuda", 1)


def test_onnx_asks_for_its_package(shipped: Artifact, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(EngineError, match="onnxruntime, which is not installed"):
        load_engine(shipped, "onnx", "cpu", 1)
    assert load_engine(shipped, "auto", "cpu", 1).name == "torch"


def test_large_batches_take_little_memory_and_give_the_same_logits() -> None:
    program = """
import resource
import numpy as np
from app.lenet.network import artifact
from app.lenet.network.engines import load_engine
engine = load_engine(artifact.load(artifact.SHIPPED / "robust.safetensors"), "onnx", "cpu", 1)
batch = np.random.default_rng(0).normal(size=(2000, 1, 32, 32)).astype(np.float32)
first = engine.logits(batch[:1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
logits = engine.logits(batch)
assert logits.shape == (2000, 10)
assert np.allclose(logits[0], first, atol=1e-4)
assert np.allclose(logits[1999], engine.logits(batch[1999:]), atol=1e-4)
assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # KiB; 300 MB in one run
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=60)


def test_the_service_on_onnx_does_not_load_torch() -> None:
    program = """
import sys
from app.main import create_app
from app.settings import Settings
assert create_app(Settings(device="cpu")).state.operations.service.predictor.answers_reference()
assert "torch" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True, timeout=60)


def test_onnx_runtime_reports_nothing_to_its_maker(tmp_path: Path) -> None:
    program = """
from app.lenet.network import artifact
from app.lenet.network.engines import load_engine
load_engine(artifact.load(artifact.SHIPPED / "robust.safetensors"), "onnx", "cpu", 1)
"""
    home = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=home, check=True, timeout=60)
    assert list(tmp_path.rglob("*")) == []  # it would keep a device's identifier
