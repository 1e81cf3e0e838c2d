"""The routes: they translate between HTTP and the service, and compute nothing."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from app import __version__
from app.api import presenters, schemas
from app.api.openapi import PICTURE, PICTURES, form_body, responses
from app.api.operations import Operations
from app.api.parameters import PredictParameters, ReadParameters
from app.errors import (
    HEALTH_ERRORS,
    PICTURE_ERRORS,
    READINESS_ERRORS,
    UPLOAD_ERRORS,
    DrainingError,
    InternalError,
    RequestTooLargeError,
    SeveralFilesError,
    TooManyFilesError,
)
from app.lenet.network.card import Card
from app.service import Service

router = APIRouter(responses=responses(InternalError))


def operations_of(request: Request) -> Operations:
    """Return the operations that the application holds."""
    operations: Operations = request.app.state.operations
    return operations


def service_of(request: Request) -> Service:
    """Return the service that the application holds."""
    return operations_of(request).service


OperationsOf = Annotated[Operations, Depends(operations_of)]
ServiceOf = Annotated[Service, Depends(service_of)]


@router.post(
    "/predict",
    operation_id="predict",
    summary="Recognise the digit in a picture",
    tags=["digits"],
    response_model=schemas.Prediction,
    response_model_exclude_unset=True,
    responses=responses(*UPLOAD_ERRORS, *PICTURE_ERRORS, SeveralFilesError),
    openapi_extra=form_body(PICTURE, raw=True),
)
async def predict(
    request: Request, operations: OperationsOf, parameters: Annotated[PredictParameters, Query()]
) -> schemas.Prediction:
    """Send one picture as the form field `file`, or as the whole body with an image's content type."""
    answer = await operations.predict(request.scope, request.receive, parameters.preprocessing)
    card = operations.service.predictor.card
    return presenters.prediction(answer, card, parameters.preprocessing, with_image=parameters.with_image)


@router.post(
    "/predict/batch",
    operation_id="predict_batch",
    summary="Recognise the digits in many pictures, one in each",
    tags=["digits"],
    response_model=schemas.Batch,
    response_model_exclude_unset=True,
    responses=responses(*UPLOAD_ERRORS, RequestTooLargeError, TooManyFilesError),
    openapi_extra=form_body(PICTURES, raw=False),
)
async def predict_batch(
    request: Request, operations: OperationsOf, parameters: Annotated[PredictParameters, Query()]
) -> schemas.Batch:
    """Send many form fields `file`. The answers keep their order; a bad picture gets an error and spoils no other."""
    answers = await operations.predict_batch(request.scope, request.receive, parameters.preprocessing)
    card = operations.service.predictor.card
    return presenters.batch(answers, card, parameters.preprocessing, with_image=parameters.with_image)


@router.post(
    "/read",
    operation_id="read",
    summary="Read all the digits in one picture",
    tags=["digits"],
    response_model=schemas.Reading,
    response_model_exclude_unset=True,
    responses=responses(*UPLOAD_ERRORS, *PICTURE_ERRORS, SeveralFilesError),
    openapi_extra=form_body(PICTURE, raw=True),
)
async def read(
    request: Request, operations: OperationsOf, parameters: Annotated[ReadParameters, Query()]
) -> schemas.Reading:
    """Send one picture with numbers in lines; digits may touch. Signs, letters and dirt are listed as rejected."""
    page = await operations.read(
        request.scope,
        request.receive,
        parameters.preprocessing,
        parameters.length,
        with_image=parameters.with_image,
    )
    return presenters.reading(page, operations.service.predictor.card)


@router.get("/metrics", operation_id="metrics", summary="Stored scores of the weights", tags=["model"])
async def metrics(service: ServiceOf) -> schemas.Metrics:
    """Accuracy and macro-F1 as stored when the weights were exported, for the served model and every other."""
    return presenters.metrics(service.predictor.card, service.other_cards)


@router.get("/model", operation_id="model", summary="The card of the weights", tags=["model"])
async def model(service: ServiceOf) -> Card:
    """All that is known about the served weights: recipe, history, scores, confusion matrix, calibration, reference."""
    return service.predictor.card


@router.get(
    "/health",
    operation_id="health",
    summary="Whether the model answers a reference digit correctly, now",
    tags=["health"],
    responses=responses(*HEALTH_ERRORS),
)
async def health(service: ServiceOf) -> schemas.Health:
    """Run the model on its reference digit; 200 only when the answer is the one that it was exported with."""
    await service.check()
    return schemas.Health(
        status="ok",
        model=presenters.model(service.predictor.card),
        device=service.predictor.engine.device,
        version=__version__,
        uptime_seconds=round(service.uptime, 3),
    )


@router.get("/health/live", operation_id="health_live", summary="Whether the process answers", tags=["health"])
async def health_live() -> schemas.Status:
    """Answer without touching the model: a failure means that the process must be restarted."""
    return schemas.Status(status="ok")


@router.get(
    "/health/ready",
    operation_id="health_ready",
    summary="Whether requests may be sent",
    tags=["health"],
    responses=responses(*READINESS_ERRORS),
)
async def health_ready(request: Request, service: ServiceOf) -> schemas.Status:
    """Run the model on its reference digit, as `/health` does: a failure means that requests should go elsewhere."""
    if getattr(request.state, "draining", False):
        raise DrainingError("the service is about to end; send requests elsewhere")
    await service.check()
    return schemas.Status(status="ok")
