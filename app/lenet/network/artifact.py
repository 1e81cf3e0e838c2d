"""Artifacts: weights (`<name>.safetensors`), their card (`<name>.json`) and, for small networks, an ONNX graph
(`<name>.onnx`). This file saves, finds, checks and loads them."""

import hashlib
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import safetensors.numpy
from numpy.typing import NDArray
from pydantic import ValidationError
from safetensors import SafetensorError

from app.lenet.network.card import Card

if TYPE_CHECKING:
    from torch import nn

logger = logging.getLogger(__name__)

SHIPPED = Path(__file__).parent.parent / "artifacts"
MAX_BYTES = 1 << 30


class ArtifactError(Exception):
    """An artifact is missing, damaged or does not fit together; the message says so in one sentence."""


@dataclass(frozen=True, slots=True)
class Artifact:
    """A card, the tensors that it describes, by their `state_dict` names, and the path of the weights."""

    card: Card
    tensors: dict[str, NDArray[Any]]
    path: Path

    def build(self) -> "nn.Module":
        """Return the card's architecture with these weights, in evaluation mode.

        Raises `ArtifactError` when the architecture is unknown or needs a package that is missing, or when the
        tensors do not fit it.
        """
        import torch

        from app.lenet.network.architectures import ARCHITECTURES, build

        architecture = self.card.architecture
        if architecture not in ARCHITECTURES:
            known = " and ".join(sorted(ARCHITECTURES))
            raise ArtifactError(
                f"{self.path}: the card names the architecture {architecture!r}, but only {known} are known"
            )
        try:
            module = build(architecture)
        except (ImportError, RuntimeError) as error:
            title, reason = ARCHITECTURES[architecture].title, str(error).split("\n", 1)[0]
            raise ArtifactError(
                f"{self.path}: {title} needs a package that cannot be imported here: {reason}"
            ) from error
        wanted = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
        given = {name: tuple(tensor.shape) for name, tensor in self.tensors.items()}
        if wanted != given:
            odd = sorted(name for name in wanted.keys() | given.keys() if wanted.get(name) != given.get(name))
            raise ArtifactError(
                f"{self.path}: names or shapes of its tensors do not fit {architecture}: {', '.join(odd)}"
            )
        module.load_state_dict({name: torch.from_numpy(tensor) for name, tensor in self.tensors.items()})
        return module.eval()

    def graph(self) -> bytes:
        """Return the ONNX graph; raises `ArtifactError` when there is none, or not the one that the card names."""
        if self.card.onnx_sha256 is None:
            raise ArtifactError(f"{self.path}: the artifact has no ONNX graph; the torch engine can run it")
        return _read_checked(self.path.with_suffix(".onnx"), "graph", self.card.onnx_sha256)


def find(name: str, folders: Sequence[Path]) -> Path:
    """Return the weights file of the artifact called `name`: a path to it, or a name found first among `folders`.

    Raises `ArtifactError` when there is none.
    """
    if name.endswith(".safetensors") or os.sep in name:
        path = Path(name) if name.endswith(".safetensors") else Path(f"{name}.safetensors")
        if path.is_file():
            return path
        raise ArtifactError(f"there is no weights file {path}")
    for folder in folders:
        path = folder / f"{name}.safetensors"
        if path.is_file():
            return path
    places = " or ".join(str(folder) for folder in folders)
    raise ArtifactError(f"there is no artifact {name!r} in {places}")


def load_card(path: Path) -> Card:
    """Return the card beside the weights file `path`; raises `ArtifactError` when it is missing or not a card."""
    card_path = path.with_suffix(".json")
    try:
        return Card.model_validate_json(card_path.read_bytes())
    except OSError as error:
        raise ArtifactError(f"{card_path}: the card cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ArtifactError(f"{card_path} is not a card of an artifact: {field}: {first['msg']}") from error


def other_shipped_cards(served: Card) -> list[Card]:
    """Return the cards of the shipped artifacts whose weights are not those of `served`; damaged ones are left out."""
    cards = []
    for path in sorted(SHIPPED.glob("*.safetensors")):
        try:
            card = load_card(path)
        except ArtifactError as error:
            logger.warning("left out of the other artifacts: %s", error)
        else:
            if card.weights_sha256 != served.weights_sha256:
                cards.append(card)
    return cards


def load(path: Path) -> Artifact:
    """Return the artifact whose weights file is `path`.

    Raises `ArtifactError` when a file is missing or damaged, or when the weights are not the ones that the card names.
    """
    card = load_card(path)
    weights = _read_checked(path, "weights", card.weights_sha256)
    try:
        tensors = safetensors.numpy.load(weights)
    except SafetensorError as error:
        raise ArtifactError(f"{path} is not a safetensors file: {error}") from error
    return Artifact(card, tensors, path)


def _read_checked(path: Path, what: str, sha256: str) -> bytes:
    """Return the file's bytes; raises `ArtifactError` when they cannot be read or have another hash."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ArtifactError(f"{path}: the {what} file is larger than {MAX_BYTES:,} bytes")
        content = path.read_bytes()
    except OSError as error:
        raise ArtifactError(f"{path}: the {what} cannot be read: {error.strerror}") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise ArtifactError(f"{path}: the {what}'s SHA-256 begins with {digest[:12]}, but the card names {sha256[:12]}")
    return content


def serialise(module: "nn.Module") -> bytes:
    """Return the module's `state_dict` as the bytes of a safetensors file."""
    import safetensors.torch

    return safetensors.torch.save({name: tensor.cpu().contiguous() for name, tensor in module.state_dict().items()})


def save(weights: bytes, card: Card, folder: Path, graph: bytes | None = None) -> Path:
    """Write the weights, the ONNX graph if there is one, and the card into `folder`; return the weights' path.

    Each file appears whole, by rename: the weights first, and last the card that names their hash. Whoever looks in
    between finds a mismatch that `load` refuses, and never half a file. Sets `card.onnx_sha256`.
    """
    card = card.model_copy(update={"onnx_sha256": hashlib.sha256(graph).hexdigest() if graph else None})
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{card.name}.safetensors"
    _write_whole(path, weights)
    if graph is None:
        path.with_suffix(".onnx").unlink(missing_ok=True)  # it belongs to other weights
    else:
        _write_whole(path.with_suffix(".onnx"), graph)
    _write_whole(path.with_suffix(".json"), (card.model_dump_json(indent=2) + "\n").encode())
    return path


def _write_whole(path: Path, content: bytes) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
