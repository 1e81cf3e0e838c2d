"""An empty upload endpoint of FastAPI: an `UploadFile` parameter, a pydantic response, and no work."""

from fastapi import FastAPI, UploadFile
from pydantic import BaseModel

app = FastAPI()


class DigitResponse(BaseModel):
    """A response as large as the service's."""

    digit: int
    confidence: float
    probabilities: list[float]


@app.post("/predict")
async def predict(file: UploadFile) -> DigitResponse:
    """Read the file and return a constant."""
    await file.read()
    return DigitResponse(digit=0, confidence=1.0, probabilities=[1.0] + 9 * [0.0])
