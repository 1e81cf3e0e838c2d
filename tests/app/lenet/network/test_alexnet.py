import pytest
import torch

from app.lenet.network.alexnet import SMALLEST, alexnet

pytest.importorskip("torchvision", reason="AlexNet is torchvision's")


def test_is_torchvisions_alexnet_with_one_channel_and_ten_classes() -> None:
    shapes = {name: tuple(tensor.shape) for name, tensor in alexnet().state_dict().items()}
    assert [shape for name, shape in shapes.items() if name.endswith("weight")] == [
        (64, 1, 11, 11),
        (192, 64, 5, 5),
        (384, 192, 3, 3),
        (256, 384, 3, 3),
        (256, 256, 3, 3),
        (4096, 256 * 6 * 6),
        (4096, 4096),
        (10, 4096),
    ]


def test_has_57029322_parameters() -> None:
    assert sum(parameter.numel() for parameter in alexnet().parameters()) == 57_029_322


def test_takes_pictures_from_63_pixels_on() -> None:
    module = alexnet().eval()
    with torch.inference_mode():
        assert module(torch.zeros(2, 1, SMALLEST, SMALLEST)).shape == (2, 10)
        with pytest.raises(RuntimeError, match="Output size is too small"):
            module(torch.zeros(2, 1, SMALLEST - 1, SMALLEST - 1))
