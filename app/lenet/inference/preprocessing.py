"""From a decoded picture to what the network sees, and a report of what was done on the way."""

from dataclasses import dataclass

from app.lenet.box import Box
from app.lenet.canonical.canonical_form import canonicalise
from app.lenet.decoding.decoder import DecodedImage, ImageSource
from app.lenet.image_types import GreyImage
from app.lenet.inference.input_tensor import resize
from app.lenet.vocabulary import PictureWarning, PreprocessingMode, RemovedKind


@dataclass(frozen=True, slots=True)
class PreprocessedDigit:
    """What the network sees, `image` [height, width] uint8, the picture it was made from, and how.

    `box` is where the ink is, in pixels of the upright picture; None when the steps found none or did not look for it.
    """

    image: GreyImage
    source: ImageSource
    inverted: bool
    box: Box | None
    flattened: bool
    removed: tuple[RemovedKind, ...]
    warnings: tuple[PictureWarning, ...]


def preprocess(picture: DecodedImage, mode: PreprocessingMode, size: int) -> PreprocessedDigit:
    """Return the picture of one digit for a network of input size `size`: in canonical form, or only resized."""
    source = picture.source
    if mode == "plain":
        image = resize(picture.grey, size)
        return PreprocessedDigit(
            image, source, inverted=False, box=None, flattened=False, removed=picture.removed, warnings=()
        )
    form = canonicalise(picture.grey)
    box = form.box and form.box.rescaled(picture.grey.shape, (source.height, source.width))
    removed = (*picture.removed, *form.removed)
    return PreprocessedDigit(form.image, source, form.inverted, box, form.flattened, removed, form.warnings)
