"""`lenet check`: whether the service can run here, without running it."""

from app.commands.refusal import refuse


def check() -> None:
    """Say whether the service can run here, and with what.

    Loads the model and has it answer its reference digit.

    Exits with 0, or with 1 and one clear line.
    """
    from app.commands.loading import recogniser_or_refuse, settings_or_refuse
    from app.errors import NotReadyError
    from app.runtime.cpu_quota import available_cpus

    settings = settings_or_refuse()
    recogniser = recogniser_or_refuse(settings.model_copy(update={"workers": settings.processes}))
    try:
        recogniser.check()
    except NotReadyError as error:
        refuse(str(error))
    predictor, images, uploads = recogniser.predictor, settings.image_limits, settings.upload_limits
    accuracy = f"{100 * predictor.card.scores.accuracy:.2f} % of MNIST's test digits"
    rows = {
        "model": f"{predictor.card.name} ({predictor.card.short_hash}), {predictor.card.architecture}, {accuracy}",
        "engine": predictor.engine.name,
        "device": predictor.engine.device,
        "CPUs": f"{available_cpus():g} for {settings.processes} workers",
        "pictures": f"{uploads.file_bytes:,} bytes, {images.pixels:,} pixels",
        "batches": f"{uploads.batch_files:,} pictures, {uploads.batch_bytes:,} bytes",
        "each worker": f"{settings.connection_limits.connections:,} connections, {settings.max_waiting:,} waiting "
        f"requests, {settings.max_held_bytes:,} bytes of uploads",
    }
    for name, value in rows.items():
        print(f"{name:<12}{value}")
    print("The model answers its reference digit.")
