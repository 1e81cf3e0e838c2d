"""What answers a picture: the model of the settings, loaded here, or a running service."""

import json
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from app.api import presenters
from app.commands.answers import Answer
from app.commands.loading import recogniser_or_refuse, settings_or_refuse
from app.commands.refusal import refuse
from app.errors import KINDS, FileTooLargeError
from app.lenet.vocabulary import PreprocessingMode

SECONDS = 60

_CONNECTIONS = {"http": HTTPConnection, "https": HTTPSConnection}

Ask = Callable[[bytes], Answer]
"""Answers the bytes of a picture; a picture that is refused is answered by its error."""


def local_prediction(mode: PreprocessingMode) -> Ask:
    """Return what recognises a digit with the model loaded here."""
    settings = settings_or_refuse()
    recogniser = recogniser_or_refuse(settings)

    def ask(content: bytes) -> Answer:
        [found] = recogniser.predict([content], mode)
        if isinstance(found, Exception):
            return _error(found)
        return presenters.prediction_fields(found, recogniser.predictor.card, mode)

    return _of_at_most(settings.max_file_bytes, ask)


def local_reading(mode: PreprocessingMode, length: int | None) -> Ask:
    """Return what reads all digits with the model loaded here."""
    settings = settings_or_refuse()
    recogniser = recogniser_or_refuse(settings)

    def ask(content: bytes) -> Answer:
        try:
            page = recogniser.read(content, mode, length)
        except tuple(KINDS) as error:
            return _error(error)
        return presenters.reading(page, recogniser.predictor.card).model_dump(mode="json", exclude_unset=True)

    return _of_at_most(settings.max_file_bytes, ask)


def remote(url: str, route: str, key: str | None) -> Ask:
    """Return what sends pictures to a route of the service at `url`; ends the process when that does not answer."""
    base = urlsplit(url if "://" in url else f"http://{url}")
    connect = _CONNECTIONS.get(base.scheme)
    if connect is None or not base.netloc:
        refuse(f"{url} is no address of a service; http://127.0.0.1:8000 is one")
    path = base.path.rstrip("/") + route
    address = f"{base.scheme}://{base.netloc}{path.partition('?')[0]}"
    headers = {"Content-Type": "application/octet-stream"} | ({"X-API-Key": key} if key else {})

    def ask(content: bytes) -> Answer:
        # urllib would send `Connection: close`. The service then closes while the rest of a too large picture is on
        # its way, and the answer that says so is lost.
        try:
            with closing(connect(base.netloc, timeout=SECONDS)) as connection:
                connection.request("POST", path, content, headers)
                response = connection.getresponse()
                body = response.read()
        except (ValueError, OSError, HTTPException) as error:
            reason = getattr(error, "strerror", None) or str(error).strip()
            refuse(f"{address} does not answer: {reason}")
        return _checked(body) or refuse(f"{address} is not of this service; it answers {response.status}")

    return ask


def _checked(body: bytes) -> Answer | None:
    """Return the answer or the error in what may be anything."""
    try:
        answer = json.loads(body)
    except ValueError:
        return None
    if not isinstance(answer, dict) or not (isinstance(answer.get("error"), dict) or "unsure" in answer):
        return None
    return answer


def _of_at_most(most: int, ask: Ask) -> Ask:
    """Return what answers larger pictures by an error, as the service does."""
    too_large = _error(FileTooLargeError(f"a picture may have at most {most:,} bytes"))
    return lambda content: ask(content) if len(content) <= most else too_large


def _error(error: Exception) -> Answer:
    return {"error": {"code": KINDS[type(error)].code, "message": str(error)}}
