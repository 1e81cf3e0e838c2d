"""The state of an unfinished fit on disk, so that the same command goes on where it was interrupted."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from training.recipes import Recipe


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where one fit, of one recipe and seed, keeps its state; a torch file, read without unpickling any code."""

    path: Path
    recipe: Recipe
    seed: int

    def save(self, state: dict[str, Any]) -> None:
        """Replace what is stored by `state`, a tree of tensors, numbers, strings, lists and dictionaries."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_name(f"{self.path.name}.partial")
        torch.save({"of": self._identity(), "state": state}, partial)
        partial.replace(self.path)

    def load(self) -> dict[str, Any] | None:
        """Return the state stored for this recipe and seed; None when there is none, or one of another fit."""
        if not self.path.is_file():
            return None
        stored = torch.load(self.path, weights_only=True)
        if stored["of"] != self._identity():
            return None
        state: dict[str, Any] = stored["state"]
        return state

    def delete(self) -> None:
        """Forget the state, when the fit is finished."""
        self.path.unlink(missing_ok=True)

    def _identity(self) -> dict[str, Any]:
        return asdict(self.recipe) | {"seed": self.seed}
