from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from app.lenet.inference.input_tensor import InputSpec
from app.lenet.network import artifact
from app.lenet.network.alexnet import alexnet
from app.lenet.network.card import Card
from training.evaluation.profiling import Measured
from training.reports.comparison_page import _REDUNDANT, as_page, chance, table, write_comparison

PICTURES = 1000


def measured(architecture: str, right: list[int], *, milliseconds: float = 1.0) -> Measured:
    """Figures of a network that answers the test digits `right` rightly, 1,000 of which there are."""
    card: Card = artifact.load_card(artifact.SHIPPED / "notebook.safetensors")
    size, parameters = (32, 61_706) if architecture == "lenet5" else (63, 57_029_322)
    scores = card.scores.model_copy(update={"accuracy": len(right) / PICTURES})
    update = {"architecture": architecture, "parameters": parameters, "input": InputSpec(size=size), "scores": scores}
    mask = torch.zeros(PICTURES, dtype=torch.bool)
    mask[right] = True
    return Measured(
        card=card.model_copy(update=update),
        megabytes=parameters * 4e-6,
        mflops=parameters * 2e-6,
        milliseconds=milliseconds,
        connected=parameters // 2,
        right=mask,
    )


def page(lenet: range, alexnet: range, **options: float) -> str:
    text = as_page(measured("lenet5", list(lenet)), measured("alexnet", list(alexnet), **options))
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("one", "other", "expected"), [(0, 0, 1), (5, 5, 1), (0, 5, 2 / 32), (8, 2, 0.109375), (30, 0, 2**-29)]
)
def test_the_chance_of_an_uneven_split(one: int, other: int, expected: float) -> None:
    assert chance(one, other) == chance(other, one) == pytest.approx(expected, rel=1e-12)


def test_a_thousand_digits_are_no_matter() -> None:
    assert 0 < chance(400, 600) < 1e-9


def test_a_gain_is_called_a_gain() -> None:
    text = page(range(970), range(10, 1000))
    assert "AlexNet does learn MNIST: 99.00%" in text
    assert (
        "AlexNet alone is right on 30 digits, LeNet-5 alone on 10: a gain of 2.00 percentage points, more than" in text
    )
    assert "p = 0.0022" in text
    assert "but not that nothing is gained" in text
    assert "AlexNet can do LeNet-5's: 99.00% against 97.00%." in text


def test_a_loss_is_called_a_loss() -> None:
    text = page(range(10, 1000), range(970))
    assert (
        "AlexNet alone is right on 10 digits, LeNet-5 alone on 30: a loss of 2.00 percentage points, more than" in text
    )
    assert "the notebook is right, and kind" in text


def test_a_difference_that_chance_explains_is_none() -> None:
    text = page(range(990), range(4, 995))
    assert "AlexNet alone is right on 5 digits, LeNet-5 alone on 4: a difference that chance explains" in text
    assert "nothing is gained for what it costs" in text
    assert "points" not in text


def test_what_was_not_learned_is_not_said_to_be() -> None:
    text = page(range(990), range(900))
    assert "AlexNet did not learn MNIST in this fit: only 90.00%" in text
    assert "is not borne out" in text
    assert "(exact McNemar test, p < 0.0001)" in text
    assert "AlexNet, as fitted here, cannot do LeNet-5's" in text
    assert "does learn" not in text


def test_the_recipe_robust_is_compared_as_it_came_out() -> None:
    better, worse = page(range(990), range(994)), page(range(990), range(995))
    robust = artifact.load_card(artifact.SHIPPED / "robust.safetensors").scores.accuracy
    assert 0.994 < robust < 0.995
    assert f"right on {robust:.2%}, which is more than" in better
    assert f"right on {robust:.2%}, which is not more than" in worse


def test_a_setting_that_differs_is_given_for_both() -> None:
    lenet, alexnet = measured("lenet5", list(range(990))), measured("alexnet", list(range(995)))
    slower = alexnet.card.model_copy(update={"recipe": alexnet.card.recipe | {"learning_rate": 0.005}})
    same, other = (" ".join(as_page(lenet, one).split()) for one in (alexnet, replace(alexnet, card=slower)))
    assert "learning rate 0.01, momentum 0.9, digits in a batch 128, epochs 5; seed 42" in same
    assert "learning rate 0.01 and 0.005, momentum 0.9," in other


def test_mistakes_in_common_are_counted() -> None:
    assert "Of the 20 digits that LeNet-5 gets wrong AlexNet gets 5 wrong too." in page(range(20, 1000), range(5, 1000))


def test_costs_are_ratios_whichever_is_larger() -> None:
    assert "an answer 0.5 times" in page(range(990), range(990), milliseconds=0.5)
    assert "an answer 60 times" in page(range(990), range(990), milliseconds=60.0)


def test_the_table_has_every_figure_of_both() -> None:
    both = measured("lenet5", list(range(990))), measured("alexnet", list(range(995)), milliseconds=60.0)
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in table(*both).splitlines()]
    assert rows[0] == ["", "LeNet-5", "AlexNet", "times"]
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


def test_the_page_can_be_put_anywhere(tmp_path: Path) -> None:
    both = measured("lenet5", list(range(990))), measured("alexnet", list(range(995)))
    text = write_comparison(*both, folder=tmp_path / "new").read_text()
    assert (tmp_path / "new" / "README.md").read_text() == text
    assert "](" not in text  # no link that would break
    assert table(*both) in text
    assert max(len(line) for line in text.splitlines()) <= 120
    assert text.startswith("# LeNet-5 and AlexNet on MNIST\n")


def test_alexnets_next_layer_is_given_copies() -> None:
    """What the page says of redundant parameters, of the network itself."""
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
