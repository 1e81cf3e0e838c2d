"""From a decoded picture to what the network sees, and a report of what was done on the way."""

from dataclasses import dataclass
from typing import Literal

from app.lenet.box import Box
from app.lenet.canonical.pipeline import canonicalise
from app.lenet.decoding.decoder import Picture, Source
from app.lenet.inference.input_tensor import Grey, resize

Preprocessing = Literal["auto", "plain"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """`seen` (H, W) uint8 is what the network sees, small; the rest says what it was made from, and how.

    `box` is where the ink is, in pixels of the upright picture; None when none was looked for or found.
    """

    seen: Grey
    source: Source
    inverted: bool
    box: Box | None
    flattened: bool
    removed: tuple[str, ...]
    warnings: tuple[str, ...]


def prepare(picture: Picture, preprocessing: Preprocessing, size: int) -> Prepared:
    """Return the picture of one digit as a network of input size `size` is to see it: in canonical form, or plainly."""
    source = picture.source
    if preprocessing == "plain":
        seen = resize(picture.grey, size)
        return Prepared(seen, source, inverted=False, box=None, flattened=False, removed=(), warnings=())
    form = canonicalise(picture.grey)
    box = form.box and form.box.rescaled(picture.grey.shape, (source.height, source.width))
    return Prepared(form.image, source, form.inverted, box, form.flattened, form.removed, form.warnings)
