"""`lenet keys`: make API keys."""

import sys
from typing import Annotated

import typer

from app.api_keys import KeyFileError, key_line, new_key
from app.commands.refusal import refuse

keys = typer.Typer(help="Make API keys, for the file LENET_API_KEYS_FILE.")


@keys.callback()
def commands() -> None:
    """Keep `new` a command of its own: typer would make the only command the whole."""


@keys.command()
def new(name: Annotated[str, typer.Argument(help="Whose key it is: letters, digits, '.', '_' and '-'")]) -> None:
    """Print a new key on standard error, and the line of the file for it on standard output."""
    key = new_key()
    try:
        line = key_line(name, key)
    except KeyFileError as error:
        refuse(str(error))
    print(line)
    print(f"The key of {name}, which is stored nowhere: {key}", file=sys.stderr)
