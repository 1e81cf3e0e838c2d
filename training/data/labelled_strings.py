"""Folders of pictures with several digits each: which digits a file shows, and to which subset it counts."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

from training.data.labelled_folders import LabelError

LABELS = "labels.csv"
ALL = "all"

_TEXT = re.compile(r"([0-9]+)_[^/]*\.\w+")


@dataclass(frozen=True, slots=True)
class LabelledString:
    """A picture's path, its lines of digits from top to bottom, and the subset it is counted in."""

    path: Path
    lines: tuple[str, ...]
    subset: str

    @property
    def text(self) -> str:
        """All digits in reading order."""
        return "".join(self.lines)

    @property
    def source(self) -> str:
        """Who wrote it: what its name begins with, before the first `-`. Pictures of one source resemble each other."""
        return self.path.name.split("-", 1)[0]


def find_strings(root: Path) -> list[LabelledString]:
    """Return the pictures that `root`/labels.csv lists (file, subset, text with lines joined by `|`), in its order.

    Without that file, those named `<text>_<anything>`, sorted by name. Raises `LabelError` when there is none, or when
    a row lacks a column, names a missing file or has other characters than digits.
    """
    labels = root / LABELS
    found = _listed(labels) if labels.is_file() else _named(root)
    if not found:
        raise LabelError(f"{root} holds neither {LABELS} with rows nor a file named <digits>_*.<ext>")
    return found


def _listed(labels: Path) -> list[LabelledString]:
    with labels.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return [_row(labels, number, row) for number, row in enumerate(rows, start=2)]


def _row(labels: Path, number: int, row: dict[str, str | None]) -> LabelledString:
    name, subset, text = row.get("file"), row.get("subset"), row.get("text")
    if not name or not subset or not text or not re.fullmatch(r"[0-9]+(\|[0-9]+)*", text):
        raise LabelError(f"{labels}, line {number}: needs file, subset and text, which is digits with | between lines")
    path = labels.parent / name
    if not path.is_file():
        raise LabelError(f"{labels}, line {number}: there is no file {path}")
    return LabelledString(path, tuple(text.split("|")), subset)


def _named(root: Path) -> list[LabelledString]:
    files = sorted(path for path in root.glob("*") if path.is_file())
    return [LabelledString(path, (match[1],), ALL) for path in files if (match := _TEXT.fullmatch(path.name))]
