"""The files of a multipart form, collected from python-multipart's callbacks; other fields are dropped."""

from typing import TYPE_CHECKING

from python_multipart.multipart import parse_options_header

from app.errors import (
    FileTooLargeError,
    MalformedRequestError,
    MissingFileError,
    RequestError,
    SeveralFilesError,
    TooManyFilesError,
)

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FIELD = "file"


class FileForm:
    """Collects the parts called `file`, in memory: at most `most_files`, each of at most `most_file_bytes`."""

    def __init__(self, *, most_files: int, most_file_bytes: int) -> None:
        """Start with no file."""
        self._most_files = most_files
        self._most_file_bytes = most_file_bytes
        self._files: list[bytes | bytearray | RequestError] = []
        self._header_name = bytearray()
        self._header_value = bytearray()
        self._disposition = b""
        self._part: bytearray | None = None
        self._complete = False

    def callbacks(self) -> "MultipartCallbacks":
        """Return the callbacks for python-multipart's parser."""
        return {
            "on_part_begin": self._begin_part,
            "on_header_field": lambda data, start, end: self._header_name.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._header_value.extend(data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._begin_content,
            "on_part_data": self._add_content,
            "on_end": self._end,
        }

    def take(self, files: list[bytes]) -> None:
        """Take the files of a whole form that is parsed already."""
        for content in files:
            self._begin_file()
            self._files[-1] = content if len(content) <= self._most_file_bytes else self._too_large()
        self._end()

    def finish(self) -> list[bytes | RequestError]:
        """Return the files in order, with a `FileTooLargeError` in place of each that was too large.

        Raises `MalformedRequestError` for a form that was cut off, `MissingFileError` for one without files.
        """
        if not self._complete:
            raise MalformedRequestError("the multipart body ends before its last boundary")
        if not self._files:
            raise MissingFileError(f"the form has no field called {FIELD}")
        return [bytes(file) if isinstance(file, bytearray) else file for file in self._files]

    def _begin_part(self) -> None:
        self._disposition = b""
        self._part = None

    def _end_header(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = bytes(self._header_value)
        self._header_name.clear()
        self._header_value.clear()

    def _begin_content(self) -> None:
        _, options = parse_options_header(self._disposition)
        if options.get(b"name") == FIELD.encode():
            self._begin_file()

    def _begin_file(self) -> None:
        if len(self._files) == self._most_files:
            if self._most_files == 1:
                raise SeveralFilesError("the form has more than one picture; /predict/batch takes many")
            raise TooManyFilesError(f"a batch may have at most {self._most_files:,} pictures")
        self._part = bytearray()
        self._files.append(self._part)

    def _add_content(self, data: bytes, start: int, end: int) -> None:
        if self._part is None:
            return
        if len(self._part) + end - start > self._most_file_bytes:
            self._files[-1] = self._too_large()
            self._part = None
            return
        self._part += data[start:end]

    def _too_large(self) -> FileTooLargeError:
        return FileTooLargeError(f"a picture may have at most {self._most_file_bytes:,} bytes")

    def _end(self) -> None:
        self._complete = True
