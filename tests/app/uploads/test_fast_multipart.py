"""The fast parser accepts a subset of what python-multipart accepts, and parses it alike."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from app.errors import RequestError
from app.uploads.fast_multipart import parse_fast
from app.uploads.multipart import FileForm

DISPOSITION = b'Content-Disposition: form-data; name="file"; filename="a.png"'
FORM = b"--b\r\n" + DISPOSITION + b"\r\nContent-Type: image/png\r\n\r\nsev\r\n-en\r\n--b--\r\n"


def parse_fully(chunks: list[bytes], boundary: bytes = b"b") -> list[bytes | RequestError] | None:
    """Return what python-multipart makes of a form in these chunks; None where it or the form refuses."""
    form = FileForm(most_files=9, most_file_bytes=100_000)
    parser = MultipartParser(boundary, form.callbacks())
    try:
        for chunk in chunks:
            parser.write(chunk)
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
def test_usual_forms_are_parsed(body: bytes) -> None:
    assert parse_fast(body, b"b") == parse_fully([body])
    assert parse_fast(body, b"b") is not None


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
        FORM.replace(b'"file"', b'"FILE"'),
        FORM.replace(b"; name", b"; NAME"),
        FORM.replace(b"; name", b"; name*"),
        FORM.replace(b"Content-Type", b"Content-Disposition"),
        FORM.replace(b"Content-Type: image/png", b"\r\n".join([b"Content-Type: image/png"] * 8)),
        FORM.replace(b"\r\n", b"\n"),
        FORM.replace(b"image/png", b"image/png" + 5000 * b"x"),
    ],
)
def test_others_are_left_to_python_multipart(body: bytes) -> None:
    assert parse_fast(body, b"b") is None


def mixed_case(text: bytes) -> st.SearchStrategy[bytes]:
    return st.sampled_from([text, text.lower(), text.upper(), text.swapcase()])


# Pieces that mean something to a parser, so that forms are nearly right more often than not.
BOUNDARIES = st.sampled_from([b"b", b"-", b"--", b"boundary", b"----WebKitFormBoundaryA1", b"a'()+_,./:=?b"])
TOKENS = st.sampled_from(
    [b"\r\n", b"\r", b"\n", b"--", b"-", b"b", b'"', b"\\", b";", b"=", b":", b" ", b"", b"\x00", b"\xff"]
)
SCRAPS = st.lists(TOKENS | st.binary(max_size=6), max_size=4).map(b"".join)
NAMES = st.sampled_from([b'"file"', b'"FILE"', b"file", b'"other"', b'"fi\\le"', b'""'])
FILENAMES = st.just(b"") | st.tuples(st.sampled_from([b"filename", b"filename*", b"FileName"]), SCRAPS).map(
    lambda pair: b"; " + pair[0] + b'="' + pair[1] + b'"'
)
DISPOSITIONS = st.tuples(
    mixed_case(b"Content-Disposition"), st.sampled_from([b": ", b":", b":  "]), NAMES, FILENAMES
).map(lambda pieces: pieces[0] + pieces[1] + b"form-data; name=" + pieces[2] + pieces[3])
OTHERS = st.tuples(mixed_case(b"Content-Type") | mixed_case(b"Content-Length") | SCRAPS, SCRAPS).map(b": ".join)


@st.composite
def forms(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """Return a boundary and a body of a few parts, mostly well-formed."""
    boundary = draw(BOUNDARIES)
    body = b""
    for _ in range(draw(st.integers(0, 3))):
        lines = [draw(DISPOSITIONS), *draw(st.lists(OTHERS | DISPOSITIONS, max_size=10))]
        body += b"--" + boundary + b"\r\n" + b"\r\n".join(lines) + b"\r\n\r\n" + draw(SCRAPS) + b"\r\n"
    body += b"--" + boundary + draw(st.sampled_from([b"--\r\n", b"--", b"-", b"\r\n", b"--\r\n\r\n", b"--more"]))
    if body and draw(st.booleans()):
        at = draw(st.integers(0, len(body) - 1))
        body = body[:at] + draw(SCRAPS) + body[at + draw(st.integers(0, 2)) :]
    return boundary, body


@given(forms(), st.lists(st.integers(0, 600), max_size=5))
def test_any_form_is_parsed_as_python_multipart_parses_it_or_not_at_all(
    form: tuple[bytes, bytes], cuts: list[int]
) -> None:
    boundary, body = form
    ends = sorted({0, len(body), *(cut for cut in cuts if cut < len(body))})
    chunks = [body[start:end] for start, end in pairwise(ends)]
    assert parse_fast(body, boundary) in (None, parse_fully(chunks, boundary))


def test_a_form_changed_anywhere_is_parsed_alike_or_not_at_all() -> None:
    for at in range(len(FORM)):
        for byte in (0, 10, 13, 34, 45, 98, 255):
            body = FORM[:at] + bytes([byte]) + FORM[at + 1 :]
            assert parse_fast(body, b"b") in (None, parse_fully([body])), body
