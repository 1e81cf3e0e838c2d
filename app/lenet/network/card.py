"""The card of an artifact: all that is known about its weights, as JSON beside them."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from app.lenet.network.input_spec import InputSpec

NAME_PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]*"  # of an artifact and its files

Share = Annotated[float, Field(ge=0, le=1)]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        ser_json_bytes="base64",
        val_json_bytes="base64",
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )


class Epoch(_Part):
    """The figures of one epoch of a fit; losses and accuracies are means over batches, as in the notebook."""

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


class ReliabilityBin(_Part):
    """Predictions of similar confidence: its mean, the share of them that are right, and their number."""

    confidence: Share
    accuracy: Share
    count: Annotated[int, Field(ge=1)]


class Scores(_Part):
    """How the weights did on `evaluated_on`; the confusion matrix has a row per true class.

    `loss` is the mean over batches of the loss that was minimised. `nll` (nats), `brier` (0 to 2) and `ece` (expected
    calibration error) are of the probabilities that the service answers. `reliability` has those of 15 equal bins of
    confidence that hold predictions; `ece` is the mean over all predictions of their bin's gap between confidence and
    accuracy. It is empty on cards that were written before.
    """

    evaluated_on: str
    accuracy: Share
    macro_f1: Share
    mean_of_batches_accuracy: Share
    loss: float
    nll: float
    brier: float
    ece: Share
    reliability: tuple[ReliabilityBin, ...] = ()
    per_class: tuple[ClassScores, ...]
    confusion_matrix: tuple[tuple[int, ...], ...]


class Calibration(_Part):
    """How logits become calibrated probabilities, and below what an answer is unsure.

    All of it was chosen on the pictures that `chosen_on` names. `temperature` divides the logits (Guo et al., "On
    Calibration of Modern Neural Networks", 2017). An answer is sure when its probability reaches `least_confidence`
    and its negative free energy, the log of the summed exponentials of the undivided logits, reaches `least_energy`
    (Liu et al., "Energy-based Out-of-distribution Detection", 2020).
    """

    temperature: float = Field(gt=0)
    least_confidence: Share
    least_energy: float
    chosen_on: str
    error_of_sure: Share
    share_sure: Share


class Reference(_Part):
    """A picture (a PNG file's bytes) of `digit` and the logits that the weights give it, for health checks."""

    png: bytes
    digit: int
    logits: tuple[float, ...]


class Card(_Part):
    """What the weights are, how they were fitted and how well they score."""

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
    calibration: Calibration | None = Field(alias="certainty")  # the key of cards that were written before
    reference: Reference

    @property
    def short_hash(self) -> str:
        """The first 12 hexadecimal digits of the weights' SHA-256."""
        return self.weights_sha256[:12]
