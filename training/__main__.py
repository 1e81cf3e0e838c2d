"""The command `python -m training fit | compare | evaluate | export`."""

import argparse
import json
import logging
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from app.lenet.network.artifact import Artifact, ArtifactError
from app.lenet.network.card import NAME_PATTERN
from app.lenet.network.devices import DeviceError, select_device
from app.lenet.reading.reader import Reader, load_reader

try:
    from training.data.labelled_folders import LabelError
    from training.data.mnist import DataError, load_mnist
    from training.export.standalone import FORMATS, StandaloneError, export_standalone, require_packages
    from training.recipes import RECIPES, Recipe
except ModuleNotFoundError as missing:  # the service alone is installed, which brings this command too
    sys.exit(f"{missing}; the extra `train` has what training needs: pip install 'lenet-digits[train]'")

ARTIFACTS = Path("artifacts")
INTERRUPTED = 130

_RESUMES = "run the same command to resume after the last completed epoch"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0, 1 after printing an error, or 130 when interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except (ArtifactError, DataError, DeviceError, LabelError, OSError, StandaloneError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(options.interrupted, file=sys.stderr)
        return INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    digits = argparse.ArgumentParser(add_help=False)
    digits.add_argument("--data", type=Path, default=Path("data"), help="folder of MNIST, downloaded if missing")
    shared = argparse.ArgumentParser(add_help=False, parents=[digits])
    shared.add_argument("--device", default="auto", choices=("auto", "cuda", "mps", "cpu"), help="device to compute on")

    fitting = argparse.ArgumentParser(add_help=False, parents=[shared])
    fitting.add_argument("--epochs", type=_positive, help="number of epochs, instead of the recipe's")
    fitting.add_argument("--seed", type=_seed, default=42, help="seed of all random generators")
    fitting.add_argument("--out", type=Path, default=ARTIFACTS, help="folder for artifacts")
    fitting.add_argument("--reports", type=Path, default=Path("reports"), help="folder for the reports")

    fit = commands.add_parser("fit", parents=[fitting], help="fit a recipe, export its artifact and write a report")
    fit.add_argument("--recipe", default="notebook", choices=sorted(RECIPES), help="the set of hyper-parameters")
    fit.add_argument("--reader", action="store_true", help="fit the reader of the recipe's network, or of NAME's")
    fit.add_argument("--name", type=_name, help="name of the artifact, instead of the recipe's")
    fit.set_defaults(command=_fit, interrupted=f"interrupted, nothing was exported; {_RESUMES}")

    compare = commands.add_parser("compare", parents=[fitting], help="fit LeNet-5 and AlexNet and compare them")
    compare.set_defaults(command=_compare, interrupted=f"interrupted; {_RESUMES}")

    evaluate = commands.add_parser("evaluate", parents=[shared], help="score an artifact with the service's code")
    evaluate.add_argument("--artifact", default="robust", help="name of an artifact, or path of its weights")
    pictures = evaluate.add_mutually_exclusive_group()
    pictures.add_argument("--images", type=Path, help="folder of labelled pictures, instead of MNIST's test set")
    pictures.add_argument("--corruptions", action="store_true", help="MNIST's test set under MNIST-C's corruptions")
    pictures.add_argument("--strings", type=Path, help="folder of labelled pictures of several digits each")
    evaluate.add_argument("--reports", type=Path, default=Path("reports"), help="folder for the page of --strings")
    evaluate.add_argument(
        "--preprocessing", default="auto", choices=("auto", "plain"), help="as the service's query parameter"
    )
    evaluate.add_argument("--json", action="store_true", help="print JSON instead of a table")
    evaluate.set_defaults(command=_evaluate, interrupted="interrupted")

    export = commands.add_parser("export", parents=[digits], help="export an artifact as a checked standalone file")
    export.add_argument("--artifact", default="robust", help="name of an artifact, or path of its weights")
    export.add_argument("--format", required=True, choices=FORMATS, help="format of the file")
    export.add_argument("--out", type=Path, default=Path("exports"), help="folder for the file")
    export.set_defaults(command=_export, interrupted="interrupted, nothing was exported")

    for command in (fit, compare, evaluate, export):
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
        raise argparse.ArgumentTypeError("must be from 0 to 4294967295")
    return number


def _name(text: str) -> str:
    if not re.fullmatch(NAME_PATTERN, text):  # the card requires it, but is written only after the fit
        raise argparse.ArgumentTypeError("must be letters, digits, '.', '_' and '-', and not start with '.' or '-'")
    return text


def _fit(options: argparse.Namespace) -> None:
    from training.pipeline import run_recipe

    recipe = _recipe(options.recipe, options)
    name = options.name or recipe.name
    if options.reader:
        from training.fitting.fit_reader import fit_reader

        path = fit_reader(_artifact(name), load_mnist(options.data).train, seed=options.seed, out=options.out)
        print(f"the reader's weights: {path}")
        return
    _make_folders(options.out, options.reports / name)
    device = select_device(options.device)
    mnist = load_mnist(options.data)
    run_recipe(recipe, mnist, name=name, seed=options.seed, device=device, out=options.out, reports=options.reports)


def _compare(options: argparse.Namespace) -> None:
    from training.compare import COMPARED, compare_networks
    from training.reports.comparison_page import FOLDER

    lenet, alexnet = (_recipe(name, options) for name in COMPARED)
    _make_folders(options.out, *(options.reports / name for name in (*COMPARED, FOLDER)))
    device = select_device(options.device)
    mnist = load_mnist(options.data)
    page = compare_networks(
        lenet, alexnet, mnist, seed=options.seed, device=device, out=options.out, reports=options.reports
    )
    print(f"report: {page}")


def _recipe(name: str, options: argparse.Namespace) -> Recipe:
    recipe = RECIPES[name]
    return replace(recipe, epochs=options.epochs) if options.epochs else recipe


def _make_folders(*folders: Path) -> None:
    """Make the folders before a fit, so that it does not fail after hours because of them."""
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)


def _evaluate(options: argparse.Namespace) -> None:
    from training.evaluation.evaluate import as_records, as_table, evaluate_corruptions, evaluate_folder, evaluate_mnist

    loaded = _artifact(options.artifact)
    predictor = Predictor(loaded, select_device(options.device))
    if options.strings:
        _evaluate_strings(load_reader(loaded, predictor), options)
        return
    if options.images:
        rows = evaluate_folder(predictor, options.images, ImageLimits(), options.preprocessing)
    elif options.corruptions:
        rows = evaluate_corruptions(predictor, load_mnist(options.data).test, options.preprocessing)
    else:
        rows = evaluate_mnist(predictor, load_mnist(options.data).test, options.preprocessing)
    if options.json:
        print(
            json.dumps({"artifact": predictor.card.name, "hash": predictor.card.short_hash, "scores": as_records(rows)})
        )
    else:
        print(f"{predictor.card.name} ({predictor.card.short_hash}) from {loaded.path}\n{as_table(rows)}")


def _evaluate_strings(reader: Reader, options: argparse.Namespace) -> None:
    from training.evaluation.strings import as_records, as_table, evaluate_strings, scores
    from training.reports.strings_page import write_strings_page

    card = reader.predictor.card
    reads = evaluate_strings(reader, options.strings, ImageLimits())
    rows = scores(reads)
    page = write_strings_page(
        reads, rows, f"Strings read by {card.name} ({card.short_hash})", options.reports / "strings"
    )
    if options.json:
        print(json.dumps({"artifact": card.name, "hash": card.short_hash, "scores": as_records(rows)}))
    else:
        print(f"{card.name} ({card.short_hash})\n{as_table(rows)}\nreport: {page}")


def _export(options: argparse.Namespace) -> None:
    require_packages(options.format)
    loaded = _artifact(options.artifact)
    test = load_mnist(options.data).test
    for package in ("onnx_ir", "onnxscript"):
        logging.getLogger(package).setLevel(logging.WARNING)  # they log each pass over the graph
    exported = export_standalone(loaded, options.format, test, options.out)
    print(
        f"{exported.path}: {len(test.labels):,} test digits get the same answers as from {loaded.card.name} "
        f"({loaded.card.short_hash}); logits differ by up to {exported.difference:.2g}"
    )


def _artifact(name: str) -> Artifact:
    return artifact.load(artifact.find(name, [ARTIFACTS, artifact.SHIPPED]))


if __name__ == "__main__":
    sys.exit(main())
