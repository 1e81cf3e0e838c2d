"""The fast multipart parser: forms as browsers and curl send them, found by searching, each file copied once.

It accepts a subset of what python-multipart accepts; tests/app/uploads/test_fast_multipart.py holds that.
"""

import re

_FILE = re.compile(rb'(?i:content-disposition): form-data; name="file"(?:; filename="[^"\\\r\n]*")?')
_OTHER = re.compile(rb"(?i:content-type|content-length): [^\r\n]*")
_MOST_HEADERS = 3
_MOST_HEADER_BYTES = 2048


def parse_fast(body: bytes, boundary: bytes) -> list[bytes] | None:
    """Return the contents of the form's parts, in order, when all are called `file` and have the usual headers.

    Returns None for every other body, however slightly it differs; python-multipart then parses or refuses it.
    """
    delimiter = b"\r\n--" + boundary
    if not body.startswith(delimiter[2:]):
        return None
    files, start = [], len(delimiter) - 2
    while (end := body.find(delimiter, start)) >= 0:
        blank = body.find(b"\r\n\r\n", start, end)
        if not 0 <= blank - start <= _MOST_HEADER_BYTES or not _usual_headers(body[start:blank]):
            return None
        files.append(body[blank + 4 : end])
        start = end + len(delimiter)
    return files if files and body[start:] in (b"--\r\n", b"--") else None


def _usual_headers(headers: bytes) -> bool:
    """Return whether a part's headers, each after a line break, are those of a `file`."""
    nothing, *lines = headers.split(b"\r\n")
    return (
        not nothing
        and 0 < len(lines) <= _MOST_HEADERS
        and _FILE.fullmatch(lines[0]) is not None
        and all(_OTHER.fullmatch(line) for line in lines[1:])
    )
