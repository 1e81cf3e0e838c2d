"""LeNet-5 as the notebook wrote it."""

from torch import Tensor, nn


class LeNet5(nn.Module):
    """LeNet-5 with tanh and average pooling: (N, 1, 32, 32) float32 -> (N, 10) logits; 61,706 parameters.

    Source: LeCun et al., "Gradient-Based Learning Applied to Document Recognition" (1998), with every map of
    `conv2` connected to every map before it and plain logits in place of the radial basis functions.
    """

    def __init__(self) -> None:
        """Create the layers in the notebook's order, which decides the random numbers that each one is drawn from."""
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, kernel_size=5)
        self.pool1 = nn.AvgPool2d(kernel_size=2, stride=2)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=5)
        self.pool2 = nn.AvgPool2d(kernel_size=2, stride=2)
        self.conv3 = nn.Conv2d(16, 120, kernel_size=5)
        self.fc1 = nn.Linear(120, 84)
        self.fc2 = nn.Linear(84, 10)
        self.act = nn.Tanh()

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, shape (N, 10), of images `x`, shape (N, 1, 32, 32)."""
        x = self.pool1(self.act(self.conv1(x)))
        x = self.pool2(self.act(self.conv2(x)))
        x = self.act(self.conv3(x)).flatten(1)
        logits: Tensor = self.fc2(self.act(self.fc1(x)))
        return logits
