"""From what the service found to what it answers: the inner ring's objects as the schemas of the OpenAPI page."""

import base64
import io
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby

from PIL import Image

from app.api import schemas
from app.api.openapi import envelope
from app.errors import KINDS
from app.lenet.inference.answer import Answer
from app.lenet.inference.input_tensor import Grey
from app.lenet.inference.preprocessing import Preprocessing
from app.lenet.network.card import Card
from app.service import Failure, Reading


def model(card: Card) -> schemas.ModelName:
    """Return the name and short hash of the weights that `card` describes."""
    return schemas.ModelName(name=card.name, hash=card.short_hash)


def prediction(answer: Answer, card: Card, mode: Preprocessing, *, with_image: bool) -> schemas.Prediction:
    """Return the answer to one picture, with what the network saw when asked for."""
    return schemas.Prediction.model_validate(prediction_fields(answer, card, mode, with_image=with_image))


def prediction_fields(
    answer: Answer, card: Card, mode: Preprocessing, *, with_image: bool = False
) -> dict[str, object]:
    """Return the answer to one picture as what `schemas.Prediction` holds, ready for JSON and not checked."""
    prepared, found, reasons = answer.prepared, answer.prediction, answer.reasons
    box, source = prepared.box, prepared.source
    fields = {
        "digit": found.digit,
        "confidence": found.confidence,
        "probabilities": found.probabilities,
        "unsure": bool(reasons),
        "reasons": reasons,
        "model": {"name": card.name, "hash": card.short_hash},
        "preprocessing": {
            "mode": mode,
            "inverted": prepared.inverted,
            "box": box and {"x": box.x, "y": box.y, "width": box.width, "height": box.height},
            "flattened": prepared.flattened,
            "removed": prepared.removed,
            "source": {
                "format": source.format,
                "width": source.width,
                "height": source.height,
                "frames": source.frames,
            },
        },
        "warnings": prepared.warnings,
    }
    return fields | {"image": _data_url(prepared.seen)} if with_image else fields


def batch(answers: Sequence[Answer | Failure], card: Card, mode: Preprocessing, *, with_image: bool) -> schemas.Batch:
    """Return the answers to many pictures, errors in the place of those that were refused."""
    return schemas.Batch.model_validate(batch_fields(answers, card, mode, with_image=with_image))


def batch_fields(
    answers: Sequence[Answer | Failure], card: Card, mode: Preprocessing, *, with_image: bool = False
) -> dict[str, object]:
    """Return the answers to many pictures as what `schemas.Batch` holds, ready for JSON and not checked."""
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
            **asdict(digit), unsure=bool(digit.reasons), box=schemas.Box(**asdict(cut.box)), line=cut.line
        )
        for cut, digit in zip(found.cuts, found.predictions, strict=True)
    )
    lines = groupby(digits, key=lambda digit: digit.line)
    return schemas.Reading(
        text="\n".join("".join(str(digit.digit) for digit in line) for _, line in lines),
        digits=digits,
        model=model(card),
        source=schemas.Source(**asdict(found.source)),
    )


def _data_url(grey: Grey) -> str:
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
