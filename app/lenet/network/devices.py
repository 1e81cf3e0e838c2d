"""The device that the model runs on: cuda, else mps, else cpu."""

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)

DeviceName = Literal["auto", "cuda", "mps", "cpu"]

# What the drivers of NVIDIA, of NVIDIA's boards, of Windows' Linux and of AMD show.
_LINUX_DEVICES = ("/dev/nvidiactl", "/dev/nvhost-gpu", "/dev/dxg", "/dev/kfd")


class DeviceError(RuntimeError):
    """A device was asked for by name and does not work here."""


def select_device(name: str = "auto") -> "torch.device":
    """Return the device called `name`; `auto` takes the first of cuda, mps and cpu that computes.

    Raises `DeviceError` when a device other than `auto` was named and is missing or fails.
    """
    if name != "auto":
        return _tried(name)
    import torch

    for candidate in _accelerators():
        try:
            return _tried(candidate)
        except DeviceError as error:
            logger.warning("%s; falling back", error)
    return torch.device("cpu")


def accelerator_possible() -> bool:
    """Whether torch might find an accelerator: asked of the system, because to import torch takes seconds."""
    return sys.platform != "linux" or any(Path(device).exists() for device in _LINUX_DEVICES)


def _accelerators() -> list[str]:
    import torch

    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return [name for name, available in found.items() if available]


def _tried(name: str) -> "torch.device":
    """Return the device after one real computation on it: a driver can be listed and still fail."""
    import torch

    try:
        device = torch.device(name)
        (torch.ones(2, 2, device=device) @ torch.ones(2, 2, device=device)).cpu()
    except (RuntimeError, AssertionError) as error:  # torch built without CUDA asserts
        raise DeviceError(f"device {name} does not work here: {str(error).splitlines()[0]}") from error
    return device
