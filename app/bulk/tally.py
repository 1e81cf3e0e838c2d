"""What the rows of an output add up to."""

from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc


@dataclass(slots=True)
class Tally:
    """How many rows there are, how many of them are unsure, and how many have which error."""

    rows: int = 0
    unsure: int = 0
    errors: Counter[str] = field(default_factory=Counter)

    def count(self, answers: pa.RecordBatch | pa.Table) -> None:
        """Add rows that have the columns `unsure` and `error`."""
        self.rows += len(answers)
        self.unsure += pc.sum(answers.column("unsure")).as_py() or 0
        for found in pc.value_counts(answers.column("error").drop_null()).to_pylist():
            self.errors[found["values"]] += found["counts"]

    def add(self, other: "Tally") -> None:
        """Add what another one has counted."""
        self.rows += other.rows
        self.unsure += other.unsure
        self.errors.update(other.errors)

    @property
    def unsure_share(self) -> float:
        """Unsure answers over all answers."""
        return self.unsure / max(self.rows - self.errors.total(), 1)
