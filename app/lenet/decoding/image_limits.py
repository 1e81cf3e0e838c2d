"""Limits on the size of a picture, checked on its header."""

from dataclasses import dataclass

from app.lenet.decoding.image_errors import AspectLimitError, DamagedImageError, PixelLimitError


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLimits:
    """The most pixels that a picture may have, and the most that its longer side may be of its shorter one."""

    pixels: int = 50_000_000
    aspect: float = 50.0

    def check(self, size: tuple[int, int]) -> None:
        """Raise a kind of `ImageError` for a picture of this (width, height) when it is beyond the limits."""
        width, height = size
        if min(width, height) < 1:
            raise DamagedImageError("the picture's header says that it has no pixels")
        if width * height > self.pixels:
            raise PixelLimitError(
                f"the picture has {width} x {height} = {width * height:,} pixels; at most {self.pixels:,} are accepted"
            )
        if max(width, height) > self.aspect * min(width, height):
            raise AspectLimitError(
                f"the picture measures {width} x {height}; at most {self.aspect:g} times as long as wide is accepted"
            )
