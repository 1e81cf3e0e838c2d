"""The application: `create_app` puts the service, the layers and the routes together. Importing this does nothing."""

import asyncio
import gc
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware import Middleware

from app import __version__
from app.api import document, error_handlers, presenters
from app.api.access import document_keys
from app.api.explanation import router as explanation_router
from app.api.openapi import TAGS
from app.api.operations import Operations
from app.api.page import router as page_router
from app.api.routes import router
from app.api.v2.routes import router as v2_router
from app.api_keys import ApiKeys
from app.errors import KINDS
from app.layers.cors import cors
from app.layers.error_responses import ErrorResponses
from app.layers.fast_path import FastPath
from app.layers.head import Head
from app.layers.recording import Recording
from app.layers.require_key import RequireKey
from app.layers.response_headers import ResponseHeaders
from app.lenet.vocabulary import UNSURE_REASONS
from app.observability.access_log import log_request
from app.observability.exposition import Exposition
from app.observability.service_metrics import Record, keep_up_to_date, metrics_of_this_process
from app.service import Service
from app.settings import Settings

YOUNG_OBJECTS = 2000
"""Objects that the garbage collector lets come into being between two of its runs.

The requests under way have more than Python's default of 700, at which it ran in vain: 3 % of a request's time.
"""

_DESCRIPTION = """Recognises handwritten digits. Send a picture to `/predict`; PNG, JPEG, WebP, BMP, GIF, TIFF and
AVIF are accepted, and HEIC where its reader is installed. Or [draw a digit](./) and see the network think.

Every error has one form, `{"error": {"code": "...", "message": "...", "request_id": "..."}}`, or under `/v2` that of
the Open Inference Protocol, `{"error": "code: message"}`. The codes are stable; the end of this page lists them.
"""


def layers(
    operations: Operations, records: Sequence[Record], keys: ApiKeys | None = None, origins: Sequence[str] = ()
) -> list[Middleware]:
    """Return the chain of ASGI layers around the routes, the outermost first. Every request passes through it."""
    return [
        Middleware(Head),
        Middleware(Recording, records=records),
        Middleware(ResponseHeaders),
        *cors(origins),
        Middleware(ErrorResponses),
        *([Middleware(RequireKey, keys=keys)] if keys else []),
        Middleware(FastPath, operations=operations),
    ]


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application, its model loaded; settings come from the environment unless given.

    Raises `SettingsError`, `KeyFileError`, `ArtifactError`, `DeviceError` or `EngineError` when the settings cannot be
    met.
    """
    settings = settings or Settings.from_environment()
    keys = ApiKeys(settings.api_keys_file) if settings.api_keys_file else None
    metrics, folder = metrics_of_this_process((kind.code for kind in KINDS.values()), UNSURE_REASONS)
    service = Service(settings, metrics)
    operations = Operations(service, settings.upload_limits)
    records = [metrics.record, log_request] if settings.access_log else [metrics.record]

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, object]]:
        showing = asyncio.create_task(keep_up_to_date(metrics, lambda: service.load))
        gc.collect()
        gc.freeze()  # what is loaded by now stays; scanning it again and again would delay requests
        gc.set_threshold(YOUNG_OBJECTS)
        state: dict[str, object] = {"records": records, "connections": metrics.connections}  # for HttpProtocol
        yield state | ({"reload": keys.reload} if keys else {})  # for SIGHUP
        gc.unfreeze()
        showing.cancel()
        metrics.flush()
        service.close()

    app = FastAPIOffline(
        title="LeNet digits",
        version=__version__,
        description=_DESCRIPTION,
        openapi_tags=TAGS,
        lifespan=lifespan,
        middleware=layers(operations, records, keys, settings.origins),
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        license_info={"name": "MIT", "identifier": "MIT"},
    )
    app.state.operations = operations
    app.state.exposition = Exposition(metrics, folder, presenters.model_facts(service.predictor))
    for routes in (router, explanation_router, v2_router, page_router):
        app.include_router(routes)
    document.install(app)
    error_handlers.install(app)
    if keys:
        document_keys(app)
    return app
