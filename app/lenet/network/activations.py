"""What every layer of LeNet-5 answers to one picture, computed with numpy from the artifact's own tensors.

The engines answer logits alone. A second ONNX graph with all layers as outputs would be another file to export, hash
and ship, and to run twice; these few products need neither a file nor torch, and give what both engines compute.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from app.lenet.network.artifact import Artifact

EXPLAINABLE = "lenet5"
"""The architecture whose layers can be shown."""

Values = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Layer:
    """The output of one layer, after its activation: (maps, height, width), or (units,) for a vector; float32."""

    name: str
    values: Values


def activations(artifact: Artifact, picture: Values) -> tuple[Layer, ...]:
    """Return the layers of LeNet-5, from the input to the logits, for one picture (1, 32, 32) float32.

    Source: `app.lenet.network.lenet5.LeNet5`, whose layers have these names. Raises `ValueError` for another network.
    """
    if artifact.card.architecture != EXPLAINABLE:
        raise ValueError(f"the layers of {artifact.card.architecture} cannot be shown")
    tensors = artifact.tensors
    layers = [Layer("input", picture)]

    def add(name: str, values: Values) -> Values:
        layers.append(Layer(name, values))
        return values

    maps = add("conv1", np.tanh(_convolved(picture, tensors, "conv1")))
    maps = add("pool1", _pooled(maps))
    maps = add("conv2", np.tanh(_convolved(maps, tensors, "conv2")))
    maps = add("pool2", _pooled(maps))
    units = add("conv3", np.tanh(_convolved(maps, tensors, "conv3")).ravel())
    units = add("fc1", np.tanh(_connected(units, tensors, "fc1")))
    add("fc2", _connected(units, tensors, "fc2"))
    return tuple(layers)


def _convolved(maps: Values, tensors: Mapping[str, Values], name: str) -> Values:
    """Return the valid cross-correlation of maps (C, H, W) with the layer's kernels, plus its bias."""
    kernels, bias = tensors[f"{name}.weight"], tensors[f"{name}.bias"]
    windows = sliding_window_view(maps, kernels.shape[2:], axis=(1, 2))
    products = np.tensordot(kernels, windows, axes=((1, 2, 3), (0, 3, 4)))
    return np.asarray(products + bias[:, np.newaxis, np.newaxis], np.float32)


def _pooled(maps: Values) -> Values:
    """Return the means of squares of two by two."""
    count, height, width = maps.shape
    return np.asarray(maps.reshape(count, height // 2, 2, width // 2, 2).mean(axis=(2, 4)), np.float32)


def _connected(units: Values, tensors: Mapping[str, Values], name: str) -> Values:
    return np.asarray(tensors[f"{name}.weight"] @ units + tensors[f"{name}.bias"], np.float32)
