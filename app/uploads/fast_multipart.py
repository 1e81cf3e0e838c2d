"""The multipart form that browsers and curl send for files, taken apart by searching instead of byte by byte."""

import re

_FILE = re.compile(rb'content-disposition: form-data; name="file"(?:; filename="[^"\\\r\n]*")?', re.IGNORECASE)
_OTHER = re.compile(rb"content-(?:type|length): [^\r\n]*", re.IGNORECASE)
_MOST_HEADERS = 4096


def plain_files(body: bytes, boundary: bytes) -> list[bytes] | None:
    """Return the contents of the form's parts, in order, when all are called `file` and have the usual headers.

    None for every other body, however slightly it differs; that is for the parser to read or to refuse.
    """
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary)
    if len(pieces) < 3 or pieces[0] or pieces[-1] not in (b"--\r\n", b"--"):
        return None
    files = []
    for part in pieces[1:-1]:
        headers, blank, content = part.partition(b"\r\n\r\n")
        start, *lines = headers.split(b"\r\n")
        if start or not blank or not lines or len(headers) > _MOST_HEADERS:
            return None
        if not _FILE.fullmatch(lines[0]) or not all(_OTHER.fullmatch(line) for line in lines[1:]):
            return None
        files.append(content)
    return files
