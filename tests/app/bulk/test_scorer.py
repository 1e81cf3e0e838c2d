"""Rows of answers are the answers of the HTTP service."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.bulk.scorer import Scorer
from app.errors import FileTooLargeError
from app.settings import Settings
from tests.image_files import encoded, gradient, png_file, png_header
from tests.mnist_sample import MnistSample

PAGE = Path(__file__).parents[3] / "docs" / "examples" / "2026.jpg"


def pictures(sample: MnistSample) -> list[bytes]:
    good = [encoded(digit) for digit in sample.images[:30]] + [encoded(gradient(300, 200), "JPEG"), PAGE.read_bytes()]
    huge = png_file((b"IHDR", png_header(20_000, 20_000)), (b"IDAT", b""))
    return [b"", b"not a picture", *good, good[0][:60], huge, encoded(gradient(4, 400))]


def test_rows_about_one_digit_are_those_of_the_service(sample: MnistSample, robust_client: TestClient) -> None:
    files = pictures(sample)
    rows = Scorer(Settings(device="cpu"), reads=False).score(files).to_pylist()
    assert len(rows) == len(files)
    for row, file in zip(rows, files, strict=True):
        found = robust_client.post("/predict", content=file, headers={"content-type": "image/png"}).json()
        if "error" in found:
            expected = dict.fromkeys(row) | {"error": found["error"]["code"], "model": row["model"]}
        else:
            wanted = row.keys() - {"error", "model"}
            expected = {name: found[name] for name in wanted} | {"error": None, "model": found["model"]["hash"]}
        assert row == expected
    assert {row["error"] for row in rows} == {
        None,
        "empty_file",
        "not_an_image",
        "damaged_image",
        "too_many_pixels",
        "extreme_aspect",
    }


def test_rows_about_all_digits_are_those_of_the_service(sample: MnistSample, robust_client: TestClient) -> None:
    files = [PAGE.read_bytes(), encoded(sample.images[0]), b"not a picture"]
    rows = Scorer(Settings(device="cpu"), reads=True).score(files).to_pylist()
    for row, file in zip(rows[:2], files[:2], strict=True):
        found = robust_client.post("/read", content=file, headers={"content-type": "image/png"}).json()
        for line in found["lines"]:
            del line["alternatives"]
        for digit in found["digits"]:
            del digit["probabilities"], digit["reasons"]
        names = ("text", "lines", "digits", "confidence", "unsure", "warnings")
        assert row == {name: found[name] for name in names} | {"error": None, "model": found["model"]["hash"]}
    assert rows[0]["text"] == "2026"
    assert rows[2] == dict.fromkeys(rows[2]) | {"error": "not_an_image", "model": rows[0]["model"]}


@pytest.mark.parametrize("reads", [False, True])
def test_the_reason_why_there_are_no_bytes_is_passed_on(sample: MnistSample, reads: bool) -> None:
    rows = Scorer(Settings(device="cpu"), reads=reads).score(
        [encoded(sample.images[0]), FileTooLargeError("too large")]
    )
    assert rows.column("error").to_pylist() == [None, "file_too_large"]
