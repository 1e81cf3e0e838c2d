"""The bytes of files, wherever they are: on a disk, behind a URL, or in an object store, which Daft's client reads."""

import contextlib
import io
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any, BinaryIO

import daft

from app.errors import FileTooLargeError, NotFoundError, RequestError

CONNECTIONS = 16
"""Files fetched at once from elsewhere, where a file takes its time to begin."""

TIMEOUT_SECONDS = 30

_WEB = ("http://", "https://")


def is_remote(path: str) -> bool:
    """Return whether the path is a URL or an object's."""
    return "://" in path


@contextlib.contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """Open a file at any path for reading at any place; raises `OSError` or Daft's errors."""
    if is_remote(path):
        with daft.File(path).open() as file:
            yield io.BufferedReader(_Remote(file))
    else:
        with open(path, "rb") as file:
            yield file


def fetch(path: str, most_bytes: int) -> bytes | RequestError:
    """Return the bytes of a picture, or why there are none: it cannot be read, or has more than `most_bytes`."""
    try:
        if path.startswith(_WEB):  # one request: Daft's client asks for the size first, which signed URLs refuse
            with urllib.request.urlopen(path, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310  # the prefix is checked
                data: bytes = response.read(most_bytes + 1)
        else:
            with opened(path) as file:
                data = file.read(most_bytes + 1)
    except Exception as error:  # each store has errors of its own
        return NotFoundError(f"nothing can be read at {path}: {error}")
    return data if len(data) <= most_bytes else FileTooLargeError(f"a picture may have at most {most_bytes:,} bytes")


def fetch_all(paths: Sequence[str], most_bytes: int) -> Iterator[bytes | RequestError]:
    """Return `fetch` of every path in order; a few at once when they are elsewhere."""
    if not any(map(is_remote, paths)):
        yield from (fetch(path, most_bytes) for path in paths)
        return
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        waiting = iter(paths)
        while some := list(islice(waiting, CONNECTIONS)):
            yield from pool.map(fetch, some, [most_bytes] * len(some))


class _Remote(io.RawIOBase):
    """Daft's remote file with the methods that pyarrow and `io` ask for."""

    def __init__(self, file: "daft.daft.PyDaftFile") -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())
