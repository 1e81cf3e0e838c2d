"""How a command ends when it cannot do its work: one line on standard error, and an exit code."""

import sys
from typing import NoReturn

from app.api_keys import KeyFileError
from app.lenet.network.artifact import ArtifactError
from app.lenet.network.devices import DeviceError
from app.lenet.network.engines import EngineError
from app.settings import Settings, SettingsError

UNMET = (ArtifactError, DeviceError, EngineError, KeyFileError)
"""What is raised when the service cannot be made as the settings say."""

# What the operator can change, by the error that stops the start.
_REMEDIES: dict[type[Exception], str] = {
    ArtifactError: "LENET_MODEL and LENET_ARTIFACTS choose the weights",
    DeviceError: "LENET_DEVICE chooses the device",
    KeyFileError: "LENET_API_KEYS_FILE names the file of keys",
    EngineError: "LENET_ENGINE and LENET_DEVICE choose what computes",
}


def refuse(reason: str, code: int = 1) -> NoReturn:
    """End the process with an exit code and one line that says why."""
    print(f"lenet-serve: {reason}", file=sys.stderr)
    sys.exit(code)


def remedy(error: Exception) -> str:
    """Return what one of `UNMET` says, and the settings that change it."""
    return f"{error} ({_REMEDIES[type(error)]})"


def settings_or_refuse(code: int = 1) -> Settings:
    """Return the settings from the environment; end the process when they are wrong."""
    try:
        return Settings.from_environment()
    except SettingsError as error:
        refuse(str(error), code)
