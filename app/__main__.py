"""`python -m app`: serve with the settings from the environment."""

import contextlib
import logging
import signal
import socket
import sys
import warnings
from functools import partial
from typing import NoReturn

import uvicorn
from fastapi import FastAPI

from app.lenet.network import artifact
from app.lenet.network.artifact import ArtifactError
from app.lenet.network.devices import DeviceError
from app.lenet.network.engines import EngineError
from app.main import create_app
from app.runtime.http_protocol import HttpProtocol
from app.runtime.server import DrainingServer
from app.runtime.supervisor import STARTUP_FAILURE, Supervisor
from app.settings import Settings, SettingsError

GRACE_SECONDS = 5
# uvicorn's supervisor kills a worker that is silent for this long; importing what it needs makes it silent.
START_SECONDS = 60

# What the operator can change, by the error that stops the start.
_REMEDIES: dict[type[Exception], str] = {
    ArtifactError: "LENET_MODEL and LENET_ARTIFACTS choose the weights",
    DeviceError: "LENET_DEVICE chooses the device",
    EngineError: "LENET_ENGINE and LENET_DEVICE choose what computes",
}


def main() -> None:
    """Serve until told to stop; exits with one clear line when the service cannot start."""
    try:
        settings = Settings.from_environment()
    except SettingsError as error:
        _refuse(str(error))
    _set_up_logging(settings)
    settings.log()
    if settings.processes > 1:
        _check_model(settings)
    listener = _listen(settings)
    config = uvicorn.Config(
        "app.__main__:application",
        factory=True,
        http=partial(HttpProtocol, limits=settings.connection_limits),  # type: ignore[arg-type]
        workers=settings.processes,
        timeout_worker_healthcheck=START_SECONDS,
        access_log=settings.access_log,
        log_config=None,  # uvicorn's loggers pass their lines on to ours
        log_level=settings.log_level,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    # uvicorn raises SIGTERM again after it has shut down in good order; that counts as a success.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.closing(listener), contextlib.suppress(KeyboardInterrupt):
        if settings.processes > 1:
            supervisor = Supervisor(config, [listener], settings.drain_seconds)
            supervisor.run()
            if supervisor.failed:
                sys.exit(STARTUP_FAILURE)
        else:
            DrainingServer(config, settings.drain_seconds).run(sockets=[listener])


def application() -> FastAPI:
    """Return the application of one worker process; exits with one clear line when it cannot be made."""
    settings = Settings.from_environment()
    settings = settings.model_copy(update={"workers": settings.processes})  # it takes its share of the CPUs
    _set_up_logging(settings)
    warnings.filterwarnings("ignore", module="PIL")  # Pillow warns of every odd tag in an upload
    try:
        return create_app(settings)
    except (ArtifactError, DeviceError, EngineError) as error:
        _refuse(_with_remedy(error))


def _check_model(settings: Settings) -> None:
    """Refuse missing weights in one line, instead of one line from every worker process."""
    try:
        artifact.load_card(settings.find_weights())
    except ArtifactError as error:
        _refuse(_with_remedy(error))


def _listen(settings: Settings) -> socket.socket:
    """Return a socket, bound before anything is loaded so that a port in use is reported at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        reason = str(error.strerror).split(" (")[0]  # the rest repeats the address
        _refuse(f"cannot listen on {settings.host} port {settings.port}: {reason}; LENET_PORT sets another")
    listener.set_inheritable(True)
    host, port = listener.getsockname()[:2]
    logging.getLogger(__name__).info("listening on http://%s:%d", f"[{host}]" if ":" in host else host, port)
    return listener


def _set_up_logging(settings: Settings) -> None:
    line = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"
    logging.basicConfig(level=settings.log_level.upper(), format=line, force=True)
    logging.getLogger("PIL").setLevel(logging.INFO)  # its debug lines hold the metadata of uploads


def _with_remedy(error: Exception) -> str:
    return f"{error} ({_REMEDIES[type(error)]})"


def _refuse(reason: str) -> NoReturn:
    print(f"lenet-serve: {reason}", file=sys.stderr)
    sys.exit(STARTUP_FAILURE)


if __name__ == "__main__":
    main()
