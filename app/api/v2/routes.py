"""The routes of the Open Inference Protocol: metadata, health and inference, for the one model that is served."""

from typing import Annotated

from fastapi import APIRouter, Header, Request, Response

from app import __version__
from app.api.openapi import ACCEPTS_ID, SUCCESS
from app.api.routes import OperationsOf, ServiceOf, check_ready
from app.api.v2 import schemas
from app.api.v2.documentation import (
    HEADER,
    INFER,
    INFER_OF_VERSION,
    INPUTS,
    METADATA,
    METADATA_OF_VERSION,
    MODEL,
    READY,
    READY_OF_VERSION,
    VERSION,
    outputs_of,
)
from app.api.v2.errors import v2_responses
from app.api.v2.infer_response import encode
from app.errors import READINESS_ERRORS, InternalError, UnknownModelError
from app.lenet.network.card import Card
from app.service import Service

router = APIRouter(prefix="/v2", tags=["Open Inference Protocol"], responses=SUCCESS | v2_responses(InternalError))

_PLATFORMS = {"onnx": "onnxruntime_onnx", "torch": "pytorch_safetensors"}


@router.get("", operation_id="v2_server_metadata", summary="The server", openapi_extra=ACCEPTS_ID)
async def server_metadata() -> schemas.ServerMetadata:
    """Answer name, version and the extensions of the protocol that the server has."""
    return schemas.ServerMetadata(name="lenet-digits", version=__version__, extensions=("binary_tensor_data",))


@router.get(
    "/health/live",
    operation_id="v2_health_live",
    summary="Whether the process answers",
    openapi_extra=ACCEPTS_ID,
)
async def health_live() -> schemas.ServerLive:
    """Answer without touching the model, as `/health/live` does."""
    return schemas.ServerLive(live=True)


@router.get(
    "/health/ready",
    operation_id="v2_health_ready",
    summary="Whether requests may be sent",
    responses=v2_responses(*READINESS_ERRORS),
    openapi_extra=ACCEPTS_ID,
)
async def health_ready(request: Request, service: ServiceOf) -> schemas.ServerReady:
    """Run the model on its reference digit, as `/health/ready` does."""
    await check_ready(request, service)
    return schemas.ServerReady(ready=True)


def _card(request: Request, service: Service) -> Card:
    """Return the card of the model; raises `UnknownModelError` unless the path has its name and version, if any."""
    card, path = service.predictor.card, request.path_params
    if path["name"] != card.name or path.get("version") not in (None, card.short_hash):
        raise UnknownModelError(f"{path['name']} is not served here; {card.name}, version {card.short_hash}, is")
    return card


@router.get(MODEL, operation_id="v2_model_metadata", **METADATA)
@router.get(VERSION, operation_id="v2_model_version_metadata", **METADATA_OF_VERSION)
async def model_metadata(request: Request, service: ServiceOf) -> schemas.ModelMetadata:
    """Answer the inputs, of which a request has one, and the outputs."""
    card = _card(request, service)
    return schemas.ModelMetadata(
        name=card.name,
        versions=(card.short_hash,),
        platform=_PLATFORMS[service.predictor.engine.name],
        inputs=INPUTS,
        outputs=outputs_of(card),
    )


@router.get(f"{MODEL}/ready", operation_id="v2_model_ready", **READY)
@router.get(f"{VERSION}/ready", operation_id="v2_model_version_ready", **READY_OF_VERSION)
async def model_ready(request: Request, service: ServiceOf) -> schemas.ModelReady:
    """Run the model on its reference digit, as `/health/ready` does."""
    card = _card(request, service)
    await check_ready(request, service)
    return schemas.ModelReady(name=card.name, ready=True)


@router.post(f"{MODEL}/infer", operation_id="v2_infer", **INFER)
@router.post(f"{VERSION}/infer", operation_id="v2_version_infer", **INFER_OF_VERSION)
async def infer(
    request: Request,
    operations: OperationsOf,
    json_length: Annotated[
        int | None, Header(alias=HEADER, ge=0, description="Bytes of JSON where binary data follows it")
    ] = None,
) -> Response:
    """Send one input: `image`, grey levels, or `file`, picture files. If a picture is refused, the request is."""
    card = _card(request, operations.service)
    inference, answers = await operations.infer(request.scope, request.receive, json_length)
    text, binary = encode(inference, answers, card)
    if not binary:
        return Response(text, media_type="application/json")
    return Response(text + binary, headers={HEADER: str(len(text))}, media_type="application/octet-stream")
