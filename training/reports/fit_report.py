"""The report of a fit: a Markdown page with curves, confusion matrix, mistakes and reliability diagram as PNG files."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from torch import Tensor

from app.lenet.network.card import Card, Epoch
from training.data.mnist import Digits
from training.evaluation.evaluate import GroupScores, as_table
from training.reports.reliability_diagram import reliability_diagram

CURVES, CONFUSION, MISTAKES, RELIABILITY = "curves.png", "confusion.png", "mistakes.png", "reliability.png"
PAGE = "README.md"

_MOST_MISTAKES = 150
_SHEET_COLUMNS = 15
_SHEET_TILE = 40, 32  # height and width in pixels of a 28x28 digit and its caption
_SHEET_DPI = 43


def write_report(
    card: Card, test: Digits, logits: Tensor, folder: Path, robustness: Sequence[GroupScores] = ()
) -> Path:
    """Write the report of the artifact that `card` describes to `folder` and return the path of the Markdown page.

    `logits` (N, classes) are the network's for the pictures of `test`, in order. `robustness` holds the scores under
    corruptions, if they were measured.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _save(_curves(card.history), folder / CURVES)
    _save(_confusion(card), folder / CONFUSION)
    _save(_mistakes(test, logits.argmax(1).numpy()), folder / MISTAKES)
    _save(reliability_diagram(card.scores.reliability), folder / RELIABILITY)
    page = folder / PAGE
    page.write_text(_markdown(card) + _robustness(robustness))
    return page


def _save(figure: Figure, path: Path) -> None:
    FigureCanvasAgg(figure).print_png(path)


def _curves(history: Sequence[Epoch]) -> Figure:
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    epochs = [epoch.epoch for epoch in history]
    loss: Axes
    accuracy: Axes
    loss, accuracy = figure.subplots(1, 2)
    for axes, title, train, valid in (
        (loss, "loss", [e.train_loss for e in history], [e.valid_loss for e in history]),
        (accuracy, "accuracy", [e.train_accuracy for e in history], [e.valid_accuracy for e in history]),
    ):
        axes.plot(epochs, train, marker="o", label="train")
        axes.plot(epochs, valid, marker="o", label="validation")
        axes.set(title=title, xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        axes.legend()
    return figure


def _confusion(card: Card) -> Figure:
    matrix = np.array(card.scores.confusion_matrix)
    shares = matrix / matrix.sum(axis=1, keepdims=True).clip(min=1)
    figure = Figure(figsize=(6.4, 6), layout="constrained")
    axes = figure.subplots()
    # Mistakes are a few in a thousand. A square-root scale makes them visible beside the diagonal.
    axes.imshow(np.sqrt(shares), cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(matrix):
        colour = "white" if row == column else "black"
        axes.text(column, row, str(count) if count else "", ha="center", va="center", color=colour, fontsize=8)
    ticks = range(len(card.class_names))
    axes.set_xticks(ticks, card.class_names)
    axes.set_yticks(ticks, card.class_names)
    axes.set(title=f"{card.name}: {card.scores.evaluated_on}", xlabel="predicted", ylabel="label")
    return figure


def _mistakes(test: Digits, predicted: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Figure:
    labels = test.labels.numpy()
    wrong = np.flatnonzero(predicted != labels)
    shown = wrong[:_MOST_MISTAKES]
    rows = max(1, -(-len(shown) // _SHEET_COLUMNS))
    height, width = _SHEET_TILE
    sheet = np.full((rows * height, _SHEET_COLUMNS * width), 255, np.uint8)
    figure = Figure(figsize=(sheet.shape[1] / _SHEET_DPI, sheet.shape[0] / _SHEET_DPI + 0.4))
    figure.suptitle(
        f"{len(wrong)} mistakes in {len(labels):,} digits, {len(shown)} shown: label > predicted", fontsize=10
    )
    # One axes for the whole sheet: drawing one for each digit takes ten times as long.
    axes = figure.add_axes((0, 0, 1, 1 - 0.4 / figure.get_figheight()))
    axes.axis("off")
    for place, index in enumerate(shown):
        top, left = place // _SHEET_COLUMNS * height, place % _SHEET_COLUMNS * width
        sheet[top + 10 : top + 38, left + 2 : left + 30] = test.images[index]
        axes.text(left + 16, top + 8, f"{labels[index]} > {predicted[index]}", fontsize=8, ha="center")
    axes.imshow(sheet, cmap="gray", vmin=0, vmax=255, aspect="auto")
    return figure


def _markdown(card: Card) -> str:
    epochs = "\n".join(
        f"| {e.epoch} | {e.train_loss:.4f} | {e.train_accuracy:.4f} | {e.valid_loss:.4f} | {e.valid_accuracy:.4f} "
        f"| {e.valid_macro_f1:.4f} |"
        for e in card.history
    )
    classes = "\n".join(
        f"| {c.name} | {c.precision:.4f} | {c.recall:.4f} | {c.f1:.4f} | {c.support:,} |" for c in card.scores.per_class
    )
    versions = ", ".join(f"{name} {number}" for name, number in card.versions.items())
    return f"""# {card.name}

{card.architecture}, {card.parameters:,} parameters; seed {card.seed}, {card.device}, {card.date:%Y-%m-%d}; {versions}.
Weights' SHA-256: `{card.weights_sha256}`.

Scored on {card.scores.evaluated_on}; the best epoch was selected on: {card.selected_on}.
Accuracy **{card.scores.accuracy:.4f}**, macro-F1 **{card.scores.macro_f1:.5f}**
(mean of batches: accuracy {card.scores.mean_of_batches_accuracy:.6f}, loss {card.scores.loss:.6f}).

| epoch | train loss | train acc | valid loss | valid acc | macro-F1 |
|---|---|---|---|---|---|
{epochs}

![Loss and accuracy of each epoch]({CURVES})

| digit | precision | recall | F1 | support |
|---|---|---|---|---|
{classes}

![Confusion matrix]({CONFUSION})

![Mistakes]({MISTAKES})

Calibrated probabilities: negative log-likelihood {card.scores.nll:.4f}, Brier score {card.scores.brier:.4f},
calibration error {card.scores.ece:.4f}.

![Reliability diagram]({RELIABILITY})
"""


def _robustness(rows: Sequence[GroupScores]) -> str:
    if not rows:
        return ""
    return f"""
Scores under MNIST-C's corruptions, with the service's preprocessing. A star marks corruptions that training also uses,
in a similar form.

{as_table(rows)}
"""
