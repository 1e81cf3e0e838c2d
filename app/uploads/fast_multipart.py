"""The fast multipart parser: forms as browsers and curl send them, split by searching instead of byte by byte.

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
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if len(pieces) < 3 or pieces[0] or pieces[-1] not in (b"--\r\n", b"--"):
        return None
    files = []
    for part in pieces[1:-1]:
        headers, blank, content = part.partition(b"\r\n\r\n")
        start, *lines = headers.split(b"\r\n")
        if start or not blank or not 0 < len(lines) <= _MOST_HEADERS or len(headers) > _MOST_HEADER_BYTES:
            return None
        if not _FILE.fullmatch(lines[0]) or not all(_OTHER.fullmatch(line) for line in lines[1:]):
            return None
        files.append(content)
    return files
