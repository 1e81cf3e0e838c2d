"""Presenters turn the inner ring's objects into the schemas of the OpenAPI document."""

import base64
import io
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby

from PIL import Image

from app.api import schemas
from app.api.openapi import envelope
from app.errors import KINDS
from app.lenet.image_types import GreyImage
from app.lenet.inference.answer import Answer
from app.lenet.network.card import Card
from app.lenet.vocabulary import PreprocessingMode
from app.service import Failure, Reading


def model(card: Card) -> schemas.ModelName:
    """Return the name and short hash of the weights that `card` describes."""
    return schemas.ModelName(name=card.name, hash=card.short_hash)


def prediction(answer: Answer, card: Card, mode: PreprocessingMode, *, with_image: bool) -> schemas.Prediction:
    """Return the answer to one picture, with what the network saw if `with_image`."""
    return schemas.Prediction.model_validate(prediction_fields(answer, card, mode, with_image=with_image))


def prediction_fields(
    answer: Answer, card: Card, mode: PreprocessingMode, *, with_image: bool = False
) -> dict[str, object]:
    """Return the answer to one picture as the fields of `schemas.Prediction`, ready for JSON and not validated."""
    digit, found, reasons = answer.preprocessed, answer.prediction, answer.reasons
    box, source = digit.box, digit.source
    fields = {
        "digit": found.digit,
        "confidence": found.confidence,
        "probabilities": found.probabilities,
        "unsure": bool(reasons),
        "reasons": reasons,
        "model": {"name": card.name, "hash": card.short_hash},
        "preprocessing": {
            "mode": mode,
            "inverted": digit.inverted,
            "box": box and {"x": box.x, "y": box.y, "width": box.width, "height": box.height},
            "flattened": digit.flattened,
            "removed": digit.removed,
            "source": {
                "format": source.format,
                "width": source.width,
                "height": source.height,
                "frames": source.frames,
            },
        },
        "warnings": digit.warnings,
    }
    return fields | {"image": _data_url(digit.image)} if with_image else fields


def batch(
    answers: Sequence[Answer | Failure], card: Card, mode: PreprocessingMode, *, with_image: bool
) -> schemas.Batch:
    """Return the answers to many pictures, with errors in place of those that were refused."""
    return schemas.Batch.model_validate(batch_fields(answers, card, mode, with_image=with_image))


def batch_fields(
    answers: Sequence[Answer | Failure], card: Card, mode: PreprocessingMode, *, with_image: bool = False
) -> dict[str, object]:
    """Return the answers to many pictures as the fields of `schemas.Batch`, ready for JSON and not validated."""
    results = [
        prediction_fields(answer, card, mode, with_image=with_image)
        if isinstance(answer, Answer)
        else envelope(KINDS[type(answer)].code, str(answer))
        for answer in answers
    ]
    return {"results": results}


def reading(found: Reading, card: Card) -> schemas.Reading:
    """Return the digits of one picture and the text they make."""
    digits = tuple(
        schemas.ReadDigit(
            **asdict(prediction), unsure=bool(prediction.reasons), box=schemas.Box(**asdict(digit.box)), line=digit.line
        )
        for digit, prediction in zip(found.digits, found.predictions, strict=True)
    )
    lines = groupby(digits, key=lambda digit: digit.line)
    return schemas.Reading(
        text="\n".join("".join(str(digit.digit) for digit in line) for _, line in lines),
        digits=digits,
        model=model(card),
        source=schemas.ImageSource(**asdict(found.source)),
    )


def metrics(card: Card, others: Sequence[Card]) -> schemas.Metrics:
    """Return the stored scores of the served model's card, and the two main ones of the others'."""
    return schemas.Metrics(
        model=model(card),
        accuracy=card.scores.accuracy,
        macro_f1=card.scores.macro_f1,
        nll=card.scores.nll,
        brier=card.scores.brier,
        ece=card.scores.ece,
        certainty=card.calibration,
        evaluated_on=card.scores.evaluated_on,
        selected_on=card.selected_on,
        weights_sha256=card.weights_sha256,
        per_class=card.scores.per_class,
        others=tuple(
            schemas.StoredScores(model=model(other), accuracy=other.scores.accuracy, macro_f1=other.scores.macro_f1)
            for other in others
        ),
    )


def _data_url(grey: GreyImage) -> str:
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
