import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from app.lenet.network.card import Card, Epoch
from training.data.loaders import Loader
from training.data.mnist import Mnist
from training.fitting.epochs import evaluate_batches
from training.fitting.loop import fit
from training.recipes import NOTEBOOK, StepDecay

CPU = torch.device("cpu")
SMALL = replace(NOTEBOOK, batch_size=32, learning_rate=0.05, epochs=2)

TABLE = """
1 0.5815 0.8415 0.2084 0.9386 0.9380
2 0.1616 0.9530 0.1109 0.9687 0.9680
3 0.0970 0.9721 0.0712 0.9775 0.9771
4 0.0720 0.9792 0.0618 0.9806 0.9802
5 0.0595 0.9827 0.0493 0.9858 0.9856
"""


def row(e: Epoch) -> str:
    figures = e.train_loss, e.train_accuracy, e.valid_loss, e.valid_accuracy, e.valid_macro_f1
    return " ".join([str(e.epoch), *(f"{figure:.4f}" for figure in figures)])


def test_the_notebooks_fit_reproduces_its_table(notebook_card: Card) -> None:
    assert [row(epoch) for epoch in notebook_card.history] == TABLE.split("\n")[1:-1]


def test_the_notebooks_fit_reproduces_its_scores(notebook_card: Card) -> None:
    scores = notebook_card.scores
    assert scores.mean_of_batches_accuracy == pytest.approx(0.9857594936708861, abs=1e-12)
    assert scores.macro_f1 == pytest.approx(0.9855717420578003, abs=1e-6)
    assert scores.loss == pytest.approx(0.0493487, abs=1e-5)
    assert scores.accuracy == 9856 / 10000


def test_the_command_prints_the_notebooks_lines(notebook_run: Path) -> None:
    lines = [re.sub(r"time \d+\.\ds", "time", line) for line in (notebook_run / "stdout.txt").read_text().splitlines()]
    assert lines == [
        *(
            line
            for _, loss, accuracy, valid_loss, valid_accuracy, f1 in map(str.split, TABLE.strip().splitlines())
            for line in (
                f"train | loss {loss} acc {accuracy} time",
                f"valid | loss {valid_loss} acc {valid_accuracy} macro_f1 {f1}",
            )
        ),
        ">> best val acc: 0.9858",
        "lenet-5 (mnist) -> acc: 0.9858 | macro-f1: 0.9856",
        f"artifact: {notebook_run}/artifacts/notebook.safetensors",
        f"report: {notebook_run}/reports/notebook/README.md",
    ]


def test_the_best_epoch_is_kept_not_the_last(few: Mnist) -> None:
    diverges_in_its_third_epoch = replace(SMALL, epochs=3, schedule=StepDecay(epochs=2, gamma=100.0))
    result = fit(diverges_in_its_third_epoch, few, seed=1, device=CPU)
    first, second, third = [epoch.valid_accuracy for epoch in result.history]
    assert first < second > third
    evaluation = evaluate_batches(
        result.module, Loader(few.test.inputs(SMALL.input), few.test.labels, 32, shuffle=False)
    )
    assert evaluation.accuracy == second
    assert evaluation.loss == pytest.approx(result.history[1].valid_loss)


def test_step_decay_lowers_the_learning_rate_every_so_many_epochs(few: Mnist) -> None:
    frozen_after_one = fit(replace(SMALL, schedule=StepDecay(epochs=1, gamma=0.0)), few, seed=1, device=CPU).history
    assert frozen_after_one[0].valid_loss == frozen_after_one[1].valid_loss
    falling_later = fit(replace(SMALL, schedule=StepDecay(epochs=2, gamma=0.0)), few, seed=1, device=CPU).history
    assert falling_later[0].valid_loss != falling_later[1].valid_loss


def test_the_seed_decides_the_fit(few: Mnist) -> None:
    def losses(seed: int) -> list[float]:
        return [epoch.train_loss for epoch in fit(SMALL, few, seed=seed, device=CPU).history]

    assert losses(1) == losses(1)
    assert losses(1) != losses(2)


def test_losses_and_accuracies_are_means_over_batches(few: Mnist) -> None:
    """The smaller last batch counts as much as the others, as in the notebook."""
    module = fit(SMALL, few, seed=1, device=CPU).module
    inputs, labels = few.test.inputs(SMALL.input)[:150], few.test.labels[:150]
    with torch.inference_mode():
        correct = (module(inputs).argmax(1) == labels).double()
        losses = torch.nn.functional.cross_entropy(module(inputs), labels, reduction="none")
    evaluation = evaluate_batches(module, Loader(inputs, labels, 100, shuffle=False))
    assert evaluation.accuracy == pytest.approx(float(correct[:100].mean() + correct[100:].mean()) / 2, abs=1e-7)
    assert evaluation.loss == pytest.approx(float(losses[:100].mean() + losses[100:].mean()) / 2, abs=1e-6)
    assert evaluation.accuracy != pytest.approx(float(correct.mean()), abs=1e-6)


def test_each_epoch_prints_two_lines_and_a_progress_bar(few: Mnist, capsys: pytest.CaptureFixture[str]) -> None:
    fit(SMALL, few, seed=1, device=CPU)
    printed = capsys.readouterr()
    figure = r"\d\.\d{4}"
    train = rf"train \| loss {figure} acc {figure} time \d+\.\ds\n"
    valid = rf"valid \| loss {figure} acc {figure} macro_f1 {figure}\n"
    assert re.fullmatch(f"({train}{valid}){{2}}>> best val acc: {figure}\n", printed.out)
    for number in (1, 2):
        assert re.search(rf"epoch {number}/2: 100%.* 512/512 .* images/s, loss {figure} acc {figure}\]", printed.err)


def test_a_fit_without_epochs_raises(few: Mnist) -> None:
    with pytest.raises(ValueError, match="at least one epoch"):
        fit(replace(SMALL, epochs=0), few, seed=1, device=CPU)
