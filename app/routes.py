"""The routes: they translate between HTTP and the service, and compute nothing."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse

from app import __version__, schemas
from app.errors import (
    HEALTH_ERRORS,
    KINDS,
    PICTURE_ERRORS,
    UPLOAD_ERRORS,
    InternalError,
    RequestTooLargeError,
    SeveralFilesError,
    TooManyFilesError,
)
from app.lenet.card import Card
from app.lenet.predictor import Prediction
from app.openapi import PICTURE, form_body, responses
from app.service import Failure, Service
from app.upload import read_many, read_one

router = APIRouter(responses=responses(InternalError))


def service_of(request: Request) -> Service:
    """Return the service that the application holds."""
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(service_of)]


@router.post(
    "/predict",
    operation_id="predict",
    summary="Recognise the digit in a picture",
    tags=["digits"],
    response_model=schemas.Prediction,
    responses=responses(*UPLOAD_ERRORS, *PICTURE_ERRORS, SeveralFilesError),
    openapi_extra=form_body(PICTURE, raw=True),
)
async def predict(request: Request, service: ServiceOf) -> schemas.Prediction:
    """Send one picture as the form field `file`, or as the whole body with an image's content type."""
    upload = await read_one(request, service.upload_limits)
    return _prediction(await service.workers.run(service.answer, upload), service.predictor.card)


@router.post(
    "/predict/batch",
    operation_id="predict_batch",
    summary="Recognise the digits in many pictures, one in each",
    tags=["digits"],
    response_model=schemas.Batch,
    responses=responses(*UPLOAD_ERRORS, RequestTooLargeError, TooManyFilesError),
    openapi_extra=form_body({"type": "array", "items": PICTURE}, raw=False),
)
async def predict_batch(request: Request, service: ServiceOf) -> schemas.Batch:
    """Send many form fields `file`. Answers come in their order; a bad picture gets an error and spoils no other."""
    uploads = await read_many(request, service.upload_limits)
    answers = await service.workers.run(service.answer_all, uploads)
    card = service.predictor.card
    return schemas.Batch(
        results=tuple(
            _prediction(answer, card) if isinstance(answer, Prediction) else _failure(answer) for answer in answers
        )
    )


@router.get("/metrics", operation_id="metrics", summary="Stored scores of the weights", tags=["model"])
async def metrics(service: ServiceOf) -> schemas.Metrics:
    """Accuracy and macro-F1 as stored when the weights were exported, for the served model and every other."""
    card = service.predictor.card
    return schemas.Metrics(
        model=_model(card),
        accuracy=card.scores.accuracy,
        macro_f1=card.scores.macro_f1,
        evaluated_on=card.scores.evaluated_on,
        selected_on=card.selected_on,
        weights_sha256=card.weights_sha256,
        per_class=card.scores.per_class,
        others=tuple(
            schemas.StoredScores(model=_model(other), accuracy=other.scores.accuracy, macro_f1=other.scores.macro_f1)
            for other in service.others
        ),
    )


@router.get(
    "/health",
    operation_id="health",
    summary="Whether the model, now, answers a reference digit as it should",
    tags=["health"],
    responses=responses(*HEALTH_ERRORS),
)
async def health(service: ServiceOf) -> schemas.Health:
    """Run the model on its reference digit; 200 only when the answer is the one it was exported with."""
    await service.workers.run(service.check)
    return schemas.Health(
        status="ok",
        model=_model(service.predictor.card),
        device=str(service.predictor.device),
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
    responses=responses(*HEALTH_ERRORS),
)
async def health_ready(service: ServiceOf) -> schemas.Status:
    """Run the model on its reference digit, as `/health` does: a failure means that requests should go elsewhere."""
    await service.workers.run(service.check)
    return schemas.Status(status="ok")


@router.get("/", include_in_schema=False)
async def root() -> RedirectResponse:
    """Lead whoever opens the bare address to the documentation."""
    return RedirectResponse("docs")


def _model(card: Card) -> schemas.ModelName:
    return schemas.ModelName(name=card.name, hash=card.short_hash)


def _prediction(prediction: Prediction, card: Card) -> schemas.Prediction:
    return schemas.Prediction(
        digit=prediction.digit,
        confidence=prediction.confidence,
        probabilities=prediction.probabilities,
        model=_model(card),
    )


def _failure(failure: Failure) -> schemas.ErrorEnvelope:
    return schemas.ErrorEnvelope(error=schemas.ErrorBody(code=KINDS[type(failure)].code, message=str(failure)))
