import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from starlette.types import Receive, Scope

from app import errors
from app.uploads.receiving import receive_many, receive_one
from app.uploads.upload_limits import UploadLimits

LIMITS = UploadLimits(file_bytes=1000, batch_bytes=5000, batch_files=3, seconds=5)
FORM = "multipart/form-data; boundary=b"

Sent = tuple[Scope, Receive]


def free(count: int) -> None:
    """Charge nothing."""


def part(content: bytes, name: str = "file", filename: str = "a.png") -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"'
    return f"--b\r\n{disposition}\r\nContent-Type: image/png\r\n\r\n".encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    return b"".join(parts) + b"--b--\r\n"


def request(content_type: str | None, *chunks: bytes, ends: bool = True, announces: int | None = None) -> Sent:
    """Return a request whose body arrives in these chunks and then ends, or stays silent."""
    headers = [(b"content-type", content_type.encode())] if content_type is not None else []
    if announces is not None:
        headers.append((b"content-length", str(announces).encode()))
    messages = iter({"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks)

    async def receive() -> dict[str, Any]:
        if (message := next(messages, None)) is not None:
            return message
        if not ends:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": b"", "more_body": False}

    return {"type": "http", "method": "POST", "headers": headers}, receive


def bytewise(data: bytes) -> Iterable[bytes]:
    return (data[at : at + 1] for at in range(len(data)))


def test_a_form_gives_its_file() -> None:
    assert asyncio.run(receive_one(*request(FORM, form(part(b"seven"))), LIMITS, free)) == b"seven"


def test_a_form_may_arrive_byte_by_byte() -> None:
    body = form(part(b"x", name="other"), part(b"se\r\n--ven"))
    assert asyncio.run(receive_one(*request(FORM, *bytewise(body)), LIMITS, free)) == b"se\r\n--ven"


@pytest.mark.parametrize("content_type", ["image/png", "image/x-whatever", "application/octet-stream", "IMAGE/PNG"])
def test_the_body_may_be_the_picture_itself(content_type: str) -> None:
    assert asyncio.run(receive_one(*request(content_type, b"se", b"ven"), LIMITS, free)) == b"seven"


def test_many_files_come_in_their_order() -> None:
    body = form(part(b"1"), part(b"x", name="other"), part(b""), part(b"3"))
    assert asyncio.run(receive_many(*request(FORM, body), LIMITS, free)) == [b"1", b"", b"3"]


def test_a_file_that_is_too_large_spoils_no_other() -> None:
    body = form(part(b"1"), part(bytes(1001)), part(b"3"))
    first, second, third = asyncio.run(receive_many(*request(FORM, *bytewise(body)), LIMITS, free))
    assert (first, third) == (b"1", b"3")
    assert isinstance(second, errors.FileTooLargeError)
    assert str(second) == "a picture may have at most 1,000 bytes"


def test_a_file_of_just_the_allowed_size_is_taken() -> None:
    assert len(asyncio.run(receive_one(*request(FORM, form(part(bytes(1000)))), LIMITS, free))) == 1000


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (request(FORM, form(part(b"1"), part(b"2"))), errors.SeveralFilesError),
        (request(FORM, form(part(b"1", name="picture"))), errors.MissingFileError),
        (request(FORM, form()), errors.MissingFileError),
        (request(FORM, form(part(b"1"))[:-9]), errors.MalformedRequestError),
        (request(FORM, b"not a form"), errors.MalformedRequestError),
        (request(FORM), errors.MalformedRequestError),
        (request("multipart/form-data", form(part(b"1"))), errors.MalformedRequestError),
        (request(f"multipart/form-data; boundary={'b' * 999}", b""), errors.MalformedRequestError),
        (
            request(f"multipart/form-data; boundary={'b' * 300}", form(part(b"1")).replace(b"--b", b"--" + b"b" * 300)),
            errors.MalformedRequestError,
        ),
        (request(None, b""), errors.MissingFileError),
        (request("", b""), errors.MissingFileError),
        (request("application/json", b"{}"), errors.ContentTypeError),
        (request("application/x-www-form-urlencoded", b"a=b"), errors.ContentTypeError),
        (request("image/png", announces=1001), errors.FileTooLargeError),
        (request("image/png", announces=10**4000), errors.FileTooLargeError),
        (request("image/png", bytes(600), bytes(600)), errors.FileTooLargeError),
        (request(FORM, form(part(bytes(1001)))), errors.FileTooLargeError),
        (request(FORM, announces=1_000_000), errors.FileTooLargeError),
    ],
)
def test_one_picture_is_refused(sent: Sent, error: type[Exception]) -> None:
    with pytest.raises(error):
        asyncio.run(receive_one(*sent, LIMITS, free))


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (request(FORM, form(*[part(b"1")] * 4)), errors.TooManyFilesError),
        (request(FORM, announces=5001), errors.RequestTooLargeError),
        (request(FORM, *[part(bytes(900), name="other")] * 6), errors.RequestTooLargeError),
        (request(FORM, form(part(b"1", name="picture"))), errors.MissingFileError),
        (request("image/png", b"1"), errors.ContentTypeError),
    ],
)
def test_a_batch_is_refused(sent: Sent, error: type[Exception]) -> None:
    with pytest.raises(error):
        asyncio.run(receive_many(*sent, LIMITS, free))


def test_a_body_that_is_too_large_is_refused_before_it_has_ended() -> None:
    with pytest.raises(errors.FileTooLargeError):
        asyncio.run(receive_one(*request("image/png", bytes(1001), ends=False), LIMITS, free))


def test_a_bad_form_is_refused_before_it_has_ended() -> None:
    with pytest.raises(errors.SeveralFilesError):
        asyncio.run(receive_one(*request(FORM, part(b"1"), part(b"2"), ends=False), LIMITS, free))


def test_a_length_that_begins_with_noughts_is_still_a_length() -> None:
    scope, receive = request("image/png", b"seven")
    scope["headers"].append((b"content-length", b"0" * 5000 + b"5"))
    assert asyncio.run(receive_one(scope, receive, LIMITS, free)) == b"seven"


def test_a_body_that_does_not_arrive_is_given_up() -> None:
    limits = UploadLimits(file_bytes=1000, batch_bytes=5000, batch_files=3, seconds=0.01)
    with pytest.raises(errors.UploadTimeoutError, match=r"within 0\.01 seconds"):
        asyncio.run(receive_one(*request("image/png", b"se", ends=False), limits, free))


def test_a_client_that_goes_away_is_no_defect() -> None:
    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    scope = {"type": "http", "method": "POST", "headers": [(b"content-type", b"image/png")]}
    with pytest.raises(errors.MalformedRequestError, match="connection was closed"):
        asyncio.run(receive_one(scope, receive, LIMITS, free))


def test_every_byte_of_the_body_is_charged() -> None:
    charged: list[int] = []
    asyncio.run(receive_one(*request("image/png", b"se", b"ven"), LIMITS, charged.append))
    assert sum(charged) == 5
