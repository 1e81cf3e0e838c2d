"""The command `lenet`: its commands. Their modules import what is slow only when they run, so that help is quick."""

from typing import Annotated

import typer

from app import __version__
from app.commands.bulk import bulk
from app.commands.check import check
from app.commands.keys import keys
from app.commands.model import model
from app.commands.recognise import predict, read
from app.commands.serve import serve

lenet = typer.Typer(
    name="lenet",
    help="Recognise handwritten digits. Settings come from the environment: variables that begin with LENET_.",
    no_args_is_help=True,
    rich_markup_mode=None,  # rich takes as long to import as all the rest
    pretty_exceptions_enable=False,
)
lenet.command()(predict)
lenet.command()(read)
lenet.command()(bulk)
lenet.command()(serve)
lenet.command()(check)
lenet.command()(model)
lenet.add_typer(keys, name="keys")


def print_version(wanted: bool) -> None:
    """Print the version and end the process, if that is wanted."""
    if wanted:
        typer.echo(f"lenet {__version__}")
        raise typer.Exit


@lenet.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=print_version, help="Print the version and exit.")
    ] = False,
) -> None:
    """Take the options that go before a command: those of their own callbacks."""
