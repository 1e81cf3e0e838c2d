"""The answer to a request for inference: outputs as JSON or as binary data after it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pydantic_core import to_json

from app.api.v2.infer_request import Inference
from app.api.v2.schemas import OutputName, RequestOutput
from app.errors import PICTURE_ERRORS, BatchPixelsError, InvalidTensorError
from app.lenet.inference.answer import Answer
from app.lenet.network.card import Card
from app.pictures import Failure

OUTPUTS: dict[OutputName, tuple[str, str]] = {
    "digit": ("INT64", "<i8"),
    "probabilities": ("FP32", "<f4"),
    "unsure": ("BOOL", "?"),
}
"""The outputs in their order, each with its datatype and NumPy's name of that."""


def check_outputs(inference: Inference) -> None:
    """Raise `InvalidTensorError` unless the outputs that are asked for are there, each once."""
    names = [output.name for output in inference.request.outputs]
    for name in names:
        if name not in OUTPUTS:
            raise InvalidTensorError(f"{name}: there is no such output; there are {', '.join(OUTPUTS)}")
        if names.count(name) > 1:
            raise InvalidTensorError(f"{name}: the output is asked for more than once")


def all_answered(inference: Inference, answers: Sequence[Answer | Failure]) -> list[Answer]:
    """Return the answers; raises the first failure, which names its picture, because an output has no place for one."""
    answered = []
    for index, answer in enumerate(answers):
        if isinstance(answer, Answer):
            answered.append(answer)
        elif isinstance(answer, (*PICTURE_ERRORS, BatchPixelsError)):
            raise type(answer)(f"{inference.request.inputs[0].name}[{index}]: {answer}")
        else:
            raise answer
    return answered


def encode(inference: Inference, answers: Sequence[Answer], card: Card) -> tuple[bytes, bytes]:
    """Return the JSON of the answer, and the binary data that follows it."""
    request = inference.request
    columns: dict[str, list[object]] = {
        "digit": [answer.prediction.digit for answer in answers],
        "probabilities": [answer.prediction.probabilities for answer in answers],
        "unsure": [bool(answer.reasons) for answer in answers],
    }
    outputs, binary = [], bytearray()
    for wanted in request.outputs or [RequestOutput(name=name) for name in OUTPUTS]:
        datatype, dtype = OUTPUTS[wanted.name]  # type: ignore[index]  # checked before
        values: NDArray[np.generic] = np.array(columns[wanted.name], dtype)
        output: dict[str, object] = {"name": wanted.name, "datatype": datatype, "shape": values.shape}
        as_binary = wanted.parameters.binary_data
        if request.parameters.binary_data_output if as_binary is None else as_binary:
            output["parameters"] = {"binary_data_size": values.nbytes}
            binary += values.tobytes()
        else:
            output["data"] = np.array(columns[wanted.name]).ravel().tolist()
        outputs.append(output)
    identity = {} if request.id is None else {"id": request.id}
    answer = {"model_name": card.name, "model_version": card.short_hash, **identity, "outputs": outputs}
    return to_json(answer), bytes(binary)
