from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from app.lenet.network import artifact
from app.lenet.network.alexnet import alexnet
from app.lenet.network.card import Card
from app.lenet.network.input_spec import InputSpec
from training.evaluation.profiling import NetworkProfile
from training.reports.comparison_page import (
    _REDUNDANT,
    as_page,
    comparison_table,
    mcnemar_p_value,
    write_comparison,
)

ROOT = Path(__file__).parents[3]
PICTURES = 1000


def profile(architecture: str, correct: list[int], *, milliseconds: float = 1.0) -> NetworkProfile:
    """The profile of a network that classifies the digits `correct`, of 1,000, correctly."""
    card: Card = artifact.load_card(artifact.SHIPPED / "notebook.safetensors")
    size, parameters = (32, 61_706) if architecture == "lenet5" else (63, 57_029_322)
    scores = card.scores.model_copy(update={"accuracy": len(correct) / PICTURES})
    update = {"architecture": architecture, "parameters": parameters, "input": InputSpec(size=size), "scores": scores}
    mask = torch.zeros(PICTURES, dtype=torch.bool)
    mask[correct] = True
    return NetworkProfile(
        card=card.model_copy(update=update),
        megabytes=parameters * 4e-6,
        mflops=parameters * 2e-6,
        milliseconds=milliseconds,
        connected=parameters // 2,
        correct=mask,
    )


def page(lenet: range, alexnet: range, **options: float) -> str:
    text = as_page(profile("lenet5", list(lenet)), profile("alexnet", list(alexnet), **options))
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("one", "other", "expected"), [(0, 0, 1), (5, 5, 1), (0, 5, 2 / 32), (8, 2, 0.109375), (30, 0, 2**-29)]
)
def test_mcnemars_p_value(one: int, other: int, expected: float) -> None:
    assert mcnemar_p_value(one, other) == mcnemar_p_value(other, one) == pytest.approx(expected, rel=1e-12)


def test_mcnemars_p_value_of_many_digits() -> None:
    assert 0 < mcnemar_p_value(400, 600) < 1e-9


def test_a_significant_gain() -> None:
    text = page(range(970), range(10, 1000))
    assert "AlexNet does learn MNIST: it classifies 99.00%" in text
    assert "30 digits are classified correctly only by AlexNet, 10 only by LeNet-5: a gain of 2.00 percentage" in text
    assert "p = 0.0022" in text
    assert "but wrong that it gains nothing" in text
    assert "AlexNet can do LeNet-5's: 99.00% against 97.00%." in text


def test_a_significant_loss() -> None:
    text = page(range(10, 1000), range(970))
    assert "10 digits are classified correctly only by AlexNet, 30 only by LeNet-5: a loss of 2.00 percentage" in text
    assert "the notebook's claim is too mild" in text


def test_a_difference_that_is_not_significant() -> None:
    text = page(range(990), range(4, 995))
    assert "5 digits are classified correctly only by AlexNet, 4 only by LeNet-5. The difference is not" in text
    assert "gains nothing for its cost" in text
    assert "points" not in text


def test_a_network_that_did_not_learn() -> None:
    text = page(range(990), range(900))
    assert "AlexNet did not learn MNIST in this fit: it classifies only 90.00%" in text
    assert "does not support the notebook's claim" in text
    assert "(exact McNemar test, p < 0.0001)" in text
    assert "AlexNet, as fitted here, cannot do LeNet-5's" in text
    assert "does learn" not in text


def test_robust_is_compared_by_its_accuracy() -> None:
    better, worse = page(range(990), range(994)), page(range(990), range(995))
    robust = artifact.load_card(artifact.SHIPPED / "robust.safetensors").scores.accuracy
    assert 0.994 < robust < 0.995
    assert f"classifies {robust:.2%} correctly, which is more than" in better
    assert f"classifies {robust:.2%} correctly, which is not more than" in worse


def test_settings_that_differ_are_given_for_both() -> None:
    lenet, alexnet = profile("lenet5", list(range(990))), profile("alexnet", list(range(995)))
    slower = alexnet.card.model_copy(update={"recipe": alexnet.card.recipe | {"learning_rate": 0.005}})
    same, other = (" ".join(as_page(lenet, one).split()) for one in (alexnet, replace(alexnet, card=slower)))
    assert "learning rate 0.01, momentum 0.9, batch size 128, epochs 5; seed 42" in same
    assert "learning rate 0.01 and 0.005, momentum 0.9," in other


def test_common_mistakes_are_counted() -> None:
    assert "Of the 20 digits that LeNet-5 gets wrong, AlexNet gets 5 wrong too." in page(
        range(20, 1000), range(5, 1000)
    )


def test_costs_are_ratios_whichever_is_larger() -> None:
    assert "a forward pass 0.5 times" in page(range(990), range(990), milliseconds=0.5)
    assert "a forward pass 60 times" in page(range(990), range(990), milliseconds=60.0)


def test_the_table_has_all_figures_of_both() -> None:
    both = profile("lenet5", list(range(990))), profile("alexnet", list(range(995)), milliseconds=60.0)
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in comparison_table(*both).splitlines()]
    assert rows[0] == ["", "LeNet-5", "AlexNet", "ratio"]
    seconds = f"{both[0].epoch_seconds:.1f}"
    assert rows[2:] == [
        ["parameters", "61,706", "57,029,322", "924"],
        ["weights, MB", "0.25", "228.12", "924"],
        ["MFLOPs per picture", "0.12", "114.06", "924"],
        ["seconds per epoch", seconds, seconds, "1.0"],
        ["milliseconds per picture", "1.00", "60.00", "60"],
        ["accuracy", "99.00%", "99.50%", ""],
        ["macro-F1", "0.9856", "0.9856", ""],
    ]


def test_the_page_is_valid_in_any_folder(tmp_path: Path) -> None:
    both = profile("lenet5", list(range(990))), profile("alexnet", list(range(995)))
    text = write_comparison(*both, folder=tmp_path / "new").read_text()
    assert (tmp_path / "new" / "README.md").read_text() == text
    assert "](" not in text  # no links, which would break
    assert comparison_table(*both) in text
    assert max(len(line) for line in text.splitlines()) <= 120
    assert text.startswith("# LeNet-5 and AlexNet on MNIST\n")


def measured(
    name: str, *, accuracy: float, epoch_seconds: float, milliseconds: float, correct: torch.Tensor
) -> NetworkProfile:
    """The profile of a network with the figures that docs/explanation/comparison.md shows."""
    notebook = artifact.load_card(artifact.SHIPPED / "notebook.safetensors")
    size, parameters, connected, megabytes, mflops = {
        "lenet5": (32, 61_706, 10_920, 0.247568, 0.83304),
        "alexnet": (63, 57_029_322, 54_566_912, 228.12, 181.21),
    }[name]
    update = {
        "architecture": name,
        "parameters": parameters,
        "input": InputSpec(size=size),
        "scores": notebook.scores.model_copy(update={"accuracy": accuracy, "macro_f1": accuracy}),
        "history": (notebook.history[0].model_copy(update={"seconds": epoch_seconds}),),
    }
    card = notebook.model_copy(update=update)
    return NetworkProfile(
        card=card,
        megabytes=megabytes,
        mflops=mflops,
        milliseconds=milliseconds,
        connected=connected,
        correct=correct,
    )


def test_the_page_in_the_docs_has_the_generators_text() -> None:
    """With the figures of its run: 98 digits correct only by AlexNet, 40 only by LeNet-5, 46 by neither."""
    lenet, alexnet = torch.ones(10_000, dtype=torch.bool), torch.ones(10_000, dtype=torch.bool)
    lenet[: 98 + 46] = False
    alexnet[98 : 98 + 46 + 40] = False
    text = as_page(
        measured("lenet5", accuracy=0.9856, epoch_seconds=6.2, milliseconds=0.494, correct=lenet),
        measured("alexnet", accuracy=0.9914, epoch_seconds=419.0, milliseconds=19.66, correct=alexnet),
    )
    assert (ROOT / "docs" / "explanation" / "comparison.md").read_text() == text


def test_alexnets_next_layer_receives_copies() -> None:
    """The page's number of redundant parameters is true of the network."""
    module = alexnet().eval()
    layer = module.get_submodule("classifier.1")
    assert isinstance(layer, nn.Linear)
    pooled = nn.Sequential(module.get_submodule("features"), module.get_submodule("avgpool"))
    with torch.inference_mode():
        channels = pooled(torch.rand(1, 1, 63, 63)).view(256, 36)
        assert torch.equal(channels, channels[:, :1].expand(256, 36))
        summed = layer.weight.view(4096, 256, 36).sum(2)
        assert torch.allclose(layer(channels.view(1, -1)) - layer.bias, channels[:, 0] @ summed.T, atol=1e-6)
    assert layer.weight.numel() - summed.numel() == _REDUNDANT
