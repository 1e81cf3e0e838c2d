"""What `lenet predict` and `lenet read` print of the answers to files: a table, JSON or CSV; and the exit code."""

import csv
import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

FAILED = 1
"""Exit code when a file got an error."""

UNSURE = 3
"""Exit code when every file is answered and an answer is unsure."""

Answer = Mapping[str, Any]
"""What the service answers, as `docs/reference/http.md` describes it: a prediction, a reading or an error."""

_COLUMNS = ("file", "answer", "confidence", "unsure", "remarks")
_STYLES = {0: "", UNSURE: "yellow", FAILED: "red"}


def print_json(answers: Iterable[tuple[str, Answer]]) -> None:
    """Print one line of JSON for each file: its name as `file`, and the whole answer."""
    for name, answer in answers:
        print(json.dumps({"file": name} | dict(answer), ensure_ascii=False))


def print_csv(answers: Iterable[tuple[str, Answer]]) -> None:
    """Print a line for each file, under a line of column names."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for name, answer in answers:
        writer.writerow(_row(name, answer))


def print_table(answers: Iterable[tuple[str, Answer]]) -> None:
    """Print aligned columns for people, once all answers are there; in colour on a terminal, unless NO_COLOR is set."""
    from rich.console import Console
    from rich.text import Text

    answered = list(answers)
    rows = [_row(name, answer) for name, answer in answered]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    console = Console(highlight=False, soft_wrap=True)
    for row, (_, answer) in zip(rows, answered, strict=True):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width).rstrip()
        console.print(Text(line, _STYLES[exit_code(answer)]))


def exit_code(answer: Answer) -> int:
    """Return what the answer to one file adds to the exit code: 0 when it is sure."""
    return FAILED if "error" in answer else UNSURE if answer["unsure"] else 0


def _row(name: str, answer: Answer) -> tuple[str, ...]:
    if "error" in answer:
        return name, "", "", "", answer["error"]["message"]
    text = str(answer["digit"]) if "digit" in answer else answer["text"].replace("\n", " / ")
    remarks = dict.fromkeys([*answer.get("reasons", ()), *answer["warnings"]])
    return name, text, f"{answer['confidence']:.4f}", "unsure" if answer["unsure"] else "", " ".join(remarks)
