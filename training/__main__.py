"""`python -m training fit | compare | evaluate | export`: fit recipes, score artifacts, make files to take away."""

import argparse
import json
import logging
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.lenet.decoding.decoder import Limits
from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from app.lenet.network.artifact import Artifact, ArtifactError
from app.lenet.network.card import NAME_PATTERN
from app.lenet.network.devices import DeviceError, select_device
from app.lenet.reading.reader import Reader, load_reader
from training.data.labelled_folders import LabelError
from training.data.mnist import DataError, load_mnist
from training.export.standalone import FORMATS, PortableError, export_portable, require_packages
from training.recipes import RECIPES, Recipe

ARTIFACTS = Path("artifacts")
INTERRUPTED = 130

_GOES_ON = "the same command goes on after its last whole epoch"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the process's exit code: 0, 1 with a line that says why, or 130 when interrupted."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    options = _parser().parse_args(arguments)
    try:
        options.command(options)
    except (ArtifactError, DataError, DeviceError, LabelError, OSError, PortableError) as error:
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
    digits.add_argument("--data", type=Path, default=Path("data"), help="folder of MNIST, fetched when missing")
    shared = argparse.ArgumentParser(add_help=False, parents=[digits])
    shared.add_argument("--device", default="auto", choices=("auto", "cuda", "mps", "cpu"), help="where to compute")

    fitting = argparse.ArgumentParser(add_help=False, parents=[shared])
    fitting.add_argument("--epochs", type=_positive, help="number of epochs, the recipe's unless given")
    fitting.add_argument("--seed", type=_seed, default=42, help="seed of every random generator")
    fitting.add_argument("--out", type=Path, default=ARTIFACTS, help="folder for artifacts")
    fitting.add_argument("--reports", type=Path, default=Path("reports"), help="folder for the reports' folders")

    fit = commands.add_parser("fit", parents=[fitting], help="fit a recipe, export it, and write its report")
    fit.add_argument("--recipe", default="notebook", choices=sorted(RECIPES), help="all hyper-parameters by one name")
    fit.add_argument("--reader", action="store_true", help="fit no network but the reader of the recipe's, or of NAME")
    fit.add_argument("--name", type=_name, help="name of the artifact, the recipe's unless given")
    fit.set_defaults(command=_fit, interrupted=f"interrupted; nothing was exported, and {_GOES_ON}")

    compare = commands.add_parser("compare", parents=[fitting], help="fit LeNet-5 and AlexNet, and compare them")
    compare.set_defaults(command=_compare, interrupted=f"interrupted; {_GOES_ON}")

    evaluate = commands.add_parser("evaluate", parents=[shared], help="score an artifact with the service's own code")
    evaluate.add_argument("--artifact", default="robust", help="a name, or a path to weights")
    pictures = evaluate.add_mutually_exclusive_group()
    pictures.add_argument("--images", type=Path, help="folder tree of labelled pictures instead of MNIST's test digits")
    pictures.add_argument("--corruptions", action="store_true", help="MNIST's test digits under MNIST-C's corruptions")
    pictures.add_argument("--strings", type=Path, help="folder of labelled pictures with several digits each")
    evaluate.add_argument(
        "--reports", type=Path, default=Path("reports"), help="folder in which strings/ shows each one read"
    )
    evaluate.add_argument(
        "--preprocessing", default="auto", choices=("auto", "plain"), help="as in the service's ?preprocessing="
    )
    evaluate.add_argument("--json", action="store_true", help="print JSON instead of a table")
    evaluate.set_defaults(command=_evaluate, interrupted="interrupted")

    export = commands.add_parser("export", parents=[digits], help="write an artifact as one file to take away, checked")
    export.add_argument("--artifact", default="robust", help="a name, or a path to weights")
    export.add_argument("--format", required=True, choices=FORMATS, help="of the file")
    export.add_argument("--out", type=Path, default=Path("exports"), help="folder for the file")
    export.set_defaults(command=_export, interrupted="interrupted; nothing was exported")

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
        raise argparse.ArgumentTypeError("must be from 0 to 4294967295, as numpy wants it")
    return number


def _name(text: str) -> str:
    if not re.fullmatch(NAME_PATTERN, text):  # as the card demands, which is written after the fit
        raise argparse.ArgumentTypeError("must be letters, digits, dots, underscores and dashes, no dash or dot first")
    return text


def _fit(options: argparse.Namespace) -> None:
    from training.pipeline import produce

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
    produce(recipe, mnist, name=name, seed=options.seed, device=device, out=options.out, reports=options.reports)


def _compare(options: argparse.Namespace) -> None:
    from training.compare import COMPARED, compare
    from training.reports.comparison_page import FOLDER

    lenet, alexnet = (_recipe(name, options) for name in COMPARED)
    _make_folders(options.out, *(options.reports / name for name in (*COMPARED, FOLDER)))
    device = select_device(options.device)
    mnist = load_mnist(options.data)
    page = compare(lenet, alexnet, mnist, seed=options.seed, device=device, out=options.out, reports=options.reports)
    print(f"report: {page}")


def _recipe(name: str, options: argparse.Namespace) -> Recipe:
    recipe = RECIPES[name]
    return replace(recipe, epochs=options.epochs) if options.epochs else recipe


def _make_folders(*folders: Path) -> None:
    """Make them before a fit, so that what is wrong with them is known then."""
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
        print(f"{predictor.card.name} ({predictor.card.short_hash}) from {loaded.path}\n{as_table(rows)}")


def _evaluate_strings(reader: Reader, options: argparse.Namespace) -> None:
    from training.evaluation.strings import as_records, as_table, evaluate_strings, scores
    from training.reports.strings_page import write_strings_page

    card = reader.predictor.card
    reads = evaluate_strings(reader, options.strings, Limits())
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
        logging.getLogger(package).setLevel(logging.WARNING)  # they tell of every pass over the graph
    exported = export_portable(loaded, options.format, test, options.out)
    print(
        f"{exported.path}: answers {len(test.labels):,} test digits as {loaded.card.name} ({loaded.card.short_hash}) "
        f"does; largest difference of logits {exported.difference:.2g}"
    )


def _artifact(name: str) -> Artifact:
    return artifact.load(artifact.find(name, [ARTIFACTS, artifact.SHIPPED]))


if __name__ == "__main__":
    sys.exit(main())
