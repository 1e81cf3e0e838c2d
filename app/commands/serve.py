"""`lenet serve`: the service."""

import signal


def serve() -> None:
    """Serve over HTTP until told to stop.

    Exits with 3 and one clear line when the service cannot start.
    """
    # It asks for the files to be read again. Until it is handled it would end the process, which reads them anyway.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    from app.commands import service_process

    service_process.run()
