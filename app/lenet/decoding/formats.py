"""Picture formats, detected by content: the accepted ones, and common others so that a refusal can name them."""

from collections.abc import Callable

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
    features,
)
from PIL.ImageFile import ImageFile

try:
    from pillow_heif import HeifImageFile
except ImportError:  # the extra `heic` is not installed
    HeifImageFile = None

# Pillow's readers, called directly: `Image.open` would also try MPO, and check a global pixel limit.
READERS: dict[str, Callable[..., ImageFile]] = {
    "PNG": PngImagePlugin.PngImageFile,
    "JPEG": JpegImagePlugin.JpegImageFile,
    "WebP": WebPImagePlugin.WebPImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "GIF": GifImagePlugin.GifImageFile,
    "TIFF": TiffImagePlugin.TiffImageFile,
}
if features.check("avif"):
    READERS["AVIF"] = AvifImagePlugin.AvifImageFile
if HeifImageFile is not None:
    READERS["HEIC"] = HeifImageFile

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"II+\x00", "BigTIFF"),
    (b"MM\x00+", "BigTIFF"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"8BPS", "Photoshop"),
    (b"%PDF", "PDF"),
    (b"\x00\x00\x01\x00", "ICO"),
    (b"<svg", "SVG"),
)

# Sizes of the header that describes a BMP's pixels.
_DIB_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)

# Brands of ISO base media files (ISO/IEC 14496-12); Apple's cameras write the HEIC ones.
_BRANDS = {b"avif": "AVIF", b"avis": "AVIF"} | dict.fromkeys(
    (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"), "HEIC"
)


def detect_format(data: bytes) -> str | None:
    """Return the name of the format that `data` begins like, accepted (a key of `READERS`) or not; None if unknown."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _DIB_HEADERS:  # so do many texts
        return "BMP"
    if data[4:8] == b"ftyp":
        # A generic major brand such as mif1 may lead; the list of compatible ones then tells AVIF from HEIC.
        brands = [data[at : at + 4] for at in (8, *range(16, min(len(data), 64), 4))]
        names = [_BRANDS[brand] for brand in brands if brand in _BRANDS]
        return "AVIF" if "AVIF" in names else names[0] if names else None
    if data[:5] == b"<?xml" and b"<svg" in data[:1024]:
        return "SVG"
    return next((name for beginning, name in _BEGINNINGS if data.startswith(beginning)), None)
