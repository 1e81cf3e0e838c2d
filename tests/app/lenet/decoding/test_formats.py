import numpy as np
import pytest

from app.lenet.decoding.formats import READERS, detect_format
from tests.image_files import encoded


@pytest.mark.parametrize("name", [name for name in READERS if name != "HEIC"])
def test_what_pillow_writes_is_told_by_its_beginning(name: str) -> None:
    assert detect_format(encoded(np.zeros((4, 4), np.uint8), name.upper())) == name


@pytest.mark.parametrize(
    ("beginning", "name"),
    [
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf", "AVIF"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00avifmif1miaf", "AVIF"),
        (b"\xff\x0a\xfa\x7f", "JPEG XL"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
        (b"%PDF-1.7", "PDF"),
        (b'<?xml version="1.0"?><svg/>', "SVG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
    ],
)
def test_common_other_formats_are_told_by_name(beginning: bytes, name: str) -> None:
    assert detect_format(beginning) == name


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"7",
        b"BMW is a car and not a picture",
        b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00",
        b"RIFF\x00\x00\x00\x00WAVE",
    ],
)
def test_anything_else_has_no_name(data: bytes) -> None:
    assert detect_format(data) is None
