"""Folders of labelled pictures: finds the files, the digit that each shows and the group that it counts in."""

import re
from dataclasses import dataclass
from pathlib import Path

_LABEL = re.compile(r"_([0-9])$")


class LabelError(Exception):
    """A folder holds no labelled picture."""


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """A picture's path, the digit that it shows, and its group: a sub-folder, relative to the root."""

    path: Path
    label: int
    group: str


def find_labelled_files(root: Path) -> list[LabelledFile]:
    """Return every labelled file under `root`, sorted by path.

    The label is the digit after the last `_` of the file's stem, and the group is the file's folder. If the stem has no
    such digit but the folder's name is a digit, that is the label, and the group is the parent folder. Other files and
    hidden files (.DS_Store) are ignored.

    Raises `LabelError` when there are no labelled files.
    """
    files = [labelled for path in sorted(root.rglob("*")) if path.is_file() and (labelled := _label(path, root))]
    if not files:
        raise LabelError(f"{root} holds no file named *_<digit>.<ext> and no folder named after a digit")
    return files


def _label(path: Path, root: Path) -> LabelledFile | None:
    folder = path.parent
    if path.name.startswith("."):
        return None
    if match := _LABEL.search(path.stem):
        return LabelledFile(path, int(match[1]), str(folder.relative_to(root)))
    if re.fullmatch(r"[0-9]", folder.name) and folder != root:
        return LabelledFile(path, int(folder.name), str(folder.parent.relative_to(root)))
    return None
