"""`POST /explain`: the route, its schemas and its presenter."""

import base64
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter, Query, Request
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from app.api import presenters, schemas
from app.api.openapi import PICTURE, form_body, responses
from app.api.parameters import PredictParameters
from app.api.routes import OperationsOf
from app.errors import PICTURE_ERRORS, UPLOAD_ERRORS, InternalError, NotExplainableError, SeveralFilesError
from app.lenet.inference.explanation import PATCH, STRIDE, Explanation
from app.lenet.network.card import Card
from app.lenet.vocabulary import PreprocessingMode

router = APIRouter(responses=responses(InternalError))


class Quantised(BaseModel):
    """Numbers of one array, each as a byte."""

    model_config = ConfigDict(frozen=True)

    shape: tuple[int, ...] = Field(description="Of the array", examples=[[6, 28, 28]])
    range: tuple[float, float] = Field(description="What the bytes 0 and 255 stand for", examples=[[-1.0, 1.0]])
    values: str = Field(description="The bytes in base64, the last axis of the array first", examples=["AID/"])


class Layer(Quantised):
    """What one layer of the network made of the picture, after its activation."""

    name: Literal["input", "conv1", "pool1", "conv2", "pool2", "conv3", "fc1", "fc2"] = Field(
        description="input: what the network takes; fc2: the logits"
    )


class Occlusion(Quantised):
    """How much the answer's logit falls when a square is blanked: positive where the ink spoke for the answer."""

    patch: int = Field(ge=1, description="Side of the square, in pixels of the picture that the network saw")
    stride: int = Field(ge=1, description="Pixels from the middle of one square to the next; the first is pixel 0")


class ExplainedPrediction(schemas.Prediction):
    """The digit in one picture, and how the network came to it."""

    layers: tuple[Layer, ...] = Field(description="From the input to the logits")
    occlusion: Occlusion


@router.post(
    "/explain",
    operation_id="explain",
    summary="Recognise the digit in a picture, and show the network at work",
    tags=["digits"],
    response_model=ExplainedPrediction,
    response_model_exclude_unset=True,
    responses=responses(*UPLOAD_ERRORS, *PICTURE_ERRORS, SeveralFilesError, NotExplainableError),
    openapi_extra=form_body(PICTURE, raw=True),
)
async def explain(
    request: Request, operations: OperationsOf, parameters: Annotated[PredictParameters, Query()]
) -> ExplainedPrediction:
    """Answer as `/predict` does, with what each layer of LeNet-5 made of the picture and which ink decided."""
    explanation = await operations.explain(request.scope, request.receive, parameters.preprocessing)
    card = operations.service.predictor.card
    return present(explanation, card, parameters.preprocessing, with_image=parameters.with_image)


def present(found: Explanation, card: Card, mode: PreprocessingMode, *, with_image: bool) -> ExplainedPrediction:
    """Return the answer to one picture, with the network's layers and the occlusion."""
    fields = presenters.prediction_fields(found.answer, card, mode, with_image=with_image)
    layers = [{"name": layer.name} | _quantised(layer.values) for layer in found.layers]
    occlusion = {"patch": PATCH, "stride": STRIDE} | _quantised(found.occlusion.change)
    return ExplainedPrediction.model_validate(fields | {"layers": layers, "occlusion": occlusion})


def _quantised(values: NDArray[np.float32]) -> dict[str, object]:
    """Return an array as the fields of `Quantised`."""
    low, high = float(values.min()), float(values.max())
    steps = np.rint((values - low) * (255 / ((high - low) or 1))).astype(np.uint8)
    return {"shape": values.shape, "range": (low, high), "values": base64.b64encode(steps.tobytes()).decode()}
