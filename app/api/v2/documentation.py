"""What the model takes and gives, and how the OpenAPI document describes its routes."""

from typing import Any

from pydantic import BaseModel

from app.api.openapi import ACCEPTS_ID, REQUEST_ID, Responses
from app.api.v2.errors import v2_responses
from app.api.v2.schemas import InferenceRequest, InferenceResponse, TensorMetadata
from app.errors import (
    PICTURE_ERRORS,
    READINESS_ERRORS,
    BatchPixelsError,
    ContentTypeError,
    DeadlineError,
    InvalidParameterError,
    InvalidTensorError,
    MalformedRequestError,
    OverloadedError,
    RequestTooLargeError,
    TooManyFilesError,
    UnknownModelError,
    UploadTimeoutError,
)
from app.lenet.network.card import Card

HEADER = "Inference-Header-Content-Length"
MODEL = "/models/{name}"
VERSION = f"{MODEL}/versions/{{version}}"

INPUTS = (
    TensorMetadata(name="image", datatype="UINT8", shape=(-1, -1, -1)),
    TensorMetadata(name="file", datatype="BYTES", shape=(-1,)),
)


def outputs_of(card: Card) -> tuple[TensorMetadata, ...]:
    """Return the outputs of the model."""
    return (
        TensorMetadata(name="digit", datatype="INT64", shape=(-1,)),
        TensorMetadata(name="probabilities", datatype="FP32", shape=(-1, len(card.class_names))),
        TensorMetadata(name="unsure", datatype="BOOL", shape=(-1,)),
    )


def _inlined(model: type[BaseModel]) -> Any:
    """Return the model's JSON schema without references, which `openapi_extra` cannot have."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})

    def inline(part: Any) -> Any:
        if isinstance(part, list):
            return [inline(item) for item in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            name = part["$ref"].removeprefix("#/$defs/")
            part = definitions[name] | {key: value for key, value in part.items() if key != "$ref"}
        return {key: inline(value) for key, value in part.items()}

    return inline(schema)


# A 7 of 7 x 7 pixels, which the docs page sends.
_SEVEN = [
    [0, 0, 0, 0, 0, 0, 0],
    [0, 255, 255, 255, 255, 255, 0],
    [0, 0, 0, 0, 0, 255, 0],
    [0, 0, 0, 0, 255, 0, 0],
    [0, 0, 0, 255, 0, 0, 0],
    [0, 0, 0, 255, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0],
]
_IMAGE = {
    "id": "42",
    "inputs": [{"name": "image", "datatype": "UINT8", "shape": [1, 7, 7], "data": [_SEVEN]}],
    "outputs": [{"name": "digit"}],
}
_FILE = {
    "parameters": {"preprocessing": "plain"},
    "inputs": [
        {
            "name": "file",
            "datatype": "BYTES",
            "shape": [1],
            "data": [
                "iVBORw0KGgoAAAANSUhEUgAAAAcAAAAHCAAAAADhOQgPAAAAG0lEQVR42mNggABGhv8QioGBgQHCRqGYGFABAH8yBAFZ3EBLAAAAAElFTkSuQmCC"
            ],
        }
    ],
}

_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": _inlined(InferenceRequest),
                "examples": {
                    "image": {"summary": "Grey levels", "value": _IMAGE},
                    "file": {"summary": "A picture file in base64", "value": _FILE},
                },
            },
            "application/octet-stream": {
                "schema": {
                    "type": "string",
                    "format": "binary",
                    "description": "The JSON and, after it, the binary data",
                }
            },
        },
    }
}

_ANSWERED: Responses = {
    200: {
        "model": InferenceResponse,
        "description": "The outputs, as JSON or as binary data after it",
        "content": {
            "application/json": {
                "example": {
                    "model_name": "robust",
                    "model_version": "8a5ac0f8566b",
                    "id": "42",
                    "outputs": [{"name": "digit", "datatype": "INT64", "shape": [1], "data": [7]}],
                }
            },
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
        "headers": REQUEST_ID
        | {
            HEADER: {
                "description": "Bytes of JSON where binary data follows it",
                "schema": {"type": "integer"},
            }
        },
    }
}
_RESPONSES = _ANSWERED | v2_responses(
    *PICTURE_ERRORS,
    BatchPixelsError,
    ContentTypeError,
    DeadlineError,
    InvalidParameterError,
    InvalidTensorError,
    MalformedRequestError,
    OverloadedError,
    RequestTooLargeError,
    TooManyFilesError,
    UnknownModelError,
    UploadTimeoutError,
)


def _documented(summary: str, responses: Responses, **extra: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return FastAPI's arguments for the route of a model, and for the one of a version of it."""
    name = _parameter("name", "The name of the artifact", "robust")
    version = _parameter("version", "First 12 digits of the weights' SHA-256", "8a5ac0f8566b")
    one, other = (
        {
            "summary": text,
            "responses": responses,
            "openapi_extra": {"parameters": ACCEPTS_ID["parameters"] + parameters} | extra,
        }
        for text, parameters in ((summary, [name]), (f"{summary}, by version", [name, version]))
    )
    return one, other


def _parameter(name: str, description: str, example: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string"},
        "example": example,
    }


METADATA, METADATA_OF_VERSION = _documented("The model", v2_responses(UnknownModelError))
READY, READY_OF_VERSION = _documented(
    "Whether requests for the model may be sent", v2_responses(UnknownModelError, *READINESS_ERRORS)
)
INFER, INFER_OF_VERSION = _documented("Recognise the digits in pictures, one in each", _RESPONSES, **_BODY)
