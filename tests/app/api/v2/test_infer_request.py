"""Whatever arrives is a request or is refused, and what is accepted is what a JSON parser would have read."""

import json
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api.v2.infer_request import parse
from app.api.v2.json_data import JsonData, parse_pixels
from app.errors import InvalidTensorError, RequestError
from app.uploads.upload_limits import UploadLimits

PROPERTY = settings(max_examples=500, deadline=None)
LIMITS = UploadLimits(file_bytes=1000, batch_bytes=5000, batch_files=3, seconds=5)

VALUES = st.sampled_from(
    [
        None,
        True,
        -1,
        0,
        1,
        256,
        2.0,
        "",
        "image",
        "YQ==",
        "UINT8",
        [],
        [1],
        [[1, 2]],
        [1, "1"],
        ["YQ=="],
        {},
        {"data": [1]},
    ]
)
RIGHT: dict[str, Any] = {
    "inputs": [
        {"name": "image", "datatype": "UINT8", "shape": [1, 2, 2], "data": [1, 2, 3, 4]},
        {"name": "image", "datatype": "UINT8", "shape": [2, 1, 1, 2], "data": [[[[1, 2]]], [[[3, 4]]]]},
        {"name": "file", "datatype": "BYTES", "shape": [2], "data": ["YQ==", ""]},
        {"name": "file", "datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": 5}},
    ],
    "outputs": [[], [{"name": "digit", "parameters": {"binary_data": True}}]],
    "parameters": [{}, {"preprocessing": "plain", "binary_data_output": True}],
}


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """A request, in which one value may be another, and whose text may be changed in one place."""
    request: dict[str, Any] = {"inputs": [dict(draw(st.sampled_from(RIGHT["inputs"])))]}
    request |= {key: draw(st.sampled_from(RIGHT[key])) for key in ("outputs", "parameters") if draw(st.booleans())}
    if draw(st.booleans()):
        place = draw(st.sampled_from([request, request["inputs"][0]]))
        place[draw(st.sampled_from([*place, "id", "data"]))] = draw(VALUES)
    text = json.dumps(request, separators=draw(st.sampled_from([(",", ":"), None])))
    if draw(st.booleans()):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(st.text('[]{},:"\\ data01', max_size=3)) + text[at + draw(st.integers(0, 2)) :]
    return text.encode()


def check(body: bytes, json_length: int | None) -> None:
    try:
        inference = parse(bytearray(body), json_length, LIMITS)
    except RequestError:
        return
    [tensor] = inference.request.inputs
    assert len(inference.pictures) == tensor.shape[0]
    sent = json.loads(body[:json_length])["inputs"][0]
    assert (sent["name"], sent["shape"]) == (tensor.name, list(tensor.shape))
    if tensor.name == "image" and "data" in sent:
        levels = [picture for picture in inference.pictures if isinstance(picture, np.ndarray)]
        assert np.array_equal(np.ravel(sent["data"]), np.ravel(levels))


@PROPERTY
@given(st.binary(max_size=99), st.none() | st.integers(0, 99))
def test_any_bytes_are_a_request_or_are_refused(body: bytes, json_length: int | None) -> None:
    check(body, json_length)


@PROPERTY
@given(requests(), st.binary(max_size=9) | st.just(b"\x01\x00\x00\x00a"))
def test_what_is_accepted_is_what_was_sent(text: bytes, binary: bytes) -> None:
    check(text, None)
    check(text + binary, len(text))


@PROPERTY
@given(st.text("[],01 9", max_size=9), st.integers(0, 20), st.integers(0, 3), st.booleans())
def test_numbers_that_are_accepted_are_json(change: str, at: int, cut: int, nested: bool) -> None:
    text = "[[[12,0],[3,255]]]" if nested else "[12,0,3,255]"
    text = text[:at] + change + text[at + cut :]
    try:
        pixels = parse_pixels(JsonData(bytearray(text.encode()), 0, len(text)), (1, 2, 2))
    except InvalidTensorError:
        return
    assert json.loads(text) in (pixels.tolist(), pixels.ravel().tolist())
