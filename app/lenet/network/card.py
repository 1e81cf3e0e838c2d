"""The card of an artifact: everything that is known of its weights, as JSON beside them."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from app.lenet.inference.calibration import Certainty
from app.lenet.inference.input_tensor import InputSpec

NAME_PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]*"  # of an artifact, which its files bear too

Share = Annotated[float, Field(ge=0, le=1)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, ser_json_bytes="base64", val_json_bytes="base64"
    )


class Epoch(_Part):
    """What one epoch of a fit printed; losses and accuracies are means over batches, as the notebook has them."""

    epoch: int
    train_loss: float
    train_accuracy: Share
    valid_loss: float
    valid_accuracy: Share
    valid_macro_f1: Share
    seconds: float


class ClassScores(_Part):
    """Precision, recall and F1 of one class, and how many pictures of it were scored."""

    name: str
    precision: Share
    recall: Share
    f1: Share
    support: int


class Scores(_Part):
    """How the weights did on `evaluated_on`; the confusion matrix has a row per true class.

    `loss` is the mean over batches of what was minimised. `nll` (nats), `brier` (0 to 2) and `ece` (expected
    calibration error, 15 bins) judge the probabilities that the service answers.
    """

    evaluated_on: str
    accuracy: Share
    macro_f1: Share
    mean_of_batches_accuracy: Share
    loss: float
    nll: float
    brier: float
    ece: Share
    per_class: tuple[ClassScores, ...]
    confusion_matrix: tuple[tuple[int, ...], ...]


class Reference(_Part):
    """A picture (a PNG file's bytes) of `digit` and the logits that the weights give it, for health checks."""

    png: bytes
    digit: int
    logits: tuple[float, ...]


class Card(_Part):
    """What the weights are, how they were fitted and how well they do."""

    card_version: Literal[1] = 1
    name: Annotated[str, StringConstraints(pattern=f"^{NAME_PATTERN}$")]
    architecture: str
    parameters: int
    class_names: tuple[str, ...]
    input: InputSpec
    weights_sha256: Sha256
    onnx_sha256: Sha256 | None = None
    recipe: dict[str, Any]
    seed: int
    device: str
    versions: dict[str, str]
    git_commit: str | None
    date: AwareDatetime
    data_md5: dict[str, str]
    selected_on: str
    history: tuple[Epoch, ...]
    scores: Scores
    certainty: Certainty | None
    reference: Reference

    @property
    def short_hash(self) -> str:
        """The first 12 hexadecimal digits of the weights' SHA-256."""
        return self.weights_sha256[:12]
