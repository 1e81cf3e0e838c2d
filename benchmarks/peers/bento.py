"""BentoML: `bentoml serve benchmarks.peers.bento:DigitService`."""

from typing import Any

import bentoml
from PIL.Image import Image

from benchmarks.peers.recognition import load, recognise


@bentoml.service(workers=2)  # type: ignore[untyped-decorator,unused-ignore]
class DigitService:
    """Recognises digits."""

    def __init__(self) -> None:
        """Load the model."""
        self.module = load()

    @bentoml.api(route="/predict")  # type: ignore[untyped-decorator,unused-ignore]
    def predict(self, file: Image) -> dict[str, Any]:
        """Return the recognised digit."""
        return recognise(self.module, file)
