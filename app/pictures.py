"""Uploads to what the network sees, on whatever thread: within the memory for decoding and a batch's pixels."""

from collections.abc import Sequence

from app.errors import BatchPixelsError, RequestError
from app.lenet.decoding.decoder import DecodedImage, decode_plain_png, open_picture
from app.lenet.decoding.image_errors import ImageError
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.decoding.raw_pixels import Upload, raw_picture
from app.lenet.decoding.reduction import DIGIT, PAGE, Detail
from app.lenet.inference.preprocessing import PreprocessedDigit, preprocess
from app.lenet.vocabulary import PreprocessingMode
from app.observability.stages import stage
from app.runtime.decoding_budget import DecodingBudget

Failure = ImageError | RequestError


class PixelAllowance:
    """The pixels that may still be decoded for one batch."""

    def __init__(self, pixels: float) -> None:
        """Begin with so many."""
        self._most = pixels
        self._left = pixels

    def spend(self, pixels: int) -> None:
        """Take the pixels of one picture; raises `BatchPixelsError` when so many are not left."""
        if pixels > self._left:
            raise BatchPixelsError(
                f"a batch may have at most {self._most:,} decoded pixels; send this picture in another"
            )
        self._left -= pixels


class Pictures:
    """Decodes and preprocesses uploads; safe to use from several threads, which share the memory for decoding."""

    def __init__(self, limits: ImageLimits, size: int) -> None:
        """Take pictures within the limits, for a network of input size `size`."""
        self._limits = limits
        self._size = size
        self._budget = DecodingBudget(limits.decoded_bytes)

    def small_digit(self, upload: bytes, mode: PreprocessingMode, most_pixels: int) -> PreprocessedDigit | None:
        """Return a small plain PNG preprocessed, which takes microseconds; None for every other picture.

        Raises a kind of `ImageError`.
        """
        with stage("decode"):
            plain = decode_plain_png(upload, self._limits, most_pixels)
        return self._preprocess(plain, mode) if plain else None

    def digit(
        self, upload: Upload, mode: PreprocessingMode, deadline: float, allowance: PixelAllowance | None = None
    ) -> PreprocessedDigit:
        """Return a picture of one digit preprocessed.

        Raises a kind of `ImageError`; `DeadlineError` when there was no memory for it by `deadline`, a time of the
        monotonic clock; and `BatchPixelsError` when the allowance is spent.
        """
        with stage("decode"):
            picture = self._decode(upload, DIGIT, deadline, allowance)
        return self._preprocess(picture, mode)

    def digits(
        self, uploads: Sequence[Upload | RequestError], mode: PreprocessingMode, deadline: float, left: PixelAllowance
    ) -> list[PreprocessedDigit | Failure]:
        """Return, for each upload in order, what `digit` returns or the error that it raises."""

        def one(upload: Upload | RequestError) -> PreprocessedDigit | Failure:
            try:
                return upload if isinstance(upload, RequestError) else self.digit(upload, mode, deadline, left)
            except (ImageError, RequestError) as failure:
                return failure

        return [one(upload) for upload in uploads]

    def page(self, upload: bytes, deadline: float) -> DecodedImage:
        """Return a picture of many digits; raises what `digit` raises."""
        with stage("decode"):
            return self._decode(upload, PAGE, deadline, None)

    def _preprocess(self, picture: DecodedImage, mode: PreprocessingMode) -> PreprocessedDigit:
        with stage("canonical"):
            return preprocess(picture, mode, self._size)

    def _decode(self, upload: Upload, detail: Detail, deadline: float, left: PixelAllowance | None) -> DecodedImage:
        if not isinstance(upload, bytes):
            picture = raw_picture(upload, self._limits)
            if left:
                left.spend(upload.size)
            return picture
        plain = decode_plain_png(upload, self._limits)
        if plain:
            return plain
        opened = open_picture(upload, self._limits, detail)
        if left:
            left.spend(opened.pixels)
        with self._budget.reserve(opened.needed_bytes, deadline):
            return opened.decode()
