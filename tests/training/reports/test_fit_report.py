import re
from pathlib import Path

import numpy as np
from PIL import Image
from torch.nn.functional import one_hot

from app.lenet.network.card import Card
from training.data.mnist import Mnist
from training.evaluation.evaluate import GroupScores
from training.reports.fit_report import write_report

FIGURES = ["confusion.png", "curves.png", "mistakes.png", "reliability.png"]


def pixels(path: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture.convert("L"))


def test_the_command_writes_a_page_and_its_figures(notebook_run: Path) -> None:
    folder = notebook_run / "reports" / "notebook"
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", *FIGURES]
    for name in FIGURES:
        assert len(np.unique(pixels(folder / name))) > 50  # drawn with many shades


def test_the_page_holds_all_figures(notebook_run: Path, notebook_card: Card) -> None:
    page = (notebook_run / "reports" / "notebook" / "README.md").read_text()
    assert sorted(re.findall(r"!\[[^]]+\]\(([^)]+)\)", page)) == FIGURES
    assert "# notebook\n" in page
    assert notebook_card.weights_sha256 in page
    assert "61,706 parameters; seed 42, cpu" in page
    assert "MNIST test, 10,000 digits; the best epoch was selected on: test." in page
    assert "Accuracy **0.9856**, macro-F1 **0.98557**" in page
    assert "accuracy 0.985759, loss 0.049349" in page
    assert "| 1 | 0.5815 | 0.8415 | 0.2084 | 0.9386 | 0.9380 |" in page
    assert "| 5 | 0.0595 | 0.9827 | 0.0493 | 0.9858 | 0.9856 |" in page
    for c in notebook_card.scores.per_class:
        assert f"| {c.name} | {c.precision:.4f} | {c.recall:.4f} | {c.f1:.4f} | {c.support:,} |" in page


def drawn_mistakes(
    card: Card, mnist: Mnist, number: int, folder: Path
) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The contact sheet for predictions of which the first `number` are wrong."""
    predicted = mnist.test.labels.clone()
    predicted[:number] = (predicted[:number] + 1) % 10
    assert write_report(card, mnist.test, one_hot(predicted).float(), folder) == folder / "README.md"
    return pixels(folder / "mistakes.png")


def test_a_fit_without_mistakes_has_a_report(notebook_card: Card, mnist: Mnist, tmp_path: Path) -> None:
    none, one = (drawn_mistakes(notebook_card, mnist, number, tmp_path / str(number)) for number in (0, 1))
    assert none.size <= one.size
    assert (none < 64).sum() < (one < 64).sum()  # a digit on a black background


def test_the_sheet_of_mistakes_has_a_largest_size(notebook_card: Card, mnist: Mnist, tmp_path: Path) -> None:
    heights = [len(drawn_mistakes(notebook_card, mnist, number, tmp_path)) for number in (16, 150, 1000)]
    assert heights[0] < heights[1] == heights[2]


def test_scores_under_corruptions_are_on_the_page_if_measured(
    notebook_card: Card, mnist: Mnist, tmp_path: Path
) -> None:
    rows = [GroupScores("fog *", 10_000, 0, 0.9123, 0.9, 0.01, 0.8, 0.02)]
    logits = one_hot(mnist.test.labels).float()
    page = write_report(notebook_card, mnist.test, logits, tmp_path, rows).read_text()
    assert "MNIST-C" in page
    assert "| fog *       |  10,000 |       0 |   0.9123 |" in page
    assert "MNIST-C" not in write_report(notebook_card, mnist.test, logits, tmp_path).read_text()
