import base64
import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.api.v2.json_data import MOST_HEADER_BYTES, JsonData, cut_data, parse_files, parse_pixels
from app.errors import FileTooLargeError, InvalidTensorError, MalformedRequestError, RequestTooLargeError


def data_of(text: str) -> JsonData:
    return JsonData(bytearray(text.encode()), 0, len(text))


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 255) | st.lists(st.integers(0, 255)) | st.text("ABab01+/=", max_size=9)),
    st.sampled_from([None, 1, " "]),
    st.booleans(),
)
def test_the_data_is_cut_out_wherever_it_stands(data: list[object], indent: int | str | None, first: bool) -> None:
    request = {"inputs": [{"data": data, "shape": [1]} if first else {"shape": [1], "data": data}], "id": '"data":[1]'}
    header, cut = cut_data(bytearray(json.dumps(request, indent=indent).encode()))
    assert cut is not None
    assert json.loads(cut.text[cut.start : cut.end]) == data
    assert json.loads(header) == json.loads(json.dumps(request)) | {"inputs": [{"shape": [1], "data": True}]}


def test_a_request_without_data_is_left_as_it_is() -> None:
    text = bytearray(b'{"inputs": [{"data": 5}], "id": "data"}')
    assert cut_data(text) == (text, None)


@pytest.mark.parametrize("text", [b'{"data":[1,2', b'{"data":[[[[', b'{"data":[}]'])
def test_an_array_that_does_not_end_is_malformed(text: bytes) -> None:
    with pytest.raises(MalformedRequestError):
        cut_data(bytearray(text))


def test_what_stands_beside_the_data_is_bounded() -> None:
    hostile = b"[" * 5_000_000
    for text in (b'{"x":' + hostile, b'{"data":[1],"x":' + hostile, b'{"data":[1,{}' + b",{}" * 1_000_000 + b"]}"):
        with pytest.raises((RequestTooLargeError, MalformedRequestError)):
            cut_data(bytearray(text))
    cut_data(bytearray(b'{"data":[' + b"1," * 1_000_000 + b"1]" + b" " * (MOST_HEADER_BYTES - 20) + b"}"))


@settings(deadline=None)
@given(
    st.tuples(st.integers(1, 3), st.just(1), st.integers(1, 9), st.integers(1, 9))
    | st.tuples(st.integers(1, 3), st.integers(1, 99), st.integers(1, 99)),
    st.sampled_from([None, 0, 3]),
    st.booleans(),
    st.randoms(),
)
def test_pixels_are_read_flat_or_nested(
    shape: tuple[int, ...], indent: int | None, nested: bool, random: object
) -> None:
    pixels = np.random.default_rng(hash(random) % 2**32).integers(0, 256, shape, np.uint8)
    text = json.dumps(pixels.tolist() if nested else pixels.ravel().tolist(), indent=indent)
    assert np.array_equal(parse_pixels(data_of(text), shape), pixels)


def test_many_pixels_are_read_in_steps() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (2, 1, 300, 500), np.uint8)
    for text in (json.dumps(pixels.tolist()), json.dumps(pixels.ravel().tolist(), separators=(",", ":"))):
        assert np.array_equal(parse_pixels(data_of(text), pixels.shape), pixels)


@pytest.mark.parametrize(
    "text",
    [
        "[1,2,3]",
        "[1,2,3,4,5]",
        "[1,2,3,256]",
        "[1,2,3,-4]",
        "[1,2,3,4.0]",
        "[1,2,3,1e1]",
        "[1,2,3,true]",
        "[1,2,3,null]",
        '[1,2,3,"4"]',
        "[1,2,3,04]",
        "[1,2,3 4,5]",
        "[1,2,,4]",
        "[,1,2,3]",
        "[1,2,3,4,]",
        "[[[1,2,3,4]]]",
        "[[[1,2]],[[3,4]]]",
        "[[1,2],[3,4]]",
        "[[[1,2],[3]],4]",
        "[[[1,2],3,[4]]]",
        "[[1[,2],[3,4]]]",
        "[[[1,2],[3,4]]",
        "[]",
        "[" + "9" * 5000 + ",1,2,3]",
        "[1," + " " * 300_000 + "2,3,4]",
    ],
)
def test_other_numbers_are_refused(text: str) -> None:
    with pytest.raises(InvalidTensorError):
        parse_pixels(data_of(text), (1, 2, 2))


def test_parsing_takes_no_more_memory_than_is_charged() -> None:
    shape = (64, 1, 50, 50)
    text = json.dumps(np.zeros(shape, int).tolist(), separators=(",", ":"))
    tracemalloc.start()
    parse_pixels(data_of(text), shape)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * len(text) + 2_000_000


FILES = [b"", b"a", b"ab", b"abc", bytes(range(256)) * 600]


@pytest.mark.parametrize("separators", [(",", ":"), (" ,\n", ": ")])
@pytest.mark.parametrize("escaped", [False, True])
def test_files_are_decoded_from_base64(separators: tuple[str, str], escaped: bool) -> None:
    text = json.dumps([base64.b64encode(file).decode() for file in FILES], separators=separators)
    data = data_of(text.replace("/", r"\/") if escaped else text)
    assert parse_files(data, len(FILES), 1_000_000) == FILES


@pytest.mark.parametrize(
    "text",
    [
        '["YQ"]',
        '["YQ="]',
        '["YQ==YQ=="]',
        '["Y!=="]',
        '["=YQ="]',
        "[YQ==]",
        '["YQ==',
        "[1]",
        "[]",
        '["YQ==","YQ=="]',
        '["]',
    ],
)
def test_other_strings_are_refused(text: str) -> None:
    with pytest.raises(InvalidTensorError):
        parse_files(data_of(text), 1, 100)


def test_a_file_of_too_many_bytes_is_refused_before_it_is_decoded() -> None:
    assert parse_files(data_of(f'["{base64.b64encode(bytes(100)).decode()}"]'), 1, 100) == [bytes(100)]
    with pytest.raises(FileTooLargeError, match=r"data\[1\]"):
        parse_files(data_of(f'["","{base64.b64encode(bytes(101)).decode()}"]'), 2, 100)
