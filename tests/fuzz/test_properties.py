"""Any picture is preprocessed and read, and any bytes are taken or refused, whatever Hypothesis comes up with."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from PIL import Image

from app.lenet.box import Box
from app.lenet.decoding.decoder import DecodedImage, decode
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.inference.predictor import Predictor
from app.lenet.inference.preprocessing import preprocess
from app.lenet.network import artifact
from app.lenet.reading.reader import Reader, load_reader
from tests.fuzz.targets import TARGETS
from tests.image_files import encoded

# Milliseconds for one picture. It is a guard against work without bounds, and far from what any picture takes.
LONG = 20_000
PROPERTY = settings(max_examples=200, deadline=LONG, suppress_health_check=list(HealthCheck))

MODES = ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I", "F", "I;16")
FORMATS = {"LA": "PNG", "P": "PNG", "RGBA": "WebP", "I;16": "PNG", "YCbCr": "JPEG", "RGB": "BMP"}


@st.composite
def pixels(draw: st.DrawFn) -> NDArray[np.uint8]:
    """Pictures of any size: Hypothesis' own, which are mostly flat, noise of some density, and crossing lines."""
    shape = draw(st.tuples(st.integers(1, 160), st.integers(1, 160)))
    kind = draw(st.sampled_from(["drawn", "noise", "lines"]))
    if kind == "drawn":
        return draw(arrays(np.uint8, shape))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    ground, ink = draw(st.integers(0, 255)), draw(st.integers(0, 255))
    if kind == "noise":
        return np.where(random.random(shape) < draw(st.floats(0, 1)), ink, ground).astype(np.uint8)
    page = np.full(shape, ground, np.uint8)
    page[:: draw(st.integers(1, 40))] = ink
    page[:, :: draw(st.integers(1, 40))] = ink
    return page


@st.composite
def pictures(draw: st.DrawFn) -> DecodedImage:
    mode = draw(st.sampled_from(MODES))
    image = Image.fromarray(draw(pixels())).convert(mode)
    return decode(encoded(image, FORMATS.get(mode, "TIFF")), ImageLimits(aspect=200))


@pytest.fixture(scope="module")
def reader(robust: Predictor) -> Reader:
    return load_reader(artifact.load(artifact.SHIPPED / "robust.safetensors"), robust)


def inside(box: Box, width: int, height: int) -> bool:
    return box.x >= 0 and box.y >= 0 and box.x + box.width <= width and box.y + box.height <= height


@PROPERTY
@given(pictures())
def test_any_picture_has_a_canonical_form(picture: DecodedImage) -> None:
    digit = preprocess(picture, "auto", 32)
    assert digit.image.shape == (28, 28)
    assert digit.box is None or inside(digit.box, picture.source.width, picture.source.height)


@PROPERTY
@given(pictures(), st.one_of(st.none(), st.integers(1, 64)), st.booleans())
def test_any_picture_can_be_read(reader: Reader, picture: DecodedImage, length: int | None, plain: bool) -> None:
    reading = reader.read(picture.grey, length, plain=plain)
    height, width = picture.grey.shape
    boxes = [digit.box for line in reading.lines for digit in line.digits]
    assert all(inside(box, width, height) for box in [*boxes, *reading.rejected, *(line.box for line in reading.lines)])
    assert 0 <= reading.confidence <= 1
    assert all(length in (None, len(line.digits)) for line in reading.lines)


@PROPERTY
@pytest.mark.filterwarnings("ignore::Warning:PIL")
@pytest.mark.parametrize("target", TARGETS)
@given(st.binary(max_size=2000))
def test_any_bytes_are_taken_or_refused(target: str, data: bytes) -> None:
    TARGETS[target](data)


@PROPERTY
@given(
    st.lists(st.tuples(st.sampled_from([b"file", b"FILE", b"other"]), st.binary(max_size=200)), max_size=9),
    st.integers(0, 255),
)
def test_any_form_is_parsed_alike_however_it_is_cut_up(parts: list[tuple[bytes, bytes]], step: int) -> None:
    head = b'--b\r\nContent-Disposition: form-data; name="%s"; filename="a"\r\n\r\n'
    TARGETS["multipart"](
        bytes([step]) + b"".join(head % name + content + b"\r\n" for name, content in parts) + b"--b--\r\n"
    )
