"""The shipped weights on the CPU, for all benchmarks."""

import torch

from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact


def shipped_predictor(name: str) -> Predictor:
    """Return a predictor with the shipped weights `name`, or those at a path; raises `ArtifactError` if missing."""
    return Predictor(artifact.load(artifact.find(name, [artifact.SHIPPED])), torch.device("cpu"))
