"""Scores of readings of several digits: whole pictures right, digit error rate, and how far sure readings hold."""

import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from app.lenet.box import Box
from app.lenet.decoding.decoder import decode
from app.lenet.decoding.image_errors import ImageError
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.decoding.reduction import PAGE
from app.lenet.reading.reader import Reader
from training.data.labelled_strings import LabelledString, find_strings

logger = logging.getLogger(__name__)

_DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Seen:
    """One digit of a reading, and its place in the upright picture."""

    digit: str
    box: Box
    unsure: bool


@dataclass(frozen=True, slots=True)
class Read:
    """A labelled picture and what was read in it: lines of digits, whether the reading is sure, and the seconds taken.

    A picture that the service refuses has no lines and is not sure.
    """

    labelled: LabelledString
    lines: tuple[tuple[Seen, ...], ...]
    sure: bool
    seconds: float

    @property
    def text(self) -> str:
        """All digits in reading order."""
        return "".join(seen.digit for line in self.lines for seen in line)

    @property
    def edits(self) -> int:
        """Digits to insert, delete or replace to make the reading right."""
        return edit_distance(self.text, self.labelled.text)


@dataclass(frozen=True, slots=True)
class StringScore:
    """Scores of one subset.

    `right`: share of pictures whose digits, in reading order, are all right. `digit_error_rate`: edits over true
    digits; `deviation` is its standard deviation under a bootstrap over sources. `sure`: share of pictures with a sure
    reading; `error_of_sure`: share of wrong ones among those.
    """

    subset: str
    pictures: int
    digits: int
    right: float
    digit_error_rate: float
    deviation: float
    sure: float
    error_of_sure: float
    milliseconds: float


def evaluate_strings(reader: Reader, root: Path, limits: ImageLimits) -> list[Read]:
    """Return the reading of each labelled picture in `root`; raises `LabelError` when there is none."""
    found = find_strings(root)
    return [_read(reader, labelled, limits) for labelled in found]


def scores(reads: Sequence[Read]) -> list[StringScore]:
    """Return a row for each subset, in order of appearance, and one for all when there are several."""
    subsets: dict[str, list[Read]] = {}
    for read in reads:
        subsets.setdefault(read.labelled.subset, []).append(read)
    rows = [_score(subset, some) for subset, some in subsets.items()]
    return rows if len(rows) == 1 else [*rows, _score("all", reads)]


def as_table(rows: Sequence[StringScore]) -> str:
    """Return the rows as an aligned table for a terminal, readable as Markdown too."""
    width = max(len("subset"), *(len(row.subset) for row in rows))
    header = f"| {'subset':<{width}} | pictures |  right | digit errors   |   sure | wrong of sure |  ms each |"
    rule = "".join("-" if character != "|" else "|" for character in header)
    return "\n".join([header, rule, *(_line(row, width) for row in rows)])


def as_records(rows: Sequence[StringScore]) -> list[dict[str, object]]:
    """Return the rows for a JSON document."""
    return [asdict(row) for row in rows]


def edit_distance(one: str, other: str) -> int:
    """Return the fewest insertions, deletions and replacements that turn `one` into `other` (Levenshtein 1966)."""
    row = list(range(len(other) + 1))
    for i, left in enumerate(one, start=1):
        diagonal, row[0] = row[0], i
        for j, right in enumerate(other, start=1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (left != right))
    return row[-1]


def _line(row: StringScore, width: int) -> str:
    errors = f"{row.digit_error_rate:.3f} +- {row.deviation:.3f}"
    shares = f"{row.right:>6.1%} | {errors} | {row.sure:>6.1%} | {row.error_of_sure:>13.1%}"
    return f"| {row.subset:<{width}} | {row.pictures:>8} | {shares} | {row.milliseconds:>8.1f} |"


def _score(subset: str, reads: Sequence[Read]) -> StringScore:
    right = [read.edits == 0 for read in reads]
    wrong_of_sure = [not fine for read, fine in zip(reads, right, strict=True) if read.sure]
    edits, digits = sum(read.edits for read in reads), sum(len(read.labelled.text) for read in reads)
    return StringScore(
        subset=subset,
        pictures=len(reads),
        digits=digits,
        right=sum(right) / len(reads),
        digit_error_rate=edits / digits,
        deviation=_deviation(reads),
        sure=len(wrong_of_sure) / len(reads),
        error_of_sure=sum(wrong_of_sure) / max(len(wrong_of_sure), 1),
        milliseconds=1000 * sum(read.seconds for read in reads) / len(reads),
    )


def _deviation(reads: Sequence[Read]) -> float:
    """Return the standard deviation of the digit error rate when sources are drawn with replacement (Efron 1979)."""
    sources: dict[str, list[int]] = {}
    for read in reads:
        counts = sources.setdefault(read.labelled.source, [0, 0])
        counts[0] += read.edits
        counts[1] += len(read.labelled.text)
    table = np.array(list(sources.values()))
    drawn = table[np.random.default_rng(0).integers(len(table), size=(_DRAWS, len(table)))].sum(axis=1)
    return float((drawn[:, 0] / drawn[:, 1]).std())


def _read(reader: Reader, labelled: LabelledString, limits: ImageLimits) -> Read:
    data = labelled.path.read_bytes()
    start = time.perf_counter()
    try:
        picture = decode(data, limits, PAGE)
    except ImageError as error:
        logger.warning("%s: %s", labelled.path, error)
        return Read(labelled, (), sure=False, seconds=time.perf_counter() - start)
    reading = reader.read(picture.grey)
    seconds = time.perf_counter() - start
    reading = reading.rescaled(picture.grey.shape, (picture.source.height, picture.source.width))
    lines = tuple(
        tuple(Seen(str(digit.prediction.digit), digit.box, bool(digit.prediction.reasons)) for digit in line.digits)
        for line in reading.lines
    )
    return Read(labelled, lines, bool(lines) and not reading.unsure, seconds)
