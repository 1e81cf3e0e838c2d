"""`python -m app`: the commands; without one it serves."""

import typer

from app.commands.bulk import bulk
from app.commands.check import check
from app.commands.keys import keys
from app.commands.recognise import predict, read
from app.commands.serve import serve

commands = typer.Typer(
    help="The digit-recognition service. Settings come from the environment.",
    add_completion=False,
    pretty_exceptions_enable=False,
)
commands.command()(serve)
commands.command()(check)
commands.command()(predict)
commands.command()(read)
commands.command()(bulk)
commands.add_typer(keys, name="keys")


@commands.callback(invoke_without_command=True)
def serve_unless_told_otherwise(context: typer.Context) -> None:
    """Serve when no command is named."""
    if context.invoked_subcommand is None:
        serve()


def main() -> None:
    """Run the command that the arguments name."""
    commands(prog_name="lenet-serve")


if __name__ == "__main__":
    main()
