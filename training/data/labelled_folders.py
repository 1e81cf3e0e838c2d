"""Folder trees of labelled pictures: which file shows which digit, and to which sub-folder it counts."""

import re
from dataclasses import dataclass
from pathlib import Path

_LABEL = re.compile(r"_([0-9])$")


class LabelError(Exception):
    """A folder holds no picture whose label can be told."""


@dataclass(frozen=True, slots=True)
class LabelledFile:
    """A picture's path, the digit it shows, and the sub-folder (relative to the tree) it is counted in."""

    path: Path
    label: int
    group: str


def find_labelled(root: Path) -> list[LabelledFile]:
    """Return every labelled file under `root`, sorted by path.

    A file's label is the digit after the last `_` of its stem, or else the name of its folder when that is a digit;
    in the latter case it counts to the folder above. Other files are passed over, and so are hidden ones (.DS_Store).

    Raises `LabelError` when there is none.
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
