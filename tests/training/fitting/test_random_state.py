import pytest
import torch
from torch import Generator, nn
from torch.nn.functional import dropout
from torch.optim.lr_scheduler import StepLR

from training.data.loaders import Loader
from training.fitting.epochs import TrainingState
from training.fitting.losses import classification_loss
from training.fitting.random_state import get_random_state, set_random_state

CPU, CUDA, MPS = (torch.device(name) for name in ("cpu", "cuda", "mps"))


def training_state(device: torch.device) -> TrainingState:
    module = nn.Linear(4, 2).to(device)
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1)
    train = Loader(torch.ones(8, 4, device=device), torch.zeros(8, dtype=torch.int64, device=device), 4, shuffle=True)
    return TrainingState(module, optimiser, StepLR(optimiser, 1), train, classification_loss())


def test_on_the_cpu_it_is_the_state_of_torchs_global_generator() -> None:
    torch.manual_seed(1)
    state = training_state(CPU).state_dict()["random"]
    assert state.keys() == {"cpu"}
    assert torch.equal(state["cpu"], torch.get_rng_state())


def test_a_restored_state_draws_the_same_numbers() -> None:
    training = training_state(CPU)
    stored = training.state_dict()
    first = torch.rand(5)
    assert not torch.equal(torch.rand(5), first)
    training.load_state_dict(stored)
    assert torch.equal(torch.rand(5), first)


@pytest.mark.parametrize("device", [CUDA, MPS], ids=str)
def test_on_another_device_the_state_of_its_generator_is_stored_and_restored(
    device: torch.device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A generator on the CPU takes the place of the device's, which this machine may lack."""
    generator, backend = Generator().manual_seed(7), getattr(torch, device.type)
    monkeypatch.setattr(backend, "get_rng_state", lambda *_: generator.get_state())
    monkeypatch.setattr(backend, "set_rng_state", lambda state, *_: generator.set_state(state))
    state = get_random_state(device)
    assert state.keys() == {"cpu", device.type}
    first = torch.rand(5), torch.rand(5, generator=generator)
    set_random_state(state, device)
    again = torch.rand(5), torch.rand(5, generator=generator)
    assert all(torch.equal(one, other) for one, other in zip(first, again, strict=True))


def test_a_state_from_the_cpu_leaves_the_devices_generator_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []
    monkeypatch.setattr(torch.cuda, "set_rng_state", lambda *arguments: calls.append(arguments))
    set_random_state(get_random_state(CPU), CUDA)
    assert calls == []


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_dropout_on_a_gpu_is_the_same_after_restoring() -> None:
    training = training_state(CUDA)
    stored = training.state_dict()
    ones = torch.ones(1000, device=CUDA)
    first = dropout(ones)
    assert not torch.equal(dropout(ones), first)
    training.load_state_dict(stored)
    assert torch.equal(dropout(ones), first)
