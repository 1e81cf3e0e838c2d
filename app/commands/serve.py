"""`lenet serve`: the service."""


def serve() -> None:
    """Serve over HTTP until told to stop.

    Exits with 3 and one clear line when the service cannot start.
    """
    from app.commands import service_process

    service_process.run()
