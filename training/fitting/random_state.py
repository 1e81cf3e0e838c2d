"""The random state of a fit: of the CPU's generator and of the device's, which draws the dropout masks there."""

import torch
from torch import Tensor

RandomState = dict[str, Tensor]
"""From a device's type to the state of its default generator; always with the CPU's, which shuffles the batches."""


def get_random_state(device: torch.device) -> RandomState:
    """Return the state of the default generators that a fit on `device` draws from."""
    state = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        state["mps"] = torch.mps.get_rng_state()
    return state


def set_random_state(state: RandomState, device: torch.device) -> None:
    """Restore the state that `get_random_state` returned for a device of the same type.

    A state from another type of device restores the CPU's generator alone: the devices draw different numbers anyway.
    """
    torch.set_rng_state(state["cpu"])
    if device.type == "cuda" and "cuda" in state:
        torch.cuda.set_rng_state(state["cuda"], device)
    elif device.type == "mps" and "mps" in state:
        torch.mps.set_rng_state(state["mps"])
