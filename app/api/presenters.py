"""From what the service found to what it answers: the inner ring's objects as the schemas of the OpenAPI page."""

import base64
import io
from collections.abc import Sequence
from dataclasses import asdict

from PIL import Image

from app.api import schemas
from app.api.openapi import envelope
from app.errors import KINDS
from app.lenet.box import Box
from app.lenet.inference.answer import Answer
from app.lenet.inference.input_tensor import Grey
from app.lenet.inference.preprocessing import Preprocessing
from app.lenet.network.card import Card
from app.lenet.reading.answer import ReadLine
from app.service import Failure, Page


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


def reading(page: Page, card: Card) -> schemas.Reading:
    """Return the digits of one picture, the text they make, and what was not taken for a digit."""
    found = page.reading
    digits = tuple(
        schemas.ReadDigit(
            **asdict(digit.prediction), unsure=bool(digit.prediction.reasons), box=_box(digit.box), line=number
        )
        for number, line in enumerate(found.lines)
        for digit in line.digits
    )
    return schemas.Reading(
        text="\n".join(line.text for line in found.lines),
        digits=digits,
        lines=tuple(_line(line) for line in found.lines),
        rejected=tuple(_box(box) for box in found.rejected),
        confidence=round(found.confidence, 6),
        unsure=found.unsure,
        warnings=found.warnings,
        model=model(card),
        source=schemas.Source(**asdict(page.source)),
    )


def _line(line: ReadLine) -> schemas.Line:
    return schemas.Line(
        text=line.text,
        groups=tuple(line.text[first:end] for first, end in line.groups),
        box=_box(line.box),
        slope=round(line.slope, 4),
        confidence=round(line.confidence, 6),
        alternatives=tuple(
            schemas.Alternative(text=other.text, probability=round(other.probability, 6)) for other in line.alternatives
        ),
    )


def _box(box: Box) -> schemas.Box:
    return schemas.Box(**asdict(box))


def _data_url(grey: Grey) -> str:
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
