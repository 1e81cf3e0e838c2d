"""The fit in the notebook's own code, the baseline of `benchmarks.fit_speed`: `python -m benchmarks.notebook_fit`.

Each picture goes through PIL and torchvision's transforms in each epoch, in two worker processes of a `DataLoader`.
Nothing of `training` is used. The last line of output is JSON with the figures of the last epoch.
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms
from tqdm import tqdm

CLASSES = 10
MnistLoader = DataLoader[tuple[Tensor, Tensor]]


class LeNet5(nn.Module):
    """The notebook's network."""

    def __init__(self) -> None:
        """Create the layers in the notebook's order."""
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, kernel_size=5)
        self.pool1 = nn.AvgPool2d(kernel_size=2, stride=2)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=5)
        self.pool2 = nn.AvgPool2d(kernel_size=2, stride=2)
        self.conv3 = nn.Conv2d(16, 120, kernel_size=5)
        self.fc1 = nn.Linear(120, 84)
        self.fc2 = nn.Linear(84, CLASSES)
        self.act = nn.Tanh()

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of a batch."""
        x = self.pool1(self.act(self.conv1(x)))
        x = self.pool2(self.act(self.conv2(x)))
        x = torch.flatten(self.act(self.conv3(x)), 1)
        logits: Tensor = self.fc2(self.act(self.fc1(x)))
        return logits


def loaders(data: Path) -> tuple[MnistLoader, MnistLoader]:
    """Return the loaders of the training set and the test set."""
    transform = transforms.Compose(
        [transforms.Resize((32, 32)), transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
    )
    train = datasets.MNIST(str(data), train=True, transform=transform)
    test = datasets.MNIST(str(data), train=False, transform=transform)
    return (
        DataLoader(train, batch_size=128, shuffle=True, num_workers=2),
        DataLoader(test, batch_size=128, shuffle=False, num_workers=2),
    )


def train_one_epoch(model: nn.Module, loader: MnistLoader, optimizer: torch.optim.Optimizer) -> tuple[float, float]:
    """Return loss and accuracy as means over batches."""
    model.train()
    loss_sum = accuracy_sum = 0.0
    for x, y in tqdm(loader, desc="notebook"):
        optimizer.zero_grad()
        logits = model(x)
        loss = nn.functional.cross_entropy(logits, y)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item()
        accuracy_sum += (logits.argmax(dim=1) == y).float().mean().item()
    return loss_sum / len(loader), accuracy_sum / len(loader)


@torch.no_grad()
def evaluate(model: nn.Module, loader: MnistLoader) -> tuple[float, float, float]:
    """Return loss and accuracy as means over batches, and macro-F1."""
    model.eval()
    loss_sum = accuracy_sum = 0.0
    counts = torch.zeros(CLASSES, CLASSES, dtype=torch.int64)
    for x, y in loader:
        logits = model(x)
        answers = logits.argmax(dim=1)
        loss_sum += nn.functional.cross_entropy(logits, y).item()
        accuracy_sum += (answers == y).float().mean().item()
        counts += torch.bincount(CLASSES * y + answers, minlength=CLASSES**2).reshape(CLASSES, CLASSES)
    f1 = 2 * counts.diagonal() / (counts.sum(dim=0) + counts.sum(dim=1)).clamp(min=1)
    return loss_sum / len(loader), accuracy_sum / len(loader), f1.mean().item()


def main() -> None:
    """Fit and print the notebook's output."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.notebook_fit")
    parser.add_argument("--data", type=Path, default=Path("data"))
    parser.add_argument("--epochs", type=int, default=5)
    options = parser.parse_args()
    random.seed(42)
    np.random.seed(42)
    torch.manual_seed(42)
    train, test = loaders(options.data)
    model = LeNet5()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=5, gamma=0.5)
    figures: dict[str, float] = {}
    for _ in range(options.epochs):
        train_loss, train_accuracy = train_one_epoch(model, train, optimizer)
        loss, accuracy, macro_f1 = evaluate(model, test)
        scheduler.step()
        print(f"train | loss {train_loss:.4f} acc {train_accuracy:.4f}")
        print(f"valid | loss {loss:.4f} acc {accuracy:.4f} macro_f1 {macro_f1:.4f}", flush=True)
        figures = {
            "train_loss": train_loss,
            "train_accuracy": train_accuracy,
            "valid_loss": loss,
            "valid_accuracy": accuracy,
            "macro_f1": macro_f1,
        }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
