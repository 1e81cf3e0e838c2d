import numpy as np
import pytest
import torch

from app.lenet.inference.input_tensor import to_input
from app.lenet.inference.predictor import Predictor
from app.lenet.network import artifact
from app.lenet.network.activations import activations
from tests.mnist_sample import MnistSample

SHAPES = {
    "input": (1, 32, 32),
    "conv1": (6, 28, 28),
    "pool1": (6, 14, 14),
    "conv2": (16, 10, 10),
    "pool2": (16, 5, 5),
    "conv3": (120,),
    "fc1": (84,),
    "fc2": (10,),
}


def outputs_of(module: torch.nn.Module, batch: torch.Tensor) -> dict[str, torch.Tensor]:
    """What torch's own hooks see of the one picture in the batch."""
    outputs = {"input": batch[0]}
    for layer, child in module.named_children():
        child.register_forward_hook(lambda _, __, out, layer=layer: outputs.update({layer: out[0]}))
    with torch.inference_mode():
        module(batch)
    return outputs


@pytest.mark.parametrize("name", ["notebook", "robust"])
def test_the_layers_are_those_of_the_module(sample: MnistSample, name: str) -> None:
    loaded = artifact.load(artifact.SHIPPED / f"{name}.safetensors")
    module = loaded.build()
    for picture in to_input(list(sample.images[:5])):
        outputs = outputs_of(module, torch.from_numpy(picture[np.newaxis]))
        found = activations(loaded, picture)
        assert {layer.name: layer.values.shape for layer in found} == SHAPES
        for layer in found:
            expected = outputs[layer.name].numpy()
            if layer.name in ("conv1", "conv2", "conv3", "fc1"):
                expected = np.tanh(expected)
            assert layer.values.ravel() == pytest.approx(expected.ravel(), abs=1e-5), layer.name


def test_the_last_layer_is_what_the_engine_answers(robust: Predictor, sample: MnistSample) -> None:
    loaded = artifact.load(artifact.SHIPPED / "robust.safetensors")
    batch = to_input(list(sample.images[:20]))
    found = [activations(loaded, picture)[-1].values for picture in batch]
    assert np.stack(found) == pytest.approx(robust.logits(batch), abs=1e-4)


def test_another_network_is_refused() -> None:
    loaded = artifact.load(artifact.SHIPPED / "notebook.safetensors")
    other = artifact.Artifact(loaded.card.model_copy(update={"architecture": "alexnet"}), {}, loaded.path)
    with pytest.raises(ValueError, match="alexnet"):
        activations(other, np.zeros((1, 32, 32), np.float32))
