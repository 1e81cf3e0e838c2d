"""The documentation's pages, and how to take parts out of them."""

import re
from itertools import takewhile
from pathlib import Path

ROOT = Path(__file__).parent.parent

PAGES = {str(path.relative_to(ROOT)): path.read_text() for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))}
"""The text of every page by its path."""


def blocks(page: str, language: str) -> list[str]:
    """Return the code blocks of a page that are in this language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGES[page], re.MULTILINE | re.DOTALL)


def section(page: str, heading: str) -> str:
    """Return a page's text from a heading up to the next one of any level."""
    return PAGES[page].split(f"\n{heading}\n")[1].split("\n#")[0]


def first_column(text: str, header: str) -> list[str]:
    """Return the words in backticks in the first column of the first table with this header."""
    rows = takewhile(lambda line: line.startswith("|"), text[text.index(header) :].splitlines()[2:])
    return [word for row in rows for word in re.findall(r"`([^`]+)`", row.split(" | ")[0])]
