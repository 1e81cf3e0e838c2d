"""The service as a process that listens, or as several under a supervisor."""

import contextlib
import logging
import signal
import socket
import sys
import warnings
from functools import partial

import uvicorn
from fastapi import FastAPI

from app.api_keys import ApiKeys
from app.commands.loading import UNMET, remedy, settings_or_refuse
from app.commands.refusal import refuse
from app.lenet.network import artifact
from app.main import create_app
from app.observability.log_config import configure_logging
from app.observability.worker_slots import shared_folder
from app.runtime.http_protocol import HttpProtocol
from app.runtime.server import DrainingServer
from app.runtime.supervisor import STARTUP_FAILURE, Supervisor
from app.settings import Settings

GRACE_SECONDS = 5
# uvicorn's supervisor kills a worker that is silent for this long; importing what it needs makes it silent.
START_SECONDS = 60


def run() -> None:
    """Serve until told to stop; end the process with 3 and one clear line when the service cannot start."""
    settings = settings_or_refuse(STARTUP_FAILURE)
    configure_logging(settings.log_format, settings.log_level)
    settings.log()
    if settings.processes > 1:
        _check_files(settings)
    listener = _listen(settings)
    config = uvicorn.Config(
        f"{__name__}:{application.__name__}",
        factory=True,
        http=partial(HttpProtocol, limits=settings.connection_limits),  # type: ignore[arg-type]
        workers=settings.processes,
        timeout_worker_healthcheck=START_SECONDS,
        access_log=False,  # ours, in app/observability, says more and knows no addresses
        root_path=settings.root_path,
        forwarded_allow_ips=settings.forwarded_allow_ips,
        server_header=False,
        log_config=None,  # uvicorn's loggers pass their lines on to ours
        log_level=settings.log_level,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    # uvicorn raises SIGTERM again after it has shut down in good order; that counts as a success.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.closing(listener), contextlib.suppress(KeyboardInterrupt):
        if settings.processes > 1:
            supervisor = Supervisor(config, [listener], settings.drain_seconds)
            with shared_folder():
                supervisor.run()
            if supervisor.failed:
                sys.exit(STARTUP_FAILURE)
        else:
            DrainingServer(config, settings.drain_seconds).run(sockets=[listener])


def application() -> FastAPI:
    """Return the application of one worker process; exits with one clear line when it cannot be made."""
    settings = Settings.from_environment()
    settings = settings.model_copy(update={"workers": settings.processes})  # it takes its share of the CPUs
    configure_logging(settings.log_format, settings.log_level)
    warnings.filterwarnings("ignore", module="PIL")  # Pillow warns of every odd tag in an upload
    try:
        return create_app(settings)
    except UNMET as error:
        refuse(remedy(error), STARTUP_FAILURE)


def _check_files(settings: Settings) -> None:
    """Refuse missing weights or keys in one line, instead of one line from every worker process."""
    try:
        artifact.load_card(settings.find_weights())
        if settings.api_keys_file:
            ApiKeys(settings.api_keys_file)
    except UNMET as error:
        refuse(remedy(error), STARTUP_FAILURE)


def _listen(settings: Settings) -> socket.socket:
    """Return a socket, bound before anything is loaded so that a port in use is reported at once."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        reason = str(error.strerror).split(" (")[0]  # the rest repeats the address
        problem = f"cannot listen on {settings.host} port {settings.port}: {reason}; LENET_PORT sets another"
        refuse(problem, STARTUP_FAILURE)
    listener.set_inheritable(True)
    host, port = listener.getsockname()[:2]
    logging.getLogger(__name__).info("listening on http://%s:%d", f"[{host}]" if ":" in host else host, port)
    return listener
