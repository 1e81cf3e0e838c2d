"""The device that the model runs on: cuda, else mps, else cpu."""

import logging
from typing import Literal

import torch

logger = logging.getLogger(__name__)

DeviceName = Literal["auto", "cuda", "mps", "cpu"]


class DeviceError(RuntimeError):
    """A device was asked for by name and does not work here."""


def select_device(name: DeviceName = "auto") -> torch.device:
    """Return the device called `name`; `auto` takes the first of cuda, mps and cpu that computes.

    Raises `DeviceError` when a device other than `auto` was named and is missing or fails.
    """
    if name != "auto":
        return _tried(name)
    for candidate in _accelerators():
        try:
            return _tried(candidate)
        except DeviceError as error:
            logger.warning("%s; falling back", error)
    return torch.device("cpu")


def _accelerators() -> list[str]:
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return [name for name, available in found.items() if available]


def _tried(name: str) -> torch.device:
    """Return the device after one real computation on it: a driver can be listed and still fail."""
    try:
        device = torch.device(name)
        (torch.ones(2, 2, device=device) @ torch.ones(2, 2, device=device)).cpu()
    except (RuntimeError, AssertionError) as error:  # torch built without CUDA asserts
        raise DeviceError(f"device {name} does not work here: {str(error).splitlines()[0]}") from error
    return device
