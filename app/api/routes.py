"""The routes: they translate between HTTP and the service, and compute nothing."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from app import __version__
from app.api import presenters, schemas
from app.api.content_negotiation import preferred
from app.api.openapi import (
    ACCEPTS_ID,
    EXPOSITION,
    MEDIA_TYPES_OF_METRICS,
    PICTURE,
    PICTURES,
    SUCCESS,
    form_body,
    responses,
)
from app.api.operations import Operations
from app.api.parameters import PredictParameters, ReadParameters
from app.errors import (
    HEALTH_ERRORS,
    PICTURE_ERRORS,
    READINESS_ERRORS,
    UPLOAD_ERRORS,
    BatchPixelsError,
    DrainingError,
    InternalError,
    RequestTooLargeError,
    SeveralFilesError,
    TooManyFilesError,
)
from app.lenet.network.card import Card
from app.observability.exposition import Exposition
from app.service import Service

router = APIRouter(responses=SUCCESS | responses(InternalError))


def operations_of(request: Request) -> Operations:
    """Return the operations that the application holds."""
    operations: Operations = request.app.state.operations
    return operations


def service_of(request: Request) -> Service:
    """Return the service that the application holds."""
    return operations_of(request).service


async def check_ready(request: Request, service: Service) -> None:
    """Raise `DrainingError` at the end of the service's life, and `NotReadyError` unless the model answers rightly."""
    if getattr(request.state, "draining", False):
        raise DrainingError("the service is about to end; send requests elsewhere")
    await service.check()


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
    responses=responses(*UPLOAD_ERRORS, RequestTooLargeError, TooManyFilesError, BatchPixelsError),
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


@router.get(
    "/metrics",
    operation_id="metrics",
    summary="Stored scores of the weights, and for Prometheus also counts",
    tags=["model"],
    response_model=schemas.Metrics,
    responses=EXPOSITION,
    openapi_extra=ACCEPTS_ID,
)
async def metrics(request: Request, response: Response, service: ServiceOf) -> schemas.Metrics | Response:
    """Accuracy and macro-F1 as stored when the weights were exported, for the served model and every other.

    A client whose `Accept` prefers `application/openmetrics-text` or `text/plain`, as Prometheus' does, is answered in
    that format, which also has what the service has counted and what it is busy with.
    """
    accept = ",".join(request.headers.getlist("accept"))
    media_type, media_range = preferred(accept, MEDIA_TYPES_OF_METRICS)
    if media_type == MEDIA_TYPES_OF_METRICS[0]:
        response.headers["Vary"] = "Accept"
        return presenters.metrics(service.predictor.card, service.other_cards)
    exposition: Exposition = request.app.state.exposition
    text, media_type = await exposition.text(media_range or media_type)
    return Response(text, headers={"Content-Type": media_type, "Vary": "Accept"})


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
    openapi_extra=ACCEPTS_ID,
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


@router.get(
    "/health/live",
    operation_id="health_live",
    summary="Whether the process answers",
    tags=["health"],
    openapi_extra=ACCEPTS_ID,
)
async def health_live() -> schemas.Status:
    """Answer without touching the model: a failure means that the process must be restarted."""
    return schemas.Status(status="ok")


@router.get(
    "/health/ready",
    operation_id="health_ready",
    summary="Whether requests may be sent",
    tags=["health"],
    responses=responses(*READINESS_ERRORS),
    openapi_extra=ACCEPTS_ID,
)
async def health_ready(request: Request, service: ServiceOf) -> schemas.Status:
    """Run the model on its reference digit, as `/health` does: a failure means that requests should go elsewhere."""
    await check_ready(request, service)
    return schemas.Status(status="ok")
