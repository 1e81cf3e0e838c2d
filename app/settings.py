"""Every setting of the service, read from the environment once, at start."""

import logging
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from app.environment import PREFIX, own_variables, unknown_variables
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.network import artifact
from app.lenet.network.devices import accelerator_possible
from app.lenet.vocabulary import DeviceName, EngineName
from app.observability.log_config import LogFormat
from app.runtime.connection_limits import ConnectionLimits
from app.runtime.cpu_quota import available_cpus
from app.uploads.upload_limits import UploadLimits

logger = logging.getLogger(__name__)

MOST_WORKERS = 8
"""The most worker processes that are started by default."""


class SettingsError(Exception):
    """Environment variables are misspelt or hold values that cannot be used; the message has a line for each."""


class Settings(BaseSettings):
    """The service's settings; the variable of a field is its name in capitals after `LENET_`."""

    model_config = SettingsConfigDict(frozen=True)

    host: str = Field("127.0.0.1", description="Address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on; 0 takes a free one")
    workers: int = Field(
        0, ge=0, le=64, description=f"Worker processes; 0 takes one for each CPU, at most {MOST_WORKERS}"
    )
    model: str = Field("robust", min_length=1, description="Artifact to serve: a name, or a path to its weights")
    artifacts: Path = Field(Path("artifacts"), description="Folder where names are looked up before the shipped ones")
    engine: EngineName = Field("auto", description="What computes; auto is onnx on the cpu where there is a graph")
    device: DeviceName = Field("auto", description="Where the model runs; auto is cuda, else mps, else cpu")
    max_file_bytes: int = Field(10_000_000, ge=1, description="Largest picture, in bytes")
    max_batch_bytes: int = Field(64_000_000, ge=1, description="Largest body of a batch, in bytes")
    max_batch_files: int = Field(64, ge=1, le=4096, description="Most pictures in a batch")
    max_pixels: int = Field(50_000_000, ge=1, description="Most pixels in a picture, checked before decoding")
    max_batch_pixels: int = Field(
        200_000_000, ge=1, description="Most pixels decoded for a batch; pictures beyond that get an error each"
    )
    max_decoded_bytes: int = Field(
        300_000_000, ge=1, description="Most memory that decoding takes in each worker; others wait, larger are refused"
    )
    max_aspect: float = Field(50.0, ge=1, description="Longest side over shortest, checked before decoding")
    max_waiting: int = Field(1024, ge=0, description="Most requests waiting in each worker; one more is answered 503")
    max_wait_seconds: float = Field(
        1.0, gt=0, description="Longest estimated wait for a thread; a request that would wait longer is answered 503"
    )
    request_seconds: float = Field(
        10.0, gt=0, description="Seconds from the complete body within which work must begin; past that, 503"
    )
    max_connections: int = Field(4096, ge=1, description="Most open connections of each worker; one more gets 503")
    max_held_bytes: int = Field(
        512_000_000, ge=1, description="Most bytes of uploads held at once by each worker; past that, answers are 503"
    )
    upload_timeout: float = Field(30.0, gt=0, description="Seconds within which a body must have arrived")
    drain_seconds: float = Field(
        0.0, ge=0, description="Seconds that everything is still served after SIGTERM, with readiness 503"
    )
    api_keys_file: Path | None = Field(
        None, description="File of names and hashed keys, one a line; with it, only requests with a key are answered"
    )
    cors_origins: str = Field("", description="Origins whose pages may send requests, separated by commas; * is any")
    root_path: str = Field(
        "", pattern=r"^(/[\w.~-]+)*$", description="Path under which a proxy that cuts it off publishes the service"
    )
    forwarded_allow_ips: str = Field(
        "127.0.0.1,::1", description="Proxies whose X-Forwarded- headers are believed; * is any"
    )
    access_log: bool = Field(False, description="Log every request")
    log_format: LogFormat = Field("console", description="Log lines for people, or json for machines")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe log line to print"
    )

    @property
    def image_limits(self) -> ImageLimits:
        """The limits of a single picture, for the decoder."""
        return ImageLimits(pixels=self.max_pixels, aspect=self.max_aspect, decoded_bytes=self.max_decoded_bytes)

    @property
    def upload_limits(self) -> UploadLimits:
        """The limits of a request's body."""
        return UploadLimits(
            file_bytes=self.max_file_bytes,
            batch_bytes=self.max_batch_bytes,
            batch_files=self.max_batch_files,
            seconds=self.upload_timeout,
        )

    @property
    def connection_limits(self) -> ConnectionLimits:
        """The limits of a worker's connections."""
        return ConnectionLimits(connections=self.max_connections).within_descriptors()

    @property
    def origins(self) -> list[str]:
        """Origins whose pages may send requests."""
        return [origin.strip().rstrip("/") for origin in self.cors_origins.split(",") if origin.strip()]

    @property
    def processes(self) -> int:
        """Worker processes to run: as many as are set, or one for each CPU; one where an accelerator may compute."""
        if self.workers:
            return self.workers
        on_cpu = self.device == "cpu" or (self.device == "auto" and not accelerator_possible())
        return min(available_cpus(), MOST_WORKERS) if on_cpu else 1

    def find_weights(self) -> Path:
        """Return the weights file of the model to serve; raises `ArtifactError` when there is none."""
        return artifact.find(self.model, [self.artifacts, artifact.SHIPPED])

    @classmethod
    def variables(cls) -> dict[str, str]:
        """Return the environment variable of each field, by the field's name."""
        return {name: PREFIX + name.upper() for name in cls.model_fields}

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the environment; raises `SettingsError`, which names every wrong or misspelt variable at once."""
        misspelt = [
            f"{name} is not a setting; did you mean {meant}?"
            for name, meant in unknown_variables(cls.variables().values()).items()
            if meant
        ]
        wrong: list[str] = []
        try:
            settings = cls()
        except ValidationError as error:
            wrong = [f"{PREFIX}{str(e['loc'][0]).upper()}={e['input']!s}: {e['msg']}" for e in error.errors()]
        if misspelt or wrong:
            raise SettingsError("\n".join(misspelt + wrong))
        return settings

    def log(self) -> None:
        """Log the effective settings in one line, and a warning for each unknown variable."""
        logger.info("settings: %s", " ".join(f"{PREFIX}{name.upper()}={value}" for name, value in self))
        for name in unknown_variables(self.variables().values()):
            logger.warning("%s is not a setting and has no effect", name)

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment without the variables that Kubernetes injects; arguments come first."""
        variables = own_variables()
        values = {name: variables[variable] for name, variable in cls.variables().items() if variable in variables}
        return init_settings, InitSettingsSource(settings_cls, init_kwargs=values)
