"""AlexNet, to compare LeNet-5 with: torchvision's, imported only when a card or a recipe names this network."""

from torch import nn

SMALLEST = 63
"""Side, in pixels, of the smallest picture that AlexNet's strides and pools do not shrink to nothing."""


def alexnet() -> nn.Module:
    """Return AlexNet for grey digits: (N, 1, S, S) float32 with S >= 63 -> (N, 10) logits; 57,029,322 parameters.

    Source: Krizhevsky, "One weird trick for parallelizing convolutional neural networks" (2014), the variant that
    torchvision has; its first layer is replaced by one that takes one channel instead of three.

    Raises `ImportError` without torchvision, and `RuntimeError` when torchvision does not fit torch.
    """
    from torchvision.models import alexnet as colour_alexnet

    module: nn.Module = colour_alexnet(num_classes=10)
    module.set_submodule("features.0", nn.Conv2d(1, 64, kernel_size=11, stride=4, padding=2))
    return module
