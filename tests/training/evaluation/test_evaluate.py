import json
from pathlib import Path

import numpy as np
import pytest

from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.inference.predictor import Predictor
from tests.image_files import encoded
from training.data.labelled_folders import LabelError
from training.data.mnist import TEST_SET, Mnist
from training.evaluation.evaluate import (
    GroupScores,
    as_records,
    as_table,
    evaluate_corruptions,
    evaluate_folder,
    evaluate_mnist,
)


@pytest.fixture
def tree(mnist: Mnist, tmp_path: Path) -> Path:
    """Ten pictures in two groups: seven test digits, one with a wrong label, and two files that are refused."""
    right, wrong = tmp_path / "right", tmp_path / "wrong" / "deep"
    right.mkdir()
    wrong.mkdir(parents=True)
    for index in range(7):
        (right / f"{index}_{mnist.test.labels[index]}.png").write_bytes(encoded(mnist.test.images[index]))
    (wrong / f"a_{(int(mnist.test.labels[7]) + 1) % 10}.png").write_bytes(encoded(mnist.test.images[7]))
    (wrong / "b_1.png").write_bytes(b"not a picture")
    (wrong / "c_2.png").write_bytes(encoded(mnist.test.images[8])[:50])
    return tmp_path


def test_the_notebooks_weights_classify_9856_test_digits_correctly(notebook: Predictor, mnist: Mnist) -> None:
    [score] = evaluate_mnist(notebook, mnist.test, "plain")
    assert (score.group, score.pictures, score.refused, score.accuracy) == (TEST_SET, 10_000, 0, 0.9856)
    assert score.macro_f1 == pytest.approx(0.9855717420578003, abs=1e-6)


def test_each_corruption_and_their_mean_have_a_row(robust: Predictor, notebook: Predictor, few: Mnist) -> None:
    *rows, mean = evaluate_corruptions(robust, few.test, "auto")
    assert len(rows) == 15
    assert mean.group == "mean"
    assert mean.accuracy == pytest.approx(sum(row.accuracy for row in rows) / 15)
    assert mean.accuracy > 0.93
    assert min(row.accuracy for row in rows) > 0.6
    assert "zigzag *" in {row.group for row in rows}
    assert not any("*" in row.group for row in evaluate_corruptions(notebook, few.test, "auto"))


def test_each_group_and_all_pictures_have_a_row(notebook: Predictor, tree: Path) -> None:
    right, wrong, every = evaluate_folder(notebook, tree, ImageLimits(), "plain")
    assert (right.group, right.pictures, right.refused, right.accuracy, right.macro_f1) == ("right", 7, 0, 1.0, 1.0)
    assert (wrong.group, wrong.pictures, wrong.refused, wrong.accuracy) == ("wrong/deep", 3, 2, 0.0)
    assert (every.group, every.pictures, every.refused, every.accuracy) == ("all", 10, 2, 0.7)
    assert 0 < every.macro_f1 < 1


def test_sure_answers_are_scored_separately(robust: Predictor, notebook: Predictor, tree: Path) -> None:
    (tree / "right" / "blank_0.png").write_bytes(encoded(np.full((40, 40), 255, np.uint8)))
    _, _, every = evaluate_folder(robust, tree, ImageLimits(), "auto")
    assert every.sure <= 8 / 11  # without the two refused pictures and the blank one
    assert every.error_of_sure == pytest.approx(1 / (every.sure * 11))  # the picture with the wrong label
    _, _, never_unsure = evaluate_folder(notebook, tree, ImageLimits(), "plain")
    assert never_unsure.sure == pytest.approx(9 / 11)
    assert 0 < every.ece < 1


def test_refused_pictures_are_logged(notebook: Predictor, tree: Path, caplog: pytest.LogCaptureFixture) -> None:
    evaluate_folder(notebook, tree / "wrong", ImageLimits(), "plain")
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 2
    assert f"{tree}/wrong/deep/b_1.png: the file is not a picture" in warnings[0]
    assert f"{tree}/wrong/deep/c_2.png: " in warnings[1]


def test_a_group_of_refused_pictures_scores_zero(notebook: Predictor, tmp_path: Path) -> None:
    (tmp_path / "a_1.png").touch()
    assert evaluate_folder(notebook, tmp_path, ImageLimits(), "plain") == [
        GroupScores(".", 1, 1, 0.0, 0.0, 0.0, 0.0, 0.0)
    ]


def test_the_limits_apply(notebook: Predictor, tree: Path) -> None:
    [score] = evaluate_folder(notebook, tree / "right", ImageLimits(pixels=28 * 28 - 1), "plain")
    assert score.refused == 7


def test_the_preprocessing_applies(notebook: Predictor, mnist: Mnist, tmp_path: Path) -> None:
    for index in range(20):  # black on white, unlike the training digits
        picture = encoded(255 - mnist.test.images[index])
        (tmp_path / f"{index}_{mnist.test.labels[index]}.png").write_bytes(picture)
    [auto] = evaluate_folder(notebook, tmp_path, ImageLimits(), "auto")
    [plain] = evaluate_folder(notebook, tmp_path, ImageLimits(), "plain")
    assert plain.accuracy < 0.5
    assert auto.accuracy > 0.9


def test_a_folder_without_labels_raises(notebook: Predictor, tmp_path: Path) -> None:
    with pytest.raises(LabelError):
        evaluate_folder(notebook, tmp_path, ImageLimits(), "plain")


def test_the_table_is_aligned_markdown() -> None:
    rows = [
        GroupScores("phone/dim", 1234, 5, 0.98765, 0.5, 0.01, 0.9, 0.005),
        GroupScores("all", 12345, 5, 1.0, 1.0, 0.0, 1.0, 0.0),
    ]
    assert as_table(rows).splitlines() == [
        "| pictures of |  number | refused | accuracy | macro-F1 |    ECE |   sure | error of sure |",
        "|-------------|---------|---------|----------|----------|--------|--------|---------------|",
        "| phone/dim   |   1,234 |       5 |   0.9877 |   0.5000 | 0.0100 | 0.9000 |        0.0050 |",
        "| all         |  12,345 |       5 |   1.0000 |   1.0000 | 0.0000 | 1.0000 |        0.0000 |",
    ]


def test_records_can_be_json() -> None:
    [record] = json.loads(json.dumps(as_records([GroupScores("all", 3, 1, 0.5, 0.25, 0.1, 0.6, 0.2)])))
    assert (record["group"], record["pictures"], record["refused"], record["accuracy"]) == ("all", 3, 1, 0.5)
    assert (record["macro_f1"], record["ece"], record["sure"], record["error_of_sure"]) == (0.25, 0.1, 0.6, 0.2)
