"""A simple FastAPI service: a synchronous endpoint, Pillow, and the module in eager mode."""

import io

from fastapi import FastAPI, UploadFile
from PIL import Image
from pydantic import BaseModel

from benchmarks.peers.recognition import load, recognise

app = FastAPI()
module = load()


class DigitResponse(BaseModel):
    """The response."""

    digit: int
    confidence: float
    probabilities: list[float]


@app.post("/predict")
def predict(file: UploadFile) -> DigitResponse:
    """Recognise the digit."""
    return DigitResponse.model_validate(recognise(module, Image.open(io.BytesIO(file.file.read()))))
