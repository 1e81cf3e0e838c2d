"""Pictures that arrive as grey levels, with nothing to decode."""

from app.lenet.decoding.decoder import DecodedImage, ImageSource
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.image_types import GreyImage

Upload = bytes | GreyImage
"""A picture's file, or its grey levels [height, width]."""


def raw_picture(grey: GreyImage, limits: ImageLimits) -> DecodedImage:
    """Return the picture of grey levels; raises a kind of `ImageError` when it is beyond the limits."""
    height, width = grey.shape
    limits.check((width, height))
    return DecodedImage(grey, ImageSource("pixels", width, height, frames=1))
