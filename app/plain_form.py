"""The multipart form that browsers and curl send for one file, taken apart by searching instead of byte by byte."""

import re

_FILE = re.compile(rb'content-disposition: form-data; name="file"(?:; filename="[^"\\\r\n]*")?', re.IGNORECASE)
_OTHER = re.compile(rb"content-(?:type|length): [^\r\n]*", re.IGNORECASE)
_MOST_HEADERS = 4096


def only_file(body: bytes, boundary: bytes) -> bytes | None:
    """Return the content of the form's field `file` when that is its only part and has the usual headers.

    None for every other body, however slightly it differs; that is for the parser to read or to refuse.
    """
    opening = b"--" + boundary + b"\r\n"
    if not body.startswith(opening):
        return None
    end_of_headers = body.find(b"\r\n\r\n", len(opening), _MOST_HEADERS)
    end = body.find(b"\r\n--" + boundary, end_of_headers + 4)
    if end_of_headers < 0 or end < 0 or body[end + 4 + len(boundary) :] not in (b"--\r\n", b"--"):
        return None
    disposition, *others = body[len(opening) : end_of_headers].split(b"\r\n")
    if not _FILE.fullmatch(disposition) or not all(_OTHER.fullmatch(other) for other in others):
        return None
    return body[end_of_headers + 4 : end]
