"""`python -m app predict` and `python -m app read`: the answers to files, computed here or by a running service."""

import asyncio
import contextlib
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from app.api import presenters
from app.commands.answers import Answer, exit_code, print_csv, print_json, print_table
from app.commands.refusal import UNMET, refuse, remedy, settings_or_refuse
from app.errors import KINDS
from app.lenet.vocabulary import PreprocessingMode
from app.service import Service

STANDARD_INPUT = "-"
SECONDS = 60

Files = Annotated[list[str], typer.Argument(help="Pictures, folders of them, or - for standard input")]
Url = Annotated[
    str | None, typer.Option(help="Address of a running service to ask; otherwise the model is loaded here")
]
Key = Annotated[str | None, typer.Option(help="API key for that service")]
Plain = Annotated[bool, typer.Option("--plain", help="Only resize pictures; they are in MNIST's form already")]
Json = Annotated[bool, typer.Option("--json", help="Print a line of JSON for each file")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV")]
Length = Annotated[int | None, typer.Option(min=1, max=64, help="Look for lines of so many digits, and no others")]

Ask = Callable[[bytes], Awaitable[Answer]]


def predict(
    files: Files,
    *,
    url: Url = None,
    key: Key = None,
    plain: Plain = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Recognise the digit in each picture.

    Exits with 0 when all answers are sure, 3 when one is unsure, and 1 when a file got an error.
    """
    mode: PreprocessingMode = "plain" if plain else "auto"

    async def compute(service: Service, content: bytes) -> Answer:
        answer = await service.predict(content, mode)
        return presenters.prediction_fields(answer, service.predictor.card, mode)

    with _there(f"{url}/predict?preprocessing={mode}", key) if url else _here(compute) as ask:
        _answer(files, ask, as_json=as_json, as_csv=as_csv)


def read(
    files: Files,
    *,
    url: Url = None,
    key: Key = None,
    plain: Plain = False,
    length: Length = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Read all the digits in each picture.

    Exits with 0 when all answers are sure, 3 when one is unsure, and 1 when a file got an error.
    """
    mode: PreprocessingMode = "plain" if plain else "auto"

    async def compute(service: Service, content: bytes) -> Answer:
        page = await service.read(content, mode, length)
        return presenters.reading(page, service.predictor.card).model_dump(mode="json", exclude_unset=True)

    query = f"preprocessing={mode}" + (f"&length={length}" if length else "")
    with _there(f"{url}/read?{query}", key) if url else _here(compute) as ask:
        _answer(files, ask, as_json=as_json, as_csv=as_csv)


def _answer(files: Sequence[str], ask: Ask, *, as_json: bool, as_csv: bool) -> None:
    """Print the answers to all files, and end the process with their exit code."""
    names = list(_names(files))
    if not names:
        refuse("there are no files in the folders")
    answers = asyncio.run(_answers(names, ask))
    show = print_json if as_json else print_csv if as_csv else print_table
    show(zip(names, answers, strict=True))
    sys.exit(exit_code(answers))


def _names(files: Sequence[str]) -> Iterator[str]:
    for file in files:
        if file != STANDARD_INPUT and Path(file).is_dir():
            yield from (str(inner) for inner in sorted(Path(file).rglob("*")) if inner.is_file())
        else:
            yield file


async def _answers(names: Sequence[str], ask: Ask) -> list[Answer]:
    answers: list[Answer] = []
    for name in names:
        try:
            content = sys.stdin.buffer.read() if name == STANDARD_INPUT else Path(name).read_bytes()
        except OSError as error:
            answers.append({"error": {"code": "unreadable_file", "message": str(error.strerror)}})
        else:
            answers.append(await ask(content))
    return answers


@contextlib.contextmanager
def _here(compute: Callable[[Service, bytes], Awaitable[Answer]]) -> Iterator[Ask]:
    """Give a function that answers a picture with the model of the settings."""
    try:
        service = Service(settings_or_refuse())
    except UNMET as error:
        refuse(remedy(error))

    async def ask(content: bytes) -> Answer:
        try:
            return await compute(service, content)
        except tuple(KINDS) as error:
            return {"error": {"code": KINDS[type(error)].code, "message": str(error)}}

    yield ask
    service.close()


@contextlib.contextmanager
def _there(address: str, key: str | None) -> Iterator[Ask]:
    """Give a function that sends a picture to a running service."""
    headers = {"Content-Type": "application/octet-stream"} | ({"X-API-Key": key} if key else {})

    async def ask(content: bytes) -> Answer:
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

    yield ask
