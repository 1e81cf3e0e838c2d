"""The reasons to refuse a picture.

ImageError
├── EmptyImageError  NotAnImageError  FormatError
└── PixelLimitError  AspectLimitError  DamagedImageError
"""


class ImageError(Exception):
    """A picture is refused; the message is fit for whoever sent it."""


class EmptyImageError(ImageError):
    """There are no bytes."""


class NotAnImageError(ImageError):
    """The bytes do not begin like any known picture format."""


class FormatError(ImageError):
    """The bytes begin like a picture of a format, or a kind of one, that is not accepted."""


class PixelLimitError(ImageError):
    """The picture has more pixels than are allowed."""


class AspectLimitError(ImageError):
    """The picture is too long and narrow to hold a digit."""


class DamagedImageError(ImageError):
    """The picture is cut off, or its contents make no sense."""
