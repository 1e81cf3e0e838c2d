import pytest
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from app.errors import RequestError
from app.uploads.fast_multipart import plain_files
from app.uploads.multipart import FileForm

DISPOSITION = b'Content-Disposition: form-data; name="file"; filename="a.png"'
FORM = b"--b\r\n" + DISPOSITION + b"\r\nContent-Type: image/png\r\n\r\nsev\r\n-en\r\n--b--\r\n"


def parsed(body: bytes) -> list[bytes | RequestError] | None:
    """Return what the parser makes of a form; None where it or the form refuses."""
    form = FileForm(most_files=9, most_file_bytes=1000)
    try:
        MultipartParser(b"b", form.callbacks()).write(body)
        return form.finish()
    except (FormParserError, RequestError):
        return None


@pytest.mark.parametrize(
    "body",
    [
        FORM,
        FORM.removesuffix(b"\r\n"),
        FORM.replace(b"\r\nContent-Type: image/png", b""),
        FORM.replace(b'; filename="a.png"', b""),
        FORM.replace(b"sev\r\n-en", b""),
        FORM.replace(b"sev", bytes(range(256))),
        FORM.replace(b"Content-Disposition", b"content-disposition"),
        2 * FORM.removesuffix(b"--b--\r\n") + FORM,
    ],
)
def test_usual_forms_are_taken_apart_as_the_parser_does(body: bytes) -> None:
    assert plain_files(body, b"b") == parsed(body)
    assert plain_files(body, b"b") is not None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x" + FORM,
        FORM[:-6],
        FORM + b"more",
        FORM[:-4] + b"\r\n" + FORM.replace(b'"file"', b'"other"'),
        FORM[:-6] + b"-x" + FORM[-6:],
        FORM.replace(b'"file"', b'"other"'),
        FORM.replace(b"; name", b"; name*"),
        FORM.replace(b"Content-Type", b"Content-Disposition"),
        FORM.replace(b"\r\n", b"\n"),
        FORM.replace(b"image/png", b"image/png" + 5000 * b"x"),
    ],
)
def test_others_are_left_to_the_parser(body: bytes) -> None:
    assert plain_files(body, b"b") is None


def test_what_is_changed_anywhere_is_read_as_the_parser_reads_it_or_not_at_all() -> None:
    for at in range(len(FORM)):
        for byte in (0, 10, 13, 34, 45, 98, 255):
            body = FORM[:at] + bytes([byte]) + FORM[at + 1 :]
            assert plain_files(body, b"b") in (None, parsed(body)), body
