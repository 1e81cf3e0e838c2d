"""The reader's weights: how much each feature of a lattice counts, and from which margin a reading is sure."""

import hashlib
import json
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from app.lenet.network.artifact import ArtifactError
from app.lenet.network.card import Sha256
from app.lenet.reading.beam_search import Scores
from app.lenet.reading.features import DIGIT_FEATURES, REJECT_FEATURES
from app.lenet.reading.lattice import Lattice


class ReaderWeights(BaseModel):
    """What `python -m training fit --reader` writes: weights by feature, and how they came about.

    A run scores as a digit `probability` times that digit's log-probability plus its weighted features; a piece is
    rejected at the sum of its own. A reading is sure when the product of its lines' probabilities reaches
    `least_confidence` and no digit is unsure; among others, a digit is familiar from the share `familiar` of the
    network's least energy. `network_sha256` is of the network's weights that the fit used, `weights_sha256` of the
    reader's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    version: Literal[1] = 1
    probability: float
    digit: dict[str, float]
    reject: dict[str, float]
    least_confidence: float = Field(ge=0, le=1)
    familiar: float = Field(ge=0, le=1)
    weights_sha256: Sha256
    network_sha256: Sha256
    fitted_on: str
    versions: dict[str, str]
    date: AwareDatetime
    figures: dict[str, Any]

    def scores(self, lattice: Lattice, temperature: float) -> Scores:
        """Return the scores of a lattice's runs and pieces; `temperature` divides the network's logits."""
        divided = lattice.logits / temperature
        logs = divided - np.logaddexp.reduce(divided, axis=1, keepdims=True) if len(divided) else divided
        bounds = np.array([(run.start, run.end) for run in lattice.runs], np.intp).reshape(-1, 2)
        shared = lattice.digit @ _vector(self.digit, DIGIT_FEATURES)
        digits = self.probability * logs + shared[:, None]
        return Scores(
            len(lattice.pieces), bounds, digits, lattice.reject @ _vector(self.reject, REJECT_FEATURES), lattice.cells
        )


def _vector(named: dict[str, float], names: tuple[str, ...]) -> NDArray[np.float64]:
    return np.array([named[name] for name in names])


def hash_of(probability: float, digit: dict[str, float], reject: dict[str, float]) -> str:
    """Return the SHA-256 of the weights alone."""
    content = json.dumps([probability, digit, reject], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def beside(network: Path) -> Path:
    """Return where the reader's weights lie for the network whose weights file is `network`."""
    return network.with_suffix(".reader.json")


def load(path: Path, network_sha256: str | None) -> ReaderWeights:
    """Return the weights in the file `path`.

    Raises `ArtifactError` when it is missing or damaged, lacks a feature, or was fitted for another network than the
    one whose weights have the hash `network_sha256`; None takes those of any.
    """
    try:
        weights = ReaderWeights.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ArtifactError(f"{path}: the reader's weights cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ArtifactError(f"{path} does not hold a reader's weights: {field}: {first['msg']}") from error
    if set(weights.digit) != set(DIGIT_FEATURES) or set(weights.reject) != set(REJECT_FEATURES):
        raise ArtifactError(f"{path}: the reader's weights are for other features than this version has")
    if hash_of(weights.probability, weights.digit, weights.reject) != weights.weights_sha256:
        raise ArtifactError(f"{path}: the reader's weights are not the ones whose hash the file names")
    if network_sha256 not in (None, weights.network_sha256):
        raise ArtifactError(f"{path}: the reader was fitted for the network {weights.network_sha256[:12]}")
    return weights
