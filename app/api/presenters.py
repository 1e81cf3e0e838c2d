"""Presenters turn the inner ring's objects into the schemas of the OpenAPI document."""

import base64
import io
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app import __version__
from app.api import schemas
from app.api.openapi import envelope
from app.errors import KINDS
from app.lenet.box import Box
from app.lenet.inference.answer import Answer
from app.lenet.inference.predictor import Predictor
from app.lenet.network.card import Card
from app.lenet.reading.answer import ReadLine
from app.lenet.vocabulary import PreprocessingMode
from app.observability.exposition import ModelFacts
from app.pictures import Failure
from app.recogniser import Page


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
    image = {} if page.image is None else {"image": _data_url(page.image)}
    return schemas.Reading(
        **image,
        text="\n".join(line.text for line in found.lines),
        digits=digits,
        lines=tuple(_line(line) for line in found.lines),
        rejected=tuple(_box(box) for box in found.rejected),
        confidence=round(found.confidence, 6),
        unsure=found.unsure,
        warnings=found.warnings,
        model=model(card),
        source=schemas.ImageSource(**asdict(page.source)),
    )


def metrics(card: Card, others: Sequence[Card]) -> schemas.Metrics:
    """Return the stored scores of the served model's card, and those of the others'."""
    return schemas.Metrics(**dict(_stored_scores(card)), others=tuple(_stored_scores(other) for other in others))


def model_facts(predictor: Predictor) -> ModelFacts:
    """Return what Prometheus is told of the model served."""
    card, engine = predictor.card, predictor.engine
    words = {"name": card.name, "hash": card.short_hash, "engine": engine.name, "device": engine.device}
    return ModelFacts(card.scores.accuracy, card.scores.macro_f1, words | {"version": __version__})


def _stored_scores(card: Card) -> schemas.StoredScores:
    scores = card.scores
    return schemas.StoredScores(
        model=model(card),
        accuracy=scores.accuracy,
        macro_f1=scores.macro_f1,
        nll=scores.nll,
        brier=scores.brier,
        ece=scores.ece,
        reliability=scores.reliability,
        certainty=card.calibration,
        evaluated_on=scores.evaluated_on,
        selected_on=card.selected_on,
        weights_sha256=card.weights_sha256,
        per_class=scores.per_class,
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


def _data_url(pixels: NDArray[np.uint8]) -> str:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
