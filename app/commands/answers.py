"""What `predict` and `read` print of the answers to files: a table, JSON or CSV; and the exit code."""

import csv
import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

UNSURE = 3
"""Exit code when every file is answered and an answer is unsure."""

Answer = Mapping[str, Any]
"""What the service answers, as `docs/reference/http.md` describes it: a prediction, a reading or an error."""

_COLUMNS = ("file", "answer", "confidence", "unsure", "remarks")


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
    """Print aligned columns for people."""
    rows = [_row(name, answer) for name, answer in answers]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width).rstrip())


def exit_code(answers: Iterable[Answer]) -> int:
    """Return 1 when a file got an error, else 3 when an answer is unsure, else 0."""
    codes = {1 if "error" in answer else UNSURE if answer["unsure"] else 0 for answer in answers}
    return 1 if 1 in codes else max(codes)


def _row(name: str, answer: Answer) -> tuple[str, ...]:
    if "error" in answer:
        return name, "", "", "", answer["error"]["message"]
    text = str(answer["digit"]) if "digit" in answer else answer["text"].replace("\n", " / ")
    remarks = dict.fromkeys([*answer.get("reasons", ()), *answer["warnings"]])
    return name, text, f"{answer['confidence']:.4f}", "unsure" if answer["unsure"] else "", " ".join(remarks)
