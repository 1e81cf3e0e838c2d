import torch

from app.lenet.network.lenet5 import LeNet5


def test_layers_are_the_notebooks_by_name_and_order() -> None:
    names = [name for name, _ in LeNet5().named_children()]
    assert names == ["conv1", "pool1", "conv2", "pool2", "conv3", "fc1", "fc2", "act"]


def test_has_61706_parameters() -> None:
    assert sum(parameter.numel() for parameter in LeNet5().parameters()) == 61_706


def test_gives_ten_logits_for_each_picture() -> None:
    assert LeNet5()(torch.zeros(3, 1, 32, 32)).shape == (3, 10)
