"""The protocol's schemas, by its own names; the OpenAPI document describes them, and requests are checked by them."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic.json_schema import SkipJsonSchema

from app.lenet.vocabulary import PreprocessingMode

DataType = Literal["UINT8", "BYTES", "INT64", "FP32", "BOOL"]
OutputName = Literal["digit", "probabilities", "unsure"]

Size = Annotated[int, Field(ge=0)]

# The data is cut out of the JSON before this is checked, and parsed by itself; `true` stands in its place.
_Data = Annotated[
    Literal[True],
    WithJsonSchema(
        {
            "description": "`image`: grey levels row by row, flat or nested as `shape`; `file`: each file in base64",
            "anyOf": [
                {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 255}},
                {"type": "array", "items": {"type": "array"}},
                {"type": "array", "items": {"type": "string", "contentEncoding": "base64"}},
            ],
        }
    ),
]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class InferenceError(_Answer):
    """The form of every error under `/v2`."""

    error: str = Field(description="A stable code, a colon, and a message for people")


class ServerMetadata(_Answer):
    """The server and the extensions of the protocol that it has."""

    name: str = Field(examples=["lenet-digits"])
    version: str = Field(examples=["0.1.0"])
    extensions: tuple[str, ...] = Field(examples=[["binary_tensor_data"]])


class ServerLive(_Answer):
    """The process answers."""

    live: Literal[True]


class ServerReady(_Answer):
    """Requests may be sent."""

    ready: Literal[True]


class ModelReady(ServerReady):
    """Requests for this model may be sent."""

    name: str = Field(examples=["robust"])


class TensorMetadata(_Answer):
    """A tensor; -1 stands for a size that varies."""

    name: str = Field(examples=["image"])
    datatype: DataType
    shape: tuple[int, ...] = Field(examples=[[-1, -1, -1]])


class ModelMetadata(_Answer):
    """The model; a request has one of the inputs."""

    name: str = Field(examples=["robust"])
    versions: tuple[str, ...] = Field(examples=[["8a5ac0f8566b"]])
    platform: str = Field(examples=["onnxruntime_onnx"])
    inputs: tuple[TensorMetadata, ...]
    outputs: tuple[TensorMetadata, ...]


class RequestParameters(_Request):
    """Parameters of a request."""

    preprocessing: PreprocessingMode = "auto"
    binary_data_output: bool = Field(False, description="Answer outputs as binary data unless they say otherwise")


class InputParameters(_Request):
    """Parameters of an input."""

    binary_data_size: Size | SkipJsonSchema[None] = Field(
        None, description="Bytes of this tensor after the JSON, in place of `data`"
    )
    content_type: Literal["np", "base64"] | SkipJsonSchema[None] = Field(
        None, description="As MLServer's clients send it; changes nothing"
    )


class OutputParameters(_Request):
    """Parameters of a requested output."""

    binary_data: bool | SkipJsonSchema[None] = Field(None, description="Answer this output as binary data")


class RequestInput(_Request):
    """The pictures: grey levels, or encoded files."""

    name: str = Field(json_schema_extra={"enum": ["image", "file"]})
    datatype: str = Field(
        description="UINT8 for `image`, BYTES for `file`", json_schema_extra={"enum": ["UINT8", "BYTES"]}
    )
    shape: tuple[Size, ...] = Field(
        description="`image`: [N, height, width] or [N, 1, height, width]; `file`: [N]", min_length=1, max_length=4
    )
    parameters: InputParameters = InputParameters()
    data: _Data | SkipJsonSchema[None] = None


class RequestOutput(_Request):
    """An output that is asked for."""

    name: str = Field(json_schema_extra={"enum": ["digit", "probabilities", "unsure"]})
    parameters: OutputParameters = OutputParameters()


class InferenceRequest(_Request):
    """A request for inference."""

    id: str | SkipJsonSchema[None] = Field(None, description="Returned with the answer")
    model_name: str | SkipJsonSchema[None] = Field(
        None, description="As KServe's client sends it; the path names the model"
    )
    parameters: RequestParameters = RequestParameters()
    inputs: tuple[RequestInput, ...] = Field(min_length=1, max_length=1)
    outputs: tuple[RequestOutput, ...] = Field((), description="All three unless given")


class ResponseOutputParameters(_Answer):
    """Parameters of an output that is answered as binary data."""

    binary_data_size: Size


class ResponseOutput(_Answer):
    """An output: INT64 [N], FP32 [N, 10] or BOOL [N], its `data` flat and row by row."""

    name: OutputName
    datatype: DataType
    shape: tuple[int, ...] = Field(examples=[[1]])
    parameters: ResponseOutputParameters | None = None
    data: tuple[int, ...] | tuple[float, ...] | tuple[bool, ...] | None = Field(None, examples=[[7]])


class InferenceResponse(_Answer):
    """The answer to a request for inference."""

    model_name: str = Field(examples=["robust"])
    model_version: str = Field(examples=["8a5ac0f8566b"])
    id: str | None = Field(None, examples=["42"])
    outputs: tuple[ResponseOutput, ...]
