from pathlib import Path
from statistics import median

import pytest
import torch

from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from training.data.mnist import Mnist
from training.evaluation.profiling import correct_predictions, latency, mflops, profile_network

# Multiply-adds of LeNet-5: 3 convolutions and 2 fully connected layers.
LENET = 28**2 * 6 * 25 + 10**2 * 16 * 6 * 25 + 120 * 16 * 25 + 120 * 84 + 84 * 10
# Of AlexNet at 63 pixels, with feature maps of 15, 7 and 3 pixels a side.
ALEXNET = (
    15**2 * 64 * 121
    + 7**2 * 192 * 64 * 25
    + 3**2 * 9 * (384 * 192 + 256 * 384 + 256 * 256)
    + 4096 * (256 * 36 + 4096 + 10)
)


def test_a_multiply_add_counts_as_two_operations() -> None:
    assert mflops(artifact.load(artifact.SHIPPED / "notebook.safetensors")) * 1e6 == pytest.approx(2 * LENET)


def test_correct_predictions_agree_with_the_scores(notebook: Predictor, mnist: Mnist) -> None:
    correct = correct_predictions(notebook, mnist.test)
    assert (correct.shape, int(correct.sum())) == ((10_000,), 9_856)


def test_measuring_the_latency_restores_the_number_of_threads(notebook: Predictor) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert latency(notebook, passes=3) > 0
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)


def test_the_profile_describes_the_artifacts_network(alexnet_weights: Path, few: Mnist) -> None:
    profile = profile_network(alexnet_weights, few.test, passes=1)
    card = artifact.load_card(alexnet_weights)
    assert profile.card == card
    assert profile.megabytes == alexnet_weights.stat().st_size / 1e6 == pytest.approx(228.1, abs=0.1)
    assert profile.mflops * 1e6 == pytest.approx(2 * ALEXNET)
    assert profile.connected == 4096 * (256 * 36 + 4096 + 10)
    assert profile.epoch_seconds == median(epoch.seconds for epoch in card.history)
    assert int(profile.correct.sum()) / len(few.test.labels) == card.scores.accuracy
