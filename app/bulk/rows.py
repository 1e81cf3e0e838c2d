"""The rows of the output, as Arrow: fields are named as in the HTTP service's answers."""

from collections.abc import Sequence

import pyarrow as pa

from app.errors import KINDS
from app.lenet.box import Box
from app.lenet.inference.answer import Answer
from app.pictures import Failure
from app.recogniser import Page

_BOX = pa.struct({name: pa.int32() for name in ("x", "y", "width", "height")})
_LINE = pa.struct(
    {
        "text": pa.string(),
        "groups": pa.list_(pa.string()),
        "box": _BOX,
        "slope": pa.float64(),
        "confidence": pa.float64(),
    }
)
_DIGIT = pa.struct(
    {"digit": pa.int8(), "confidence": pa.float64(), "unsure": pa.bool_(), "box": _BOX, "line": pa.int32()}
)

_ONE_DIGIT = {
    "digit": pa.int8(),
    "confidence": pa.float64(),
    "probabilities": pa.list_(pa.float64()),
    "unsure": pa.bool_(),
    "reasons": pa.list_(pa.string()),
    "warnings": pa.list_(pa.string()),
}
_ALL_DIGITS = {
    "text": pa.string(),
    "lines": pa.list_(_LINE),
    "digits": pa.list_(_DIGIT),
    "confidence": pa.float64(),
    "unsure": pa.bool_(),
    "warnings": pa.list_(pa.string()),
}
_ALWAYS = {"error": pa.string(), "model": pa.string()}


def schema(*, reads: bool) -> pa.Schema:
    """Return the schema of answers about one digit, or with `reads` about all; rows with an error have nulls."""
    return pa.schema((_ALL_DIGITS if reads else _ONE_DIGIT) | _ALWAYS)


def of_answers(answers: Sequence[Answer | Failure], model: str) -> pa.RecordBatch:
    """Return a row for each answer about one digit, or for its error; `model` is the hash of the weights."""
    found = [answer if isinstance(answer, Answer) else None for answer in answers]
    columns: list[list[object]] = [
        [answer and answer.prediction.digit for answer in found],
        [answer and answer.prediction.confidence for answer in found],
        [answer and answer.prediction.probabilities for answer in found],
        [answer and bool(answer.reasons) for answer in found],
        [answer and answer.reasons for answer in found],
        [answer and answer.preprocessed.warnings for answer in found],
    ]
    return _batch(columns, answers, model, schema(reads=False))


def of_pages(pages: Sequence[Page | Failure], model: str) -> pa.RecordBatch:
    """Return a row for each picture that was read, or for its error; boxes are in pixels of the upright picture."""
    found = [page.reading if isinstance(page, Page) else None for page in pages]
    columns: list[list[object]] = [
        [reading and "\n".join(line.text for line in reading.lines) for reading in found],
        [
            reading
            and [
                {
                    "text": line.text,
                    "groups": [line.text[first:end] for first, end in line.groups],
                    "box": _box(line.box),
                    "slope": round(line.slope, 4),
                    "confidence": round(line.confidence, 6),
                }
                for line in reading.lines
            ]
            for reading in found
        ],
        [
            reading
            and [
                {
                    "digit": digit.prediction.digit,
                    "confidence": digit.prediction.confidence,
                    "unsure": bool(digit.prediction.reasons),
                    "box": _box(digit.box),
                    "line": number,
                }
                for number, line in enumerate(reading.lines)
                for digit in line.digits
            ]
            for reading in found
        ],
        [reading and round(reading.confidence, 6) for reading in found],
        [reading and reading.unsure for reading in found],
        [reading and reading.warnings for reading in found],
    ]
    return _batch(columns, pages, model, schema(reads=True))


def _batch(columns: list[list[object]], answers: Sequence[object], model: str, fields: pa.Schema) -> pa.RecordBatch:
    errors = [KINDS[type(answer)].code if isinstance(answer, Failure) else None for answer in answers]
    every = [*columns, errors, [model] * len(answers)]
    return pa.record_batch([pa.array(column, field.type) for column, field in zip(every, fields, strict=True)], fields)


def _box(box: Box) -> dict[str, int]:
    return {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
