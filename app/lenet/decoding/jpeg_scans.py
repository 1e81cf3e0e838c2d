"""The scans of a JPEG: each is a pass over its pixels, and of several all coefficients are kept until the last."""

import io

from PIL.JpegImagePlugin import JpegImageFile

from app.lenet.decoding.image_errors import DamagedImageError, PixelLimitError

# Cameras write a dozen scans at most, and a hostile one takes only 75 bytes.
_MOST_SCANS = 100
_MOST_SCANNED_PIXELS = 500_000_000  # ten scans, as usual, of the largest picture

_START_OF_SCAN = b"\xff\xda"  # pixels never hold it, because a byte of 255 is followed by 0 there


def count_scans(image: JpegImageFile) -> int:
    """Return how many scans libjpeg decodes of an opened JPEG.

    It is one for a JPEG that is not progressive and whose first scan has all components. libjpeg passes over others.
    """
    file = image.fp
    assert isinstance(file, io.BytesIO)  # noqa: S101 - `formats` opens no other; for the type checker
    data = file.getvalue()
    first = data.rfind(_START_OF_SCAN, 0, file.tell())  # Pillow has read up to the end of its header
    if "progressive" not in image.info and data[first + 4] == image.layers:
        return 1
    return max(2, data.count(_START_OF_SCAN))


def check_scans(image: JpegImageFile) -> None:
    """Raise a kind of `ImageError` for a JPEG whose scans would take too long to decode."""
    scans = count_scans(image)
    if scans > _MOST_SCANS:
        raise DamagedImageError(f"the JPEG picture has more than {_MOST_SCANS} scans")
    if image.width * image.height * scans > _MOST_SCANNED_PIXELS:
        raise PixelLimitError(f"a JPEG may have at most {_MOST_SCANNED_PIXELS:,} pixels in all its scans together")
