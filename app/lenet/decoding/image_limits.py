"""Limits on the size of a picture and on what decoding it takes, checked on its header."""

from dataclasses import dataclass

from app.lenet.decoding.image_errors import AspectLimitError, DamagedImageError, PixelLimitError


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageLimits:
    """The most pixels of a picture, the most that its longer side may be of its shorter one, and the most memory.

    `decoded_bytes`: what decoding may take; a kind of picture that takes more for each pixel may have fewer.
    """

    pixels: int = 50_000_000
    aspect: float = 50.0
    decoded_bytes: int = 300_000_000

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

    def check_memory(self, size: tuple[int, int], kind: str, needed: int) -> None:
        """Raise `PixelLimitError` for a picture of this (width, height) whose decoding takes too many bytes."""
        if needed > self.decoded_bytes:
            raise PixelLimitError(
                f"a {kind} picture of {size[0]} x {size[1]} pixels takes {needed:,} bytes to decode; "
                f"at most {self.decoded_bytes:,} are accepted"
            )
