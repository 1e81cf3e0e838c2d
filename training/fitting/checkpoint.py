"""Checkpoints: the state of an unfinished fit on disk, from which the same command resumes."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from training.recipes import Recipe


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The checkpoint of the fit of one recipe and seed: a torch file, loaded with `weights_only`."""

    path: Path
    recipe: Recipe
    seed: int

    def save(self, state: dict[str, Any]) -> None:
        """Store `state`, nested tensors, numbers, strings, lists and dictionaries, in place of the previous state."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_name(f"{self.path.name}.partial")
        torch.save({"of": self._identity(), "state": state}, partial)
        partial.replace(self.path)

    def load(self) -> dict[str, Any] | None:
        """Return the stored state, or None if there is none for this recipe and seed."""
        if not self.path.is_file():
            return None
        stored = torch.load(self.path, weights_only=True)
        if stored["of"] != self._identity():
            return None
        state: dict[str, Any] = stored["state"]
        return state

    def delete(self) -> None:
        """Delete the file, if it exists."""
        self.path.unlink(missing_ok=True)

    def _identity(self) -> dict[str, Any]:
        return asdict(self.recipe) | {"seed": self.seed}
