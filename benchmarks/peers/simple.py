"""The obvious FastAPI service: a synchronous endpoint, Pillow, and the model as it comes."""

import io

from fastapi import FastAPI, UploadFile
from PIL import Image
from pydantic import BaseModel

from benchmarks.peers.textbook import load, recognise

app = FastAPI()
module = load()


class Prediction(BaseModel):
    """Its answer."""

    digit: int
    confidence: float
    probabilities: list[float]


@app.post("/predict")
def predict(file: UploadFile) -> Prediction:
    """Recognise the digit."""
    return Prediction.model_validate(recognise(module, Image.open(io.BytesIO(file.file.read()))))
