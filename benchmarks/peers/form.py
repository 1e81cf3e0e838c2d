"""Starlette: parses the form, reads the file and returns a constant."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


async def predict(request: Request) -> JSONResponse:
    """Read the form's field `file` and return a constant."""
    async with request.form() as form:
        file = form["file"]
        assert not isinstance(file, str)
        await file.read()
    return JSONResponse({"digit": 0})


app = Starlette(routes=[Route("/predict", predict, methods=["POST"])])
