"""Pictures that may arrive as grey levels, with nothing to decode."""

from app.lenet.decoding.decoder import DecodedImage, ImageSource, decode
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.image_types import GreyImage

Upload = bytes | GreyImage
"""A picture's file, or its grey levels [height, width]."""


def decode_upload(upload: Upload, limits: ImageLimits) -> DecodedImage:
    """Return the picture of a file or of grey levels; raises a kind of `ImageError`."""
    if isinstance(upload, bytes):
        return decode(upload, limits)
    height, width = upload.shape
    limits.check((width, height))
    return DecodedImage(upload, ImageSource("pixels", width, height, frames=1))
