"""What the service answers, as the OpenAPI page shows it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.lenet.inference.calibration import Certainty
from app.lenet.inference.preprocessing import Preprocessing
from app.lenet.network.card import ClassScores

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


class Source(_Answer):
    """What was sent."""

    format: str = Field(description="Told by the content, not by a name", examples=["JPEG"])
    width: int = Field(ge=1, description="Of the upright picture, in pixels", examples=[640])
    height: int = Field(ge=1, examples=[640])
    frames: int | None = Field(
        description="Pictures in the file, of which the first is used; null when there are several and the file is "
        "too large to count them",
        examples=[1],
    )


class Preparation(_Answer):
    """What was done to the picture before the network saw it."""

    mode: Preprocessing = Field(description="auto: the canonical form; plain: resized and normalised as it is")
    inverted: bool = Field(description="The ink was darker than the paper", examples=[True])
    box: Box | None = Field(description="Where the ink is; null when there is none, or it was not looked for")
    flattened: bool = Field(description="Uneven light or shadow was taken away", examples=[True])
    removed: tuple[str, ...] = Field(
        description="What was taken out: specks, lines, noise, stripes", examples=[["specks"]]
    )
    source: Source


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
    unsure: bool = Field(description="Better not relied upon", examples=[False])
    reasons: tuple[str, ...] = Field(
        description="Why it is unsure: low_confidence, unfamiliar (not like the digits it knows), blank",
        examples=[[]],
    )


class Prediction(Digit):
    """The digit in one picture."""

    model: ModelName
    preprocessing: Preparation
    warnings: tuple[str, ...] = Field(
        description="Reasons to doubt that the picture shows one whole digit: "
        "blank, low_contrast, several_objects, touches_border",
        examples=[["touches_border"]],
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
    unsure: bool = Field(description="Better not relied upon", examples=[False])
    warnings: tuple[str, ...] = Field(
        description="too_much_ink: not all that may be digits was looked at", examples=[[]]
    )
    model: ModelName
    source: Source


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

    nll: float = Field(ge=0, description="Mean negative log-likelihood of the probabilities", examples=[0.0167])
    brier: float = Field(ge=0, description="Mean squared error of the probabilities, 0 to 2", examples=[0.0079])
    ece: Probability = Field(description="Expected calibration error over 15 bins", examples=[0.0027])
    certainty: Certainty | None = Field(description="When answers are unsure; null where that is never said")
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
