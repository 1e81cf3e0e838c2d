"""The settings and the model of a command, or its end in one line. Slow to import."""

from app.api_keys import KeyFileError
from app.commands.refusal import refuse
from app.lenet.network.artifact import ArtifactError
from app.lenet.network.devices import DeviceError
from app.lenet.network.engines import EngineError
from app.recogniser import Recogniser
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


def remedy(error: Exception) -> str:
    """Return what one of `UNMET` says, and the settings that change it."""
    return f"{error} ({_REMEDIES[type(error)]})"


def settings_or_refuse(code: int = 1) -> Settings:
    """Return the settings from the environment; end the process when they are wrong."""
    try:
        return Settings.from_environment()
    except SettingsError as error:
        refuse(str(error), code)


def recogniser_or_refuse(settings: Settings) -> Recogniser:
    """Load the model that the settings name; end the process when that fails."""
    try:
        return Recogniser(settings)
    except UNMET as error:
        refuse(remedy(error))
