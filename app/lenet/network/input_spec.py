"""What a network takes as its input."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSpec:
    """The square input's side in pixels, and the mean and standard deviation of its values in [0, 1]."""

    size: int = 32
    mean: float = 0.1307
    std: float = 0.3081


NOTEBOOK_INPUT = InputSpec()
