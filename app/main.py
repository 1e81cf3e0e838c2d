"""The application: `create_app` puts service, routes and error handlers together. Importing this does nothing."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi_offline import FastAPIOffline

from app import __version__
from app.api import error_handlers
from app.api.openapi import error_table
from app.api.routes import router
from app.layers.fast_path import Direct
from app.layers.no_store import NoStore
from app.service import Service
from app.settings import Settings

_DESCRIPTION = f"""Recognises handwritten digits. Send a picture to `/predict`; PNG, JPEG, WebP, BMP, GIF and TIFF are
accepted.

Every error has one form, `{{"error": {{"code": "...", "message": "..."}}}}`. The codes are stable:

{error_table()}
"""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application, its model loaded; settings come from the environment unless given.

    Raises `SettingsError`, `ArtifactError`, `DeviceError` or `EngineError` when it cannot be what the settings ask for.
    """
    service = Service(settings or Settings.from_environment())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        gc.collect()
        gc.freeze()  # what is loaded by now stays; to look through it again and again would hold up requests
        yield
        gc.unfreeze()
        service.close()

    app = FastAPIOffline(
        title="LeNet digits",
        version=__version__,
        description=_DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
        license_info={"name": "MIT", "identifier": "MIT"},
    )
    app.state.service = service
    app.include_router(router)
    app.add_middleware(NoStore)
    error_handlers.install(app)
    app.middleware_stack = Direct(app.build_middleware_stack(), service)
    return app
