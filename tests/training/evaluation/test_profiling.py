from pathlib import Path
from statistics import median

import pytest
import torch

from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from training.data.mnist import Mnist
from training.evaluation.profiling import answered_rightly, latency, measure, mflops

# Multiplications with additions in LeNet-5: 3 convolutions, then 2 fully connected layers.
LENET = 28**2 * 6 * 25 + 10**2 * 16 * 6 * 25 + 120 * 16 * 25 + 120 * 84 + 84 * 10
# And in AlexNet at 63 pixels, whose maps are 15, 7 and 3 pixels wide.
ALEXNET = (
    15**2 * 64 * 121
    + 7**2 * 192 * 64 * 25
    + 3**2 * 9 * (384 * 192 + 256 * 384 + 256 * 256)
    + 4096 * (256 * 36 + 4096 + 10)
)


def test_a_multiplication_and_an_addition_are_two_operations() -> None:
    assert mflops(artifact.load(artifact.SHIPPED / "notebook.safetensors")) * 1e6 == pytest.approx(2 * LENET)


def test_the_answers_are_those_that_are_scored(notebook: Predictor, mnist: Mnist) -> None:
    right = answered_rightly(notebook, mnist.test)
    assert (right.shape, int(right.sum())) == ((10_000,), 9_856)


def test_the_latency_is_that_of_one_thread_which_the_others_outlive(notebook: Predictor) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        assert latency(notebook, passes=3) > 0
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)


def test_an_artifact_is_measured_with_its_own_network(alexnet_weights: Path, few: Mnist) -> None:
    found = measure(alexnet_weights, few.test, passes=1)
    card = artifact.load_card(alexnet_weights)
    assert found.card == card
    assert found.megabytes == alexnet_weights.stat().st_size / 1e6 == pytest.approx(228.1, abs=0.1)
    assert found.mflops * 1e6 == pytest.approx(2 * ALEXNET)
    assert found.connected == 4096 * (256 * 36 + 4096 + 10)
    assert found.epoch_seconds == median(epoch.seconds for epoch in card.history)
    assert int(found.right.sum()) / len(few.test.labels) == card.scores.accuracy
