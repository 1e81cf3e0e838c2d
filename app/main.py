"""The application: `create_app` puts the service, the layers and the routes together. Importing this does nothing."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline
from starlette.middleware import Middleware

from app import __version__
from app.api import error_handlers
from app.api.openapi import error_table
from app.api.operations import Operations
from app.api.routes import router
from app.api.v2.routes import router as v2_router
from app.layers.error_responses import ErrorResponses
from app.layers.fast_path import FastPath
from app.layers.head import Head
from app.layers.no_store import NoStore
from app.service import Service
from app.settings import Settings

_DESCRIPTION = f"""Recognises handwritten digits. Send a picture to `/predict`; PNG, JPEG, WebP, BMP, GIF, TIFF and
AVIF are accepted, and HEIC where its reader is installed.

Every error has one form, `{{"error": {{"code": "...", "message": "..."}}}}`, or under `/v2` that of the Open Inference
Protocol, `{{"error": "code: message"}}`. The codes are stable:

{error_table()}
"""


def layers(operations: Operations) -> list[Middleware]:
    """Return the chain of ASGI layers around the routes, the outermost first. Every request passes through it."""
    return [
        Middleware(NoStore),
        Middleware(Head),
        Middleware(ErrorResponses),
        Middleware(FastPath, operations=operations),
    ]


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application, its model loaded; settings come from the environment unless given.

    Raises `SettingsError`, `ArtifactError`, `DeviceError` or `EngineError` when the settings cannot be met.
    """
    settings = settings or Settings.from_environment()
    service = Service(settings)
    operations = Operations(service, settings.upload_limits)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        gc.collect()
        gc.freeze()  # what is loaded by now stays; scanning it again and again would delay requests
        yield
        gc.unfreeze()
        service.close()

    app = FastAPIOffline(
        title="LeNet digits",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=lifespan,
        middleware=layers(operations),
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        license_info={"name": "MIT", "identifier": "MIT"},
    )
    app.state.operations = operations
    app.include_router(router)
    app.include_router(v2_router)
    error_handlers.install(app)
    return app
