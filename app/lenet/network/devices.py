"""The device that the model runs on: cuda, else mps, else cpu."""

import logging
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

logger = logging.getLogger(__name__)

# Device files of NVIDIA's drivers, of NVIDIA's boards, of Windows' Linux and of AMD's drivers.
_LINUX_DEVICES = ("/dev/nvidiactl", "/dev/nvhost-gpu", "/dev/dxg", "/dev/kfd")


TORCH_REMEDY = "pip install 'lenet-digits[torch]'"
"""What to run where torch is missing."""


class DeviceError(RuntimeError):
    """A device was named and does not work here."""


def select_device(name: str = "auto") -> "torch.device":
    """Return the device called `name`; `auto` takes the first of cuda, mps and cpu that computes.

    Raises `DeviceError` when another name was given and that device is missing or fails, or when torch is missing.
    """
    if not torch_installed():
        raise DeviceError(f"device {name} needs torch, which is not installed; {TORCH_REMEDY}")
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
    """Return whether torch might find an accelerator. Asks the system, because importing torch takes seconds."""
    return torch_installed() and accelerator_present()


def accelerator_present() -> bool:
    """Return whether the system has the files of an accelerator's driver, or is one that hides whether it does."""
    return sys.platform != "linux" or any(Path(device).exists() for device in _LINUX_DEVICES)


def torch_installed() -> bool:
    """Return whether torch can be imported, without importing it."""
    return installed("torch")


def installed(package: str) -> bool:
    """Return whether a package can be imported, without importing it."""
    try:
        return find_spec(package) is not None
    except ValueError:  # `sys.modules` holds None for it
        return False


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
