import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, PngImagePlugin

from app.lenet.decoding import image_errors
from app.lenet.decoding.decoder import ImageSource, decode
from app.lenet.decoding.formats import READERS
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.decoding.reduction import PAGE
from tests.image_files import encoded, gradient

LIMITS = ImageLimits()


def png_announcing(width: int, height: int) -> bytes:
    """Return a PNG whose header says a size and whose pixels are missing."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(("kind", "name"), [("PNG", "PNG"), ("BMP", "BMP"), ("GIF", "GIF"), ("TIFF", "TIFF")])
def test_lossless_formats_give_the_pixels_that_went_in(kind: str, name: str) -> None:
    picture = decode(encoded(gradient(), kind), LIMITS)
    assert np.array_equal(picture.grey, gradient())
    assert picture.source == ImageSource(name, 28, 28, 1)


def test_webp_without_loss() -> None:
    picture = decode(encoded(Image.fromarray(gradient()).convert("RGB"), "WEBP", lossless=True), LIMITS)
    assert np.abs(picture.grey.astype(int) - gradient()).max() <= 1
    assert picture.source.format == "WebP"


def test_jpeg_is_close() -> None:
    smooth = np.linspace(0, 255, 64 * 64).reshape(64, 64).astype(np.uint8)
    assert np.abs(decode(encoded(smooth, "JPEG", quality=95), LIMITS).grey.astype(int) - smooth).max() <= 4


@pytest.mark.parametrize("mode", ["CMYK", "YCbCr"])
def test_jpeg_of_other_colour_spaces(mode: str) -> None:
    halves = np.zeros((32, 32), np.uint8)
    halves[:, 16:] = 255
    grey = decode(encoded(Image.fromarray(halves).convert("RGB").convert(mode), "JPEG"), LIMITS).grey
    assert grey[:, :14].max() < 30
    assert grey[:, 18:].min() > 225


HALVES = np.zeros((8, 8), np.uint8)
HALVES[:, 4:] = 255


def in_palette_with_a_transparent_colour() -> Image.Image:
    image = Image.fromarray((HALVES > 0).astype(np.uint8), "P")
    image.putpalette([9, 9, 9, 0, 0, 0])
    image.info["transparency"] = 0
    return image


@pytest.mark.parametrize(
    ("image", "kind", "expected"),
    [
        (Image.fromarray(HALVES).convert("1"), "PNG", HALVES),
        (Image.fromarray(HALVES).convert("P"), "GIF", HALVES),
        (Image.fromarray(HALVES.astype(np.uint16) * 257), "PNG", HALVES),
        (Image.fromarray(HALVES.astype(np.uint16) * 257), "TIFF", HALVES),
        (Image.fromarray(HALVES.astype(np.int32) * 1000 - 77), "TIFF", HALVES),
        (Image.fromarray(HALVES.astype(np.float32) / 3), "TIFF", HALVES),
        (Image.fromarray(HALVES).convert("CMYK"), "TIFF", HALVES),
        (Image.merge("LA", (Image.new("L", (8, 8)), Image.fromarray(HALVES))), "PNG", 255 - HALVES),
        (Image.merge("RGBA", (*[Image.new("L", (8, 8))] * 3, Image.fromarray(HALVES))), "PNG", 255 - HALVES),
        (Image.merge("RGBA", (*[Image.new("L", (8, 8), 255)] * 3, Image.fromarray(HALVES))), "WEBP", HALVES),
        (in_palette_with_a_transparent_colour(), "PNG", 255 - HALVES),
        (in_palette_with_a_transparent_colour(), "GIF", 255 - HALVES),
    ],
)
def test_files_of_every_depth_and_transparency(image: Image.Image, kind: str, expected: np.ndarray) -> None:
    options = {"lossless": True} if kind == "WEBP" else {}
    assert np.array_equal(decode(encoded(image, kind, **options), LIMITS).grey, expected)


def test_metadata_is_neither_kept_nor_logged(caplog: pytest.LogCaptureFixture) -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret of the camera"
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "secret of the editor")
    data = encoded(gradient(), exif=exif, pnginfo=text)
    with caplog.at_level("DEBUG", logger="app"):
        picture = decode(data, LIMITS)
    assert "secret" not in repr(picture) + caplog.text


def test_the_content_decides_and_not_the_name() -> None:
    assert decode(encoded(gradient(), "GIF"), LIMITS).source.format == "GIF"


def test_tiff_of_twelve_bits_reaches_white() -> None:
    packed = bytes([0xFF, 0xF0, 0x00])  # two pixels, 4095 and 0
    tags = [(256, 4, 2), (257, 4, 1), (258, 3, 12), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1), (279, 4, 3)]
    directory = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    data = b"II*\x00" + struct.pack("<I", 12) + packed + b"\x00" + struct.pack("<H", len(tags)) + directory + bytes(4)
    assert decode(data, LIMITS).grey.tolist() == [[255, 0]]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize(
    ("orientation", "undone"),
    [
        (1, Image.Transpose.ROTATE_180),  # the identity, as the second turn below
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_90),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_270),
    ],
)
def test_exif_orientation_is_undone(kind: str, orientation: int, undone: Image.Transpose) -> None:
    upright = Image.new("L", (64, 48))
    upright.paste(255, (0, 0, 20, 10))
    upright.paste(128, (40, 30, 60, 44))
    stored = upright.copy() if orientation == 1 else upright.transpose(undone)
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = decode(
        encoded(stored.convert("RGB"), kind, exif=exif, **({"lossless": True} if kind == "WEBP" else {})), LIMITS
    )
    assert np.abs(picture.grey.astype(int) - np.asarray(upright)).mean() < 2
    assert (picture.source.width, picture.source.height) == (64, 48)


@pytest.mark.parametrize("exif", [b"Exif\x00\x00rubbish", b"Exif\x00\x00II*\x00\xff\xff\xff\xff"])
def test_broken_exif_does_not_spoil_the_picture(exif: bytes) -> None:
    assert decode(encoded(gradient(), "PNG", exif=exif), LIMITS).grey.shape == (28, 28)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_the_first_of_several_frames_is_used_and_their_number_told(kind: str) -> None:
    frames = [Image.fromarray(np.roll(gradient(), shift, axis=1)).convert("RGB") for shift in (0, 5, 9)]
    options = {"lossless": True} if kind == "WEBP" else {}
    picture = decode(encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options), LIMITS)
    assert picture.source.frames == 3
    assert np.abs(picture.grey.astype(int) - gradient()).max() <= 1


def test_frames_of_a_large_file_are_not_counted() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 300), dtype=np.uint8)
    frames = [Image.fromarray(np.roll(noise, shift)) for shift in range(5)]
    assert decode(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]), LIMITS).source.frames is None


def test_a_damaged_second_frame_does_not_spoil_the_first() -> None:
    frames = [Image.fromarray(np.roll(gradient(), shift)) for shift in (0, 5)]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert np.array_equal(decode(data[:-300], LIMITS).grey, gradient())


def test_a_large_jpeg_is_decoded_smaller_and_its_size_told() -> None:
    data = encoded(np.zeros((3000, 4000), np.uint8), "JPEG")
    picture = decode(data, LIMITS)
    assert picture.grey.shape == (750, 1000)
    assert (picture.source.width, picture.source.height) == (4000, 3000)
    assert decode(data, LIMITS, PAGE).grey.shape == (1500, 2000)


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (b"", image_errors.EmptyImageError, "the file is empty"),
        (b"seven", image_errors.NotAnImageError, "not a picture; accepted are PNG, JPEG, WebP, BMP, GIF, TIFF"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n", image_errors.FormatError, "JPEG 2000 pictures are not accepted"),
        (b"%PDF-1.7", image_errors.FormatError, "PDF pictures are not accepted"),
        (b"\x89PNG\r\n\x1a\n", image_errors.DamagedImageError, "header is cut off or damaged"),
        (
            png_announcing(10_000, 5_001),
            image_errors.PixelLimitError,
            "10000 x 5001 = 50,010,000 pixels; at most 50,000,000",
        ),
        (png_announcing(20_000, 20_000), image_errors.PixelLimitError, "at most 50,000,000 are accepted"),
        (png_announcing(2**31 - 1, 2**31 - 1), image_errors.PixelLimitError, "at most 50,000,000 are accepted"),
        (png_announcing(511, 10), image_errors.AspectLimitError, "511 x 10; at most 50 times"),
        (png_announcing(10, 511), image_errors.AspectLimitError, "10 x 511; at most 50 times"),
        (png_announcing(0, 10), image_errors.DamagedImageError, "no pixels|header is cut off"),
        (png_announcing(500, 10), image_errors.DamagedImageError, "the PNG picture is cut off or damaged"),
    ],
)
def test_refusals_say_why(data: bytes, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        decode(data, LIMITS)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_every_cut_off_picture_is_answered_or_refused(kind: str) -> None:
    data = encoded(gradient(40, 40), kind)
    refused = 0
    for length in range(12, len(data), max(1, len(data) // 60)):
        try:
            decode(data[:length], LIMITS)
        except image_errors.ImageError:
            refused += 1
    assert refused > 5


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF"])
def test_no_damage_raises_anything_but_a_refusal(kind: str) -> None:
    random = np.random.default_rng(0)
    data = np.frombuffer(encoded(gradient(40, 40), kind), np.uint8)
    for _ in range(150):
        damaged = data.copy()
        damaged[random.integers(0, len(data), 8)] = random.integers(0, 256, 8)
        with contextlib.suppress(image_errors.ImageError):
            assert decode(damaged.tobytes(), LIMITS).grey.ndim == 2


def test_a_jpeg_of_endless_scans_is_refused_at_once() -> None:
    data = encoded(gradient(400, 400), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    assert decode(data, LIMITS).grey.shape == (400, 400)
    with pytest.raises(image_errors.DamagedImageError, match="more than 100 scans"):
        decode(data[:-2] + data[last:-2] * 200 + data[-2:], LIMITS)


def test_a_bomb_in_a_png_text_chunk_is_refused_or_passed_over() -> None:
    text = zlib.compress(bytes(100_000_000))
    content = b"Comment\x00\x00" + text
    chunk = struct.pack(">I", len(content)) + b"zTXt" + content + struct.pack(">I", zlib.crc32(b"zTXt" + content))
    plain = encoded(gradient())
    with pytest.raises(image_errors.DamagedImageError):
        decode(plain[:33] + chunk + plain[33:], LIMITS)


def test_pillows_global_settings_are_left_alone() -> None:
    before = (Image.MAX_IMAGE_PIXELS, Image.OPEN.copy())
    decode(encoded(gradient()), LIMITS)
    assert before == (Image.MAX_IMAGE_PIXELS, Image.OPEN)
    assert Image.open(io.BytesIO(encoded(gradient()))).size == (28, 28)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["AVIF", "HEIC"])
def test_what_phones_write_is_read_upright(kind: str, orientation: int) -> None:
    data = _from_phone(kind, gradient(96, 128), orientation)
    picture = decode(data, LIMITS)
    upright = ImageOps.exif_transpose(_tagged(gradient(96, 128), orientation))
    assert picture.grey.shape == (picture.source.height, picture.source.width) == (upright.height, upright.width)
    assert np.abs(picture.grey.astype(int) - np.asarray(upright)).mean() < 12


@pytest.mark.parametrize("kind", ["AVIF", "HEIC"])
def test_what_phones_write_is_measured_before_it_is_decoded(kind: str) -> None:
    data = _from_phone(kind, np.zeros((200, 300), np.uint8), 1)
    with pytest.raises(image_errors.PixelLimitError, match="300 x 200"):
        decode(data, ImageLimits(pixels=59_999))
    with pytest.raises(image_errors.DamagedImageError):
        decode(data[: len(data) // 2], LIMITS)


@pytest.mark.skipif("HEIC" in READERS, reason="the extra heic is installed")
def test_heic_without_its_reader_is_refused_by_name() -> None:
    with pytest.raises(image_errors.FormatError, match="HEIC pictures are not accepted"):
        decode(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", LIMITS)


def _tagged(picture: NDArray[np.uint8], orientation: int) -> Image.Image:
    image = Image.fromarray(picture)
    image.getexif()[ExifTags.Base.Orientation] = orientation
    return image


def _from_phone(kind: str, picture: NDArray[np.uint8], orientation: int) -> bytes:
    if kind not in READERS:
        pytest.skip(f"{kind} cannot be read here")
    image = _tagged(picture, orientation)
    if kind == "HEIC":
        pytest.importorskip("pillow_heif").register_heif_opener()
    return encoded(image.convert("RGB"), "HEIF" if kind == "HEIC" else kind, exif=image.getexif().tobytes(), quality=90)
