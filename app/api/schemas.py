"""The schemas of all responses, as the OpenAPI document describes them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from app.lenet.network.card import Calibration, ClassScores, ReliabilityBin
from app.lenet.vocabulary import PictureWarning, PreprocessingMode, ReadingWarning, RemovedKind, UnsureReason

Probability = Annotated[float, Field(ge=0, le=1)]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class ModelName(_Answer):
    """Which weights answered."""

    name: str = Field(description="Name of the artifact", examples=["notebook"])
    hash: str = Field(description="First 12 digits of the weights' SHA-256", examples=["5d1c2a90be41"])


class Box(_Answer):
    """A rectangle in pixels of the upright picture; x to the right and y down from its left upper corner."""

    x: int = Field(ge=0, examples=[112])
    y: int = Field(ge=0, examples=[64])
    width: int = Field(ge=1, examples=[310])
    height: int = Field(ge=1, examples=[480])


class ImageSource(_Answer):
    """What was sent."""

    format: str = Field(description="Detected by content, not by name", examples=["JPEG"])
    width: int = Field(ge=1, description="Of the upright picture, in pixels", examples=[640])
    height: int = Field(ge=1, examples=[640])
    frames: int | None = Field(
        description="Pictures in the file, of which the first is used; null when there are several and the file is "
        "too large to count them",
        examples=[1],
    )


class PreprocessingReport(_Answer):
    """What was done to the picture before the network saw it."""

    mode: PreprocessingMode
    inverted: bool = Field(description="The ink was darker than the background", examples=[True])
    box: Box | None = Field(description="Where the ink is; null when there is none, or in plain mode")
    flattened: bool = Field(description="An uneven background, such as a shadow, was subtracted", examples=[True])
    removed: tuple[RemovedKind, ...] = Field(description="What was taken out", examples=[["specks"]])
    source: ImageSource


class Digit(_Answer):
    """A digit and how probable it is."""

    digit: int = Field(ge=0, le=9, description="The likeliest digit", examples=[7])
    confidence: Probability = Field(description="Its probability", examples=[0.9995])
    probabilities: tuple[Probability, ...] = Field(
        min_length=10,
        max_length=10,
        description="Probability of each digit from 0 to 9; they sum to 1",
        examples=[[0.0, 0.0, 0.0001, 0.0003, 0.0, 0.0, 0.0, 0.9995, 0.0, 0.0001]],
    )
    unsure: bool = Field(description="Better not relied on", examples=[False])
    reasons: tuple[UnsureReason, ...] = Field(description="Why it is unsure", examples=[[]])


class Prediction(Digit):
    """The digit in one picture."""

    model: ModelName
    preprocessing: PreprocessingReport
    warnings: tuple[PictureWarning, ...] = Field(
        description="Reasons to doubt that the picture shows one whole digit", examples=[["touches_border"]]
    )
    image: str | None = Field(
        None,
        description="With `include=image`: the picture that the network saw, as a data URL of a PNG",
        examples=["data:image/png;base64,iVBORw0KGgo="],
    )


class ReadDigit(Digit):
    """One of several digits."""

    box: Box
    line: int = Field(ge=0, description="Its line, from 0 at the top", examples=[0])


class Alternative(_Answer):
    """Another reading of a line."""

    text: str = Field(description="Its digits; empty where nothing may be a digit", examples=["2020"])
    probability: Probability = Field(examples=[0.004])


class Line(_Answer):
    """The digits of one line."""

    text: str = Field(description="Its digits from left to right", examples=["2026"])
    groups: tuple[str, ...] = Field(description="The numbers that stand apart on it", examples=[["2026"]])
    box: Box
    slope: float = Field(description="Rise over run, positive where it falls to the right", examples=[0.02])
    confidence: Probability = Field(description="Probability of the whole text", examples=[0.98])
    alternatives: tuple[Alternative, ...] = Field(max_length=3, description="The next likeliest readings")


class Reading(_Answer):
    """The digits in a picture, line by line and from left to right."""

    text: str = Field(description="The digits, with a line feed between two lines", examples=["2026"])
    digits: tuple[ReadDigit, ...]
    lines: tuple[Line, ...]
    rejected: tuple[Box, ...] = Field(max_length=64, description="What was seen and not taken for a digit")
    confidence: Probability = Field(description="Probability of the whole reading", examples=[0.98])
    unsure: bool = Field(description="Better not relied on", examples=[False])
    warnings: tuple[ReadingWarning, ...] = Field(description="What to know about the reading", examples=[[]])
    image: str | None = Field(
        None,
        description="With `include=image`: the ink, with boxes around digits (green, or orange where unsure) and "
        "rejected marks (red), as a data URL of a PNG",
        examples=["data:image/png;base64,iVBORw0KGgo="],
    )
    model: ModelName
    source: ImageSource


class ErrorBody(_Answer):
    """What went wrong: `code` is stable, `message` is for people, and `request_id` finds it in the log."""

    code: str = Field(examples=["not_an_image"])
    message: str = Field(examples=["the file is not a picture; accepted are PNG, JPEG"])
    request_id: str | SkipJsonSchema[None] = Field(
        None,
        description="The response's X-Request-ID; pictures of a batch have none of their own",
        examples=["4bf92f3577b34da6a3ce929d0e0e4736"],
    )


class ErrorEnvelope(_Answer):
    """The form of every error."""

    error: ErrorBody


class Batch(_Answer):
    """One answer for each picture, in the order they were sent."""

    results: tuple[Prediction | ErrorEnvelope, ...]


class StoredScores(_Answer):
    """The scores in an artifact's card."""

    model: ModelName
    accuracy: Probability = Field(description="Share of correct answers", examples=[0.9856])
    macro_f1: Probability = Field(description="Mean of the ten digits' F1 scores", examples=[0.98557])
    nll: float = Field(ge=0, description="Mean negative log-likelihood of the probabilities", examples=[0.0167])
    brier: float = Field(ge=0, description="Mean squared error of the probabilities, 0 to 2", examples=[0.0079])
    ece: Probability = Field(description="Expected calibration error over 15 bins", examples=[0.0027])
    reliability: tuple[ReliabilityBin, ...] = Field(description="Those bins of confidence, without empty ones")
    certainty: Calibration | None = Field(description="Calibration and thresholds; null where answers are never unsure")
    evaluated_on: str = Field(description="The pictures that were scored", examples=["MNIST test, 10,000 digits"])
    selected_on: str = Field(description="What the best epoch was chosen on", examples=["test"])
    weights_sha256: str = Field(description="SHA-256 of the weights file", examples=["5d1c2a90be41" + "0" * 52])
    per_class: tuple[ClassScores, ...]


class Metrics(StoredScores):
    """Stored scores of the served weights, and of every other shipped artifact."""

    others: tuple[StoredScores, ...]


class Health(_Answer):
    """The model answers its reference digit correctly."""

    status: Literal["ok"]
    model: ModelName
    device: str = Field(examples=["cpu"])
    version: str = Field(description="Version of the service", examples=["0.1.0"])
    uptime_seconds: float = Field(ge=0, examples=[12.5])


class Status(_Answer):
    """A probe's answer."""

    status: Literal["ok"]
