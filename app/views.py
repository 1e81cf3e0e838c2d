"""From what the service found to what it answers: the inner ring's objects as the schemas of the OpenAPI page."""

import base64
import io
from collections.abc import Sequence
from dataclasses import asdict
from itertools import groupby

from PIL import Image

from app import schemas
from app.errors import KINDS
from app.lenet.answer import Answer
from app.lenet.card import Card
from app.lenet.preparation import Preprocessing
from app.lenet.preprocessing import Grey
from app.service import Failure, Reading


def model(card: Card) -> schemas.ModelName:
    """Return the name and short hash of the weights that `card` describes."""
    return schemas.ModelName(name=card.name, hash=card.short_hash)


def prediction(answer: Answer, card: Card, mode: Preprocessing, *, with_image: bool) -> schemas.Prediction:
    """Return the answer to one picture, with what the network saw when asked for."""
    prepared = answer.prepared
    return schemas.Prediction(
        **asdict(answer.prediction) | {"reasons": answer.reasons},
        unsure=bool(answer.reasons),
        model=model(card),
        preprocessing=schemas.Preparation(
            mode=mode,
            inverted=prepared.inverted,
            box=schemas.Box(**asdict(prepared.box)) if prepared.box else None,
            flattened=prepared.flattened,
            removed=prepared.removed,
            source=schemas.Source(**asdict(prepared.source)),
        ),
        warnings=prepared.warnings,
        **({"image": _data_url(prepared.seen)} if with_image else {}),
    )


def batch(answers: Sequence[Answer | Failure], card: Card, mode: Preprocessing, *, with_image: bool) -> schemas.Batch:
    """Return the answers to many pictures, errors in the place of those that were refused."""
    return schemas.Batch(
        results=tuple(
            prediction(answer, card, mode, with_image=with_image) if isinstance(answer, Answer) else failure(answer)
            for answer in answers
        )
    )


def failure(error: Failure) -> schemas.ErrorEnvelope:
    """Return an error as every answer puts it."""
    return schemas.ErrorEnvelope(error=schemas.ErrorBody(code=KINDS[type(error)].code, message=str(error)))


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
