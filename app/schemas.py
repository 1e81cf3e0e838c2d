"""What the service answers, as the OpenAPI page shows it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.lenet.card import ClassScores

Probability = Annotated[float, Field(ge=0, le=1)]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class ModelName(_Answer):
    """Which weights answered."""

    name: str = Field(description="Name of the artifact", examples=["notebook"])
    hash: str = Field(description="First 12 digits of the weights' SHA-256", examples=["5d1c2a90be41"])


class Prediction(_Answer):
    """The digit in one picture."""

    digit: int = Field(ge=0, le=9, description="The likeliest digit", examples=[7])
    confidence: Probability = Field(description="Its probability", examples=[0.9995])
    probabilities: tuple[Probability, ...] = Field(
        min_length=10,
        max_length=10,
        description="Probability of each digit from 0 to 9; they sum to 1",
        examples=[[0.0, 0.0, 0.0001, 0.0003, 0.0, 0.0, 0.0, 0.9995, 0.0, 0.0001]],
    )
    model: ModelName


class ErrorBody(_Answer):
    """What went wrong: `code` is stable, `message` is for people."""

    code: str = Field(examples=["not_an_image"])
    message: str = Field(examples=["the file is not a picture; accepted are PNG, JPEG"])


class ErrorEnvelope(_Answer):
    """Every error that the service answers."""

    error: ErrorBody


class Batch(_Answer):
    """One answer for each picture, in the order they were sent."""

    results: tuple[Prediction | ErrorEnvelope, ...]


class StoredScores(_Answer):
    """The two figures that an artifact's card holds."""

    model: ModelName
    accuracy: Probability = Field(description="Share of right answers", examples=[0.9856])
    macro_f1: Probability = Field(description="Mean of the ten digits' F1 scores", examples=[0.98557])


class Metrics(StoredScores):
    """Stored scores of the served weights, and the two figures of every other shipped artifact."""

    evaluated_on: str = Field(description="The pictures that were scored", examples=["MNIST test, 10,000 digits"])
    selected_on: str = Field(description="What the best epoch was chosen on", examples=["test"])
    weights_sha256: str = Field(description="SHA-256 of the weights file", examples=["5d1c2a90be41" + "0" * 52])
    per_class: tuple[ClassScores, ...]
    others: tuple[StoredScores, ...]


class Health(_Answer):
    """The model answers its reference digit as it should."""

    status: Literal["ok"]
    model: ModelName
    device: str = Field(examples=["cpu"])
    version: str = Field(description="Version of the service", examples=["0.1.0"])
    uptime_seconds: float = Field(ge=0, examples=[12.5])


class Status(_Answer):
    """A probe's answer."""

    status: Literal["ok"]
