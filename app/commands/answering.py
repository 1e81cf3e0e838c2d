"""What answers a picture: the model of the settings, loaded here, or a running service."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable

from app.api import presenters
from app.commands.answers import Answer
from app.commands.loading import recogniser_or_refuse, settings_or_refuse
from app.commands.refusal import refuse
from app.errors import KINDS
from app.lenet.vocabulary import PreprocessingMode

SECONDS = 60

Ask = Callable[[bytes], Answer]
"""Answers the bytes of a picture; a picture that is refused is answered by its error."""


def local_prediction(mode: PreprocessingMode) -> Ask:
    """Return what recognises a digit with the model loaded here."""
    recogniser = recogniser_or_refuse(settings_or_refuse())

    def ask(content: bytes) -> Answer:
        [found] = recogniser.predict([content], mode)
        if isinstance(found, Exception):
            return _error(found)
        return presenters.prediction_fields(found, recogniser.predictor.card, mode)

    return ask


def local_reading(mode: PreprocessingMode, length: int | None) -> Ask:
    """Return what reads all digits with the model loaded here."""
    recogniser = recogniser_or_refuse(settings_or_refuse())

    def ask(content: bytes) -> Answer:
        try:
            page = recogniser.read(content, mode, length)
        except tuple(KINDS) as error:
            return _error(error)
        return presenters.reading(page, recogniser.predictor.card).model_dump(mode="json", exclude_unset=True)

    return ask


def remote(address: str, key: str | None) -> Ask:
    """Return what sends pictures to a route of a running service; ends the process when that does not answer."""
    headers = {"Content-Type": "application/octet-stream"} | ({"X-API-Key": key} if key else {})

    def ask(content: bytes) -> Answer:
        try:
            request = urllib.request.Request(address, content, headers)  # noqa: S310 - the operator names the address
            try:
                with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310
                    body = response.read()
            except urllib.error.HTTPError as error:
                body = error.read()
            answer: Answer = json.loads(body)
        except (ValueError, OSError) as error:
            route, _, _ = address.partition("?")
            refuse(f"{route} does not answer: {getattr(error, 'reason', error)}")
        return answer

    return ask


def _error(error: Exception) -> Answer:
    return {"error": {"code": KINDS[type(error)].code, "message": str(error)}}
