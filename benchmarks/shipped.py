"""The shipped weights, as every benchmark takes them: on the CPU."""

import torch

from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact


def shipped_predictor(name: str) -> Predictor:
    """Return a predictor with the weights `name`, shipped or a path; raises `ArtifactError` when there are none."""
    return Predictor(artifact.load(artifact.find(name, [artifact.SHIPPED])), torch.device("cpu"))
