"""`lenet predict` and `lenet read`: the answers to files, computed here or by a running service."""

import errno
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from app.commands.answers import FAILED, Answer, exit_code, print_csv, print_json, print_table
from app.commands.files import named_files, read_file
from app.commands.following import followed
from app.commands.refusal import refuse

if TYPE_CHECKING:
    from app.commands.answering import Ask
    from app.lenet.vocabulary import PreprocessingMode

Files = Annotated[
    list[str],
    typer.Argument(metavar="FILE", help="Pictures, folders of them, globs in quotes, or - for standard input"),
]
Url = Annotated[
    str | None, typer.Option(help="Address of a running service to ask; otherwise the model is loaded here")
]
Key = Annotated[str | None, typer.Option(help="API key for that service")]
Plain = Annotated[bool, typer.Option("--plain", help="Only resize pictures; they are in MNIST's form already")]
Json = Annotated[bool, typer.Option("--json", help="Print a line of JSON for each file")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV")]
Length = Annotated[int | None, typer.Option(min=1, max=64, help="Look for lines of so many digits, and no others")]


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
    from app.commands.answering import local_prediction, remote

    mode: PreprocessingMode = "plain" if plain else "auto"
    ask = remote(url, f"/predict?preprocessing={mode}", key) if url is not None else local_prediction(mode)
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
    from app.commands.answering import local_reading, remote

    mode: PreprocessingMode = "plain" if plain else "auto"
    query = f"preprocessing={mode}" + (f"&length={length}" if length else "")
    ask = remote(url, f"/read?{query}", key) if url is not None else local_reading(mode, length)
    _answer(files, ask, as_json=as_json, as_csv=as_csv)


def _answer(files: Sequence[str], ask: "Ask", *, as_json: bool, as_csv: bool) -> NoReturn:
    """Print the answers to all files, and end the process with their exit code."""
    if as_json and as_csv:
        refuse("--json and --csv exclude each other")
    names = named_files(files)
    if not names:
        refuse("there are no files in the folders")
    codes: list[int] = []

    def answers() -> Iterator[tuple[str, Answer]]:
        for name in followed(names, as_they_come=as_json or as_csv):
            answer = _answer_file(name, ask)
            codes.append(exit_code(answer))
            yield name, answer

    show = print_json if as_json else print_csv if as_csv else print_table
    try:
        show(answers())
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise  # whoever reads has seen enough: typer ends the process quietly
        refuse(f"cannot write the answers: {error.strerror}")
    sys.exit(FAILED if FAILED in codes else max(codes))


def _answer_file(name: str, ask: "Ask") -> Answer:
    try:
        content = read_file(name)
    except OSError as error:
        return {"error": {"code": "unreadable_file", "message": str(error.strerror)}}
    return ask(content)
