"""Limits on request bodies."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadLimits:
    """The most bytes of a picture and of a batch's body, the most pictures in it, and the seconds a body may take."""

    file_bytes: int
    batch_bytes: int
    batch_files: int
    seconds: float
