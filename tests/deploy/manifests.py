"""The Kubernetes manifests as `kubectl kustomize` renders them."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.doc_pages import ROOT

KUBERNETES = ROOT / "deploy" / "kubernetes"

needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed")

Manifest = dict[str, Any]


def render(folder: Path) -> list[Manifest]:
    """Return the manifests of a folder with a `kustomization.yaml`."""
    run = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return list(yaml.safe_load_all(run.stdout))


def render_own(folder: Path, kustomization: str) -> list[Manifest]:
    """Return the manifests of a reader's own overlay, written in `folder`; kustomize takes only relative paths."""
    text = kustomization.replace("../lenet/deploy/kubernetes", os.path.relpath(KUBERNETES, folder.resolve()))
    (folder / "kustomization.yaml").write_text(text)
    return render(folder)


def one(manifests: list[Manifest], kind: str) -> Manifest:
    """Return the only manifest of a kind."""
    [found] = [manifest for manifest in manifests if manifest["kind"] == kind]
    return found


def container_of(manifests: list[Manifest]) -> Manifest:
    """Return the only container of the Deployment."""
    [container] = one(manifests, "Deployment")["spec"]["template"]["spec"]["containers"]
    return dict(container)


def settings_of(manifests: list[Manifest]) -> dict[str, str]:
    """Return the environment variables that the container gets."""
    container = container_of(manifests)
    assert [source["configMapRef"]["name"] for source in container["envFrom"]] == [
        one(manifests, "ConfigMap")["metadata"]["name"]
    ]
    own = {variable["name"]: variable["value"] for variable in container.get("env", [])}
    return dict(one(manifests, "ConfigMap")["data"]) | own


def in_bytes(quantity: str) -> int:
    """Return a quantity of memory in bytes."""
    return int(quantity[:-2]) << {"Ki": 10, "Mi": 20, "Gi": 30}[quantity[-2:]]
