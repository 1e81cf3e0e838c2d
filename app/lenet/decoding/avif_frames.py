"""The size of the AV1 frames in an AVIF file, which may be larger than the picture that its header announces.

libavif allocates by the announced size, but its AV1 decoder by the frames' own. Sources: ISO/IEC 14496-12 (boxes), AV1
Bitstream and Decoding Process Specification, 5.3 and 5.5 (frames).
"""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

_CONTAINERS = {b"meta": 4, b"moov": 0, b"trak": 0, b"mdia": 0, b"minf": 0, b"stbl": 0}
"""Boxes that hold boxes, and the bytes before the first of them."""

_SEQUENCE_HEADER = 1

# Far more than any encoder writes, and few enough to be looked at in milliseconds.
_MOST_BOXES = 512
_MOST_BYTES_OF_PLACES = 16_384
_MOST_OBUS = 4096


class _Box(NamedTuple):
    kind: bytes
    start: int
    end: int


class _Bits:
    """Reads big-endian numbers of any number of bits."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data), 8 * len(data)

    def take(self, count: int) -> int:
        """Return the next number; raises `ValueError` at the end."""
        self._left -= count
        if self._left < 0:
            raise ValueError("the sequence header is cut off")
        return self._value >> self._left & ((1 << count) - 1)


def frame_pixels(data: bytes) -> int:
    """Return the pixels of all items' AV1 frames in an AVIF file, and of each track's first; alpha has its own.

    Raises `ValueError` or `IndexError` for a file whose boxes make no sense.
    """
    obus = 0
    pixels = 0
    for coded in _coded(data):
        largest = 0
        for kind, content in _obus(coded):
            obus += 1
            if obus > _MOST_OBUS:
                raise ValueError("the file has too many parts")
            if kind == _SEQUENCE_HEADER:
                largest = max(largest, _sequence_pixels(_Bits(bytes(content[:256]))))
        pixels += largest
    return pixels


def _coded(data: bytes) -> Iterator[memoryview]:
    """The contents of all items, and the first sample of every track."""
    boxes = list(islice(_boxes(data, 0, len(data)), _MOST_BOXES))
    places = [data[box.start : box.end] for box in boxes if box.kind == b"iloc"]
    if len(boxes) == _MOST_BOXES or sum(map(len, places)) > _MOST_BYTES_OF_PLACES:
        raise ValueError("the file has too many parts")
    stored = next((box.start for box in boxes if box.kind == b"idat"), 0)
    view, left = memoryview(data), 2 * len(data)
    for extents in (extents for iloc in places for extents in _items(iloc)):
        pieces = [view[offset + stored * inside :][: length or None] for inside, offset, length in extents]
        left -= sum(map(len, pieces))
        if left < 0:
            raise ValueError("the file's items overlap")
        yield pieces[0] if len(pieces) == 1 else memoryview(b"".join(pieces))
    for table in (box for box in boxes if box.kind == b"stbl"):
        inner = {box.kind: data[box.start : box.end] for box in boxes if table.start <= box.start < table.end}
        place, sizes = inner.get(b"stco") or inner.get(b"co64"), inner.get(b"stsz")
        if place and sizes:
            first = int.from_bytes(place[8 : 12 if b"stco" in inner else 16])
            size = int.from_bytes(sizes[4:8]) or int.from_bytes(sizes[12:16])
            yield view[first : first + size]


def _boxes(data: bytes, start: int, end: int) -> Iterator[_Box]:
    while start + 8 <= end:
        size, kind, head = int.from_bytes(data[start : start + 4]), data[start + 4 : start + 8], 8
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16]), 16
        stop = end if size == 0 else min(start + size, end)
        if stop < start + head:
            raise ValueError("a box is shorter than its head")
        yield _Box(kind, start + head, stop)
        if kind in _CONTAINERS:
            yield from _boxes(data, start + head + _CONTAINERS[kind], stop)
        start = stop


def _items(iloc: bytes) -> Iterator[list[tuple[bool, int, int]]]:
    """For each item its extents: whether they are in the box `idat`, and their offsets and lengths."""
    bits, version = _Bits(iloc[4:]), iloc[0]
    offset_bits, length_bits, base_bits, index_bits = (8 * bits.take(4) for _ in range(4))
    for _ in range(bits.take(32 if version == 2 else 16)):
        bits.take(32 if version == 2 else 16)  # its number
        inside = version > 0 and bits.take(16) & 15 == 1
        bits.take(16)  # the file that holds it
        base, extents = bits.take(base_bits), []
        for _ in range(bits.take(16)):
            bits.take(index_bits if version > 0 else 0)
            extents.append((inside, base + bits.take(offset_bits), bits.take(length_bits)))
        yield extents


def _obus(coded: memoryview) -> Iterator[tuple[int, memoryview]]:
    """The types and contents of open bitstream units, up to the first byte that begins none."""
    at = 0
    while at < len(coded) and not coded[at] & 0b10000001:  # the forbidden and the reserved bit
        header, at = coded[at], at + 1 + (coded[at] >> 2 & 1)
        size = len(coded) - at
        if header >> 1 & 1:
            size, at = _leb128(coded, at)
        yield header >> 3 & 15, coded[at : at + size]
        at += size


def _leb128(data: memoryview, at: int) -> tuple[int, int]:
    """Return a number of seven bits a byte, and where it ends."""
    value = 0
    for number in range(min(8, len(data) - at)):
        value |= (data[at + number] & 127) << 7 * number
        if data[at + number] < 128:
            return value, at + number + 1
    return len(data), len(data)  # cut off: nothing follows


def _sequence_pixels(bits: _Bits) -> int:
    """Return the pixels of a sequence header's frames."""
    bits.take(4)  # profile, still picture
    if bits.take(1):  # reduced header of a still picture
        bits.take(5)
    else:
        _skip_operating_points(bits)
    width_bits, height_bits = bits.take(4) + 1, bits.take(4) + 1
    return (bits.take(width_bits) + 1) * (bits.take(height_bits) + 1)


def _skip_operating_points(bits: _Bits) -> None:
    delay_bits = 0
    if bits.take(1):  # timing
        bits.take(64)
        if bits.take(1):
            zeros = 0
            while not bits.take(1):
                zeros += 1
            bits.take(zeros)
        if bits.take(1):  # decoder model
            delay_bits = bits.take(5) + 1
            bits.take(42)
    display_delay = bits.take(1)
    for _ in range(bits.take(5) + 1):
        bits.take(12)
        if bits.take(5) > 7:
            bits.take(1)
        if delay_bits and bits.take(1):
            bits.take(2 * delay_bits + 1)
        if display_delay and bits.take(1):
            bits.take(4)
