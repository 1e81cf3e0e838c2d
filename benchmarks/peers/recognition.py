"""Recognition for the peers: the shipped weights in eager torch, and the usual preprocessing with Pillow."""

import numpy as np
import torch
from PIL import Image

from app.lenet.network import artifact

MEAN, STD = 0.1307, 0.3081


def load() -> torch.nn.Module:
    """Return the network with the weights that the service uses."""
    return artifact.load(artifact.SHIPPED / "robust.safetensors").build()


def to_input(image: Image.Image) -> torch.Tensor:
    """Return the picture as input for the network: (1, 1, 32, 32)."""
    pixels = np.asarray(image.convert("L").resize((32, 32), Image.Resampling.BILINEAR), np.float32) / 255
    return torch.from_numpy((pixels - MEAN) / STD)[None, None]


@torch.inference_mode()
def recognise(module: torch.nn.Module, image: Image.Image) -> dict[str, int | float | list[float]]:
    """Return the digit, its probability and all probabilities."""
    probabilities = module(to_input(image)).softmax(1)[0]
    digit = int(probabilities.argmax())
    return {"digit": digit, "confidence": float(probabilities[digit]), "probabilities": probabilities.tolist()}
