"""The routes: they translate between HTTP and the service, and compute nothing."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import RedirectResponse

from app import __version__
from app.api import presenters, schemas
from app.api.openapi import PICTURE, form_body, responses
from app.errors import (
    HEALTH_ERRORS,
    PICTURE_ERRORS,
    UPLOAD_ERRORS,
    InternalError,
    RequestTooLargeError,
    SeveralFilesError,
    TooManyFilesError,
)
from app.lenet.inference.preprocessing import Preprocessing
from app.service import Service
from app.uploads.receiving import read_many, read_one

router = APIRouter(responses=responses(InternalError))


def service_of(request: Request) -> Service:
    """Return the service that the application holds."""
    service: Service = request.app.state.service
    return service


ServiceOf = Annotated[Service, Depends(service_of)]
Length = Annotated[int | None, Query(ge=1, le=64, description="Look for lines of so many digits, and answer no others")]


PreprocessingOf = Annotated[
    Preprocessing,
    Query(description="auto: to MNIST's form whatever the picture is like; plain: resize and normalise as it is"),
]
Include = Annotated[
    Literal["image"] | None, Query(description="image: add the picture that the network saw, as a data URL")
]


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
    request: Request, service: ServiceOf, preprocessing: PreprocessingOf = "auto", include: Include = None
) -> schemas.Prediction:
    """Send one picture as the form field `file`, or as the whole body with an image's content type."""
    with service.budget.account() as charge:
        upload = await read_one(request.scope, request.receive, service.upload_limits, charge)
        answer = await service.answer(upload, preprocessing)
    return presenters.prediction(answer, service.predictor.card, preprocessing, with_image=include == "image")


@router.post(
    "/predict/batch",
    operation_id="predict_batch",
    summary="Recognise the digits in many pictures, one in each",
    tags=["digits"],
    response_model=schemas.Batch,
    response_model_exclude_unset=True,
    responses=responses(*UPLOAD_ERRORS, RequestTooLargeError, TooManyFilesError),
    openapi_extra=form_body({"type": "array", "items": PICTURE}, raw=False),
)
async def predict_batch(
    request: Request, service: ServiceOf, preprocessing: PreprocessingOf = "auto", include: Include = None
) -> schemas.Batch:
    """Send many form fields `file`. Answers come in their order; a bad picture gets an error and spoils no other."""
    with service.budget.account() as charge:
        uploads = await read_many(request.scope, request.receive, service.upload_limits, charge)
        answers = await service.workers.run(service.answer_all, uploads, preprocessing)
    return presenters.batch(answers, service.predictor.card, preprocessing, with_image=include == "image")


@router.post(
    "/read",
    operation_id="read",
    summary="Read all the digits in one picture",
    tags=["digits"],
    response_model=schemas.Reading,
    responses=responses(*UPLOAD_ERRORS, *PICTURE_ERRORS, SeveralFilesError),
    openapi_extra=form_body(PICTURE, raw=True),
)
async def read(
    request: Request, service: ServiceOf, preprocessing: PreprocessingOf = "auto", length: Length = None
) -> schemas.Reading:
    """Numbers in lines, also where digits touch; signs, letters and dirt beside them are listed as rejected."""
    with service.budget.account() as charge:
        upload = await read_one(request.scope, request.receive, service.upload_limits, charge)
        reading = await service.workers.run(service.read, upload, preprocessing, length)
    return presenters.reading(reading, service.predictor.card)


@router.get("/metrics", operation_id="metrics", summary="Stored scores of the weights", tags=["model"])
async def metrics(service: ServiceOf) -> schemas.Metrics:
    """Accuracy and macro-F1 as stored when the weights were exported, for the served model and every other."""
    card = service.predictor.card
    return schemas.Metrics(
        model=presenters.model(card),
        accuracy=card.scores.accuracy,
        macro_f1=card.scores.macro_f1,
        nll=card.scores.nll,
        brier=card.scores.brier,
        ece=card.scores.ece,
        certainty=card.certainty,
        evaluated_on=card.scores.evaluated_on,
        selected_on=card.selected_on,
        weights_sha256=card.weights_sha256,
        per_class=card.scores.per_class,
        others=tuple(
            schemas.StoredScores(
                model=presenters.model(other), accuracy=other.scores.accuracy, macro_f1=other.scores.macro_f1
            )
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
    await service.probes.run(service.check)
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
    responses=responses(*HEALTH_ERRORS),
)
async def health_ready(service: ServiceOf) -> schemas.Status:
    """Run the model on its reference digit, as `/health` does: a failure means that requests should go elsewhere."""
    await service.probes.run(service.check)
    return schemas.Status(status="ok")


@router.get("/", include_in_schema=False)
async def root() -> RedirectResponse:
    """Lead whoever opens the bare address to the documentation."""
    return RedirectResponse("docs")
