"""Microbenchmarks of single steps of a request: the service's implementation against an alternative.

`python -m benchmarks.microbenchmarks` alternates between the two and prints a table of medians in microseconds and a
JSON line.
"""

import io
import json
from collections.abc import Callable, Sequence
from statistics import median
from timeit import timeit

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic_core import to_json
from python_multipart.multipart import MultipartParser

from app.api import presenters
from app.lenet.decoding.decoder import DecodedImage, decode, decode_plain_png
from app.lenet.decoding.image_limits import ImageLimits
from app.lenet.inference.answer import answer
from app.lenet.inference.input_tensor import resize, resize_squares
from app.lenet.inference.preprocessing import preprocess
from app.uploads.fast_multipart import parse_fast
from app.uploads.multipart import FileForm
from benchmarks.digit_files import first_digits
from benchmarks.shipped import shipped_predictor

ROUNDS = 30
CALLS = 100
BOUNDARY = b"digits"
HEADERS = b'Content-Disposition: form-data; name="file"; filename="digit.png"\r\nContent-Type: image/png'

Step = Callable[[], object]


def main() -> None:
    """Measure and print."""
    files = first_digits(32).files
    pictures = [decode(file, ImageLimits()) for file in files]
    squares = np.stack([picture.grey for picture in pictures])
    fields_of_one = answer_fields(pictures[0])
    steps: dict[str, tuple[Step, Step]] = {
        "form of one file: fast parser, python-multipart": form_ways(files[0]),
        "28 x 28 PNG: OpenCV, Pillow": (lambda: decode_plain_png(files[0], ImageLimits()), lambda: by_pillow(files[0])),
        "resize of 1 square: matrix products, Pillow": resize_ways(squares[:1]),
        "resize of 32 squares: matrix products, Pillow": resize_ways(squares),
        "JSON: pydantic-core, json": (
            lambda: to_json(fields_of_one),
            lambda: json.dumps(fields_of_one, separators=(",", ":")).encode(),
        ),
    }
    print("| step: implementation, alternative | implementation, us | alternative, us |\n|---|---|---|")
    measured = {name: microseconds(ways) for name, ways in steps.items()}
    for name, (one, other) in measured.items():
        print(f"| {name} | {one:.1f} | {other:.1f} |")
    print(json.dumps({"benchmark": "microbenchmarks", "microseconds": measured}))


def microseconds(ways: Sequence[Step]) -> list[float]:
    """Return each implementation's median over rounds in which they alternate."""
    seconds = [[timeit(way, number=CALLS) for way in ways] for _ in range(ROUNDS)]
    return [median(column) / CALLS * 1e6 for column in zip(*seconds, strict=True)]


def form_ways(file: bytes) -> tuple[Step, Step]:
    """Return both ways to parse a form of one file."""
    body = b"--" + BOUNDARY + b"\r\n" + HEADERS + b"\r\n\r\n" + file + b"\r\n--" + BOUNDARY + b"--\r\n"

    def by_parser() -> list[object]:
        form = FileForm(most_files=1, most_file_bytes=len(body))
        MultipartParser(BOUNDARY, form.callbacks()).write(body)
        return [*form.finish()]

    assert parse_fast(body, BOUNDARY) == by_parser() == [file]
    return lambda: parse_fast(body, BOUNDARY), by_parser


def resize_ways(squares: NDArray[np.uint8]) -> tuple[Step, Step]:
    """Return both ways to resize the squares to 32 pixels."""
    return lambda: resize_squares(squares, 32), lambda: [resize(square, 32) for square in squares]


def by_pillow(file: bytes) -> NDArray[np.uint8]:
    """Return the pixels of a file, decoded by Pillow."""
    return np.asarray(Image.open(io.BytesIO(file)))


def answer_fields(picture: DecodedImage) -> dict[str, object]:
    """Return the fields of the JSON answer to a picture."""
    predictor = shipped_predictor("robust")
    [found] = answer(predictor, [preprocess(picture, "auto", predictor.card.input.size)])
    return presenters.prediction_fields(found, predictor.card, "auto")


if __name__ == "__main__":
    main()
