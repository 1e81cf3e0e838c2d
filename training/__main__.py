"""`python -m training fit | evaluate`: fit a recipe and export it, or score an artifact."""

import argparse
import json
import logging
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from app.lenet import artifact
from app.lenet.artifact import ArtifactError
from app.lenet.card import NAME_PATTERN
from app.lenet.device import DeviceError, select_device
from app.lenet.intake import Limits
from app.lenet.predictor import Predictor
from training.data import DataError, Mnist, load_mnist
from training.labelled import LabelError
from training.recipes import RECIPES

if TYPE_CHECKING:
    from training.evaluate import Score

ARTIFACTS = Path("artifacts")
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the process's exit code: 0, 1 with a line that says why, or 130 when interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except (ArtifactError, DataError, DeviceError, LabelError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "interrupted; nothing was exported, and the same command goes on after its last whole epoch",
            file=sys.stderr,
        )
        return INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", type=Path, default=Path("data"), help="folder of MNIST, fetched when missing")
    shared.add_argument("--device", default="auto", choices=("auto", "cuda", "mps", "cpu"), help="where to compute")

    fit = commands.add_parser("fit", parents=[shared], help="fit a recipe, export it, and write its report")
    fit.add_argument("--recipe", default="notebook", choices=sorted(RECIPES), help="all hyper-parameters by one name")
    fit.add_argument("--name", type=_name, help="name of the artifact, the recipe's unless given")
    fit.add_argument("--epochs", type=_positive, help="number of epochs, the recipe's unless given")
    fit.add_argument("--seed", type=_seed, default=42, help="seed of every random generator")
    fit.add_argument("--out", type=Path, default=ARTIFACTS, help="folder for the artifact")
    fit.add_argument("--reports", type=Path, default=Path("reports"), help="folder for the report's folder")
    fit.set_defaults(command=_fit)

    evaluate = commands.add_parser("evaluate", parents=[shared], help="score an artifact with the service's own code")
    evaluate.add_argument("--artifact", default="robust", help="a name, or a path to weights")
    pictures = evaluate.add_mutually_exclusive_group()
    pictures.add_argument("--images", type=Path, help="folder tree of labelled pictures instead of MNIST's test digits")
    pictures.add_argument("--corruptions", action="store_true", help="MNIST's test digits under MNIST-C's corruptions")
    evaluate.add_argument(
        "--preprocessing", default="auto", choices=("auto", "plain"), help="as in the service's ?preprocessing="
    )
    evaluate.add_argument("--json", action="store_true", help="print JSON instead of a table")
    evaluate.set_defaults(command=_evaluate)
    for command in (fit, evaluate):
        command.formatter_class = argparse.ArgumentDefaultsHelpFormatter
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _seed(text: str) -> int:
    number = int(text)
    if not 0 <= number < 1 << 32:
        raise argparse.ArgumentTypeError("must be from 0 to 4294967295, as numpy wants it")
    return number


def _name(text: str) -> str:
    if not re.fullmatch(NAME_PATTERN, text):  # as the card demands, which is written after the fit
        raise argparse.ArgumentTypeError("must be letters, digits, dots, underscores and dashes, no dash or dot first")
    return text


def _fit(options: argparse.Namespace) -> None:
    from dataclasses import replace

    from training.checkpoint import Checkpoint
    from training.export import export
    from training.fit import fit
    from training.report import write_report

    torch.set_flush_denormal(True)  # faster on CPUs, and the figures stay the same
    recipe = RECIPES[options.recipe]
    if options.epochs:
        recipe = replace(recipe, epochs=options.epochs)
    name = options.name or recipe.name
    reports = options.reports / name
    for folder in (options.out, reports):  # what is wrong with them had better be known before the fit
        folder.mkdir(parents=True, exist_ok=True)
    device = select_device(options.device)
    mnist = load_mnist(options.data)
    checkpoint = Checkpoint(reports / "unfinished.pt", recipe, options.seed)
    fitted = fit(recipe, mnist, seed=options.seed, device=device, checkpoint=checkpoint)
    path, evaluation = export(fitted, recipe, mnist, name=name, seed=options.seed, device=device, out=options.out)
    card = artifact.load(path).card
    print(f"lenet-5 (mnist) -> acc: {evaluation.accuracy:.4f} | macro-f1: {card.scores.macro_f1:.4f}")
    robustness = _robustness(path, mnist, device) if recipe.distortion else []
    page = write_report(card, mnist.test, evaluation.logits.cpu(), reports, robustness)
    checkpoint.delete()
    print(f"artifact: {path}\nreport: {page}")


def _robustness(path: Path, mnist: Mnist, device: torch.device) -> "list[Score]":
    from training.evaluate import evaluate_corruptions

    return evaluate_corruptions(Predictor(artifact.load(path), device), mnist.test, "auto")


def _evaluate(options: argparse.Namespace) -> None:
    from training.evaluate import as_records, as_table, evaluate_corruptions, evaluate_folder, evaluate_mnist

    path = artifact.find(options.artifact, [ARTIFACTS, artifact.SHIPPED])
    predictor = Predictor(artifact.load(path), select_device(options.device))
    if options.images:
        rows = evaluate_folder(predictor, options.images, Limits(), options.preprocessing)
    elif options.corruptions:
        rows = evaluate_corruptions(predictor, load_mnist(options.data).test, options.preprocessing)
    else:
        rows = evaluate_mnist(predictor, load_mnist(options.data).test, options.preprocessing)
    if options.json:
        print(
            json.dumps({"artifact": predictor.card.name, "hash": predictor.card.short_hash, "scores": as_records(rows)})
        )
    else:
        print(f"{predictor.card.name} ({predictor.card.short_hash}) from {path}\n{as_table(rows)}")


if __name__ == "__main__":
    sys.exit(main())
