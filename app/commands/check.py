"""`python -m app check`: whether the service can run here, without running it."""

import asyncio

from app.commands.refusal import UNMET, refuse, remedy, settings_or_refuse
from app.errors import NotReadyError
from app.runtime.cpu_quota import available_cpus
from app.service import Service


def check() -> None:
    """Load the model, answer its reference digit, and print what the service would run with.

    Exits with 0, or with 1 and one clear line.
    """
    settings = settings_or_refuse()
    try:
        service = Service(settings.model_copy(update={"workers": settings.processes}))
        asyncio.run(service.check())
    except UNMET as error:
        refuse(remedy(error))
    except NotReadyError as error:
        refuse(str(error))
    predictor, images, uploads = service.predictor, settings.image_limits, settings.upload_limits
    service.close()
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
