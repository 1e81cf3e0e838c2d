"""The seed corpus: small files of every kind that is accepted, and of the kinds that are meant to do harm."""

import zlib
from collections.abc import Iterator
from itertools import islice

import numpy as np
from PIL import Image

from tests.image_files import encoded, gradient, png_file, png_header

_FORM_HEAD = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'
_FORM_END = b"\r\n--b--\r\n"
PLAIN = encoded(gradient())


def pictures() -> dict[str, bytes]:
    """Return whole files, by what they are."""
    grey = Image.fromarray(gradient())
    colour = Image.merge("RGB", [grey, grey.rotate(90), grey.rotate(180)])
    files = {f"{mode}.png": encoded(grey.convert(mode)) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")}
    files |= {f"plain.{kind.lower()}": encoded(colour, kind) for kind in ("JPEG", "WebP", "BMP", "GIF", "TIFF", "AVIF")}
    files |= {f"{mode}.tiff": encoded(grey.convert(mode), "TIFF") for mode in ("F", "I", "I;16", "CMYK", "LAB", "1")}
    files |= {f"exif{value}.jpg": encoded(colour, "JPEG", exif=_orientation(value)) for value in range(1, 9)}
    files["cmyk.jpg"] = encoded(colour.convert("CMYK"), "JPEG")
    files["progressive.jpg"] = encoded(colour, "JPEG", progressive=True)
    files["interlaced.png"] = _png(png_header(28, 28, interlaced=True), bytes(28 * 29))
    frames = [grey, grey.rotate(90)]
    for kind, name in (("PNG", "apng"), ("GIF", "gif"), ("WebP", "webp"), ("TIFF", "tiff")):
        files[f"animated.{name}"] = encoded(grey, kind, save_all=True, append_images=frames)
    files["transparent.png"] = encoded(grey, transparency=7)
    files["lossless.webp"] = encoded(colour, "WebP", lossless=True)
    return files


def harmful() -> dict[str, bytes]:
    """Return bombs, headers that lie, polyglots, cuts and flipped bits."""
    black = Image.new("L", (1000, 1000))
    files = {f"bomb.{kind.lower()}": encoded(black, kind) for kind in ("PNG", "GIF", "WebP", "TIFF")}
    rows = bytes(28 * 29)
    files["text_bomb.png"] = _png(png_header(28, 28), rows, (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(10**6))))
    lies = {"wide": (2**31 - 1, 1), "none": (0, 28), "all": (2**32 - 1, 2**32 - 1), "more": (29, 28)}
    files |= {f"lying_{name}.png": _png(png_header(*size), rows) for name, size in lies.items()}
    files["short.png"] = _png(png_header(28, 28), bytes(28))
    files["filter9.png"] = _png(png_header(28, 28), bytes([9]) * 28 * 29)
    files["gif_pdf"] = encoded(gradient(), "GIF") + b"%PDF-1.4"
    files["png_zip"] = PLAIN + b"PK\x03\x04"
    files["jpeg_in_bmp"] = b"BM" + encoded(gradient(), "JPEG")
    files |= {f"cut{at}": PLAIN[:at] for at in range(len(PLAIN))}
    files |= {f"flip{bit}": _flipped(PLAIN, bit) for bit in range(0, 8 * len(PLAIN), 7)}
    for kind in ("JPEG", "WebP", "GIF", "TIFF", "BMP", "AVIF"):
        whole = encoded(Image.fromarray(gradient()), kind)
        files |= {f"cut{at}.{kind.lower()}": whole[:at] for at in range(0, len(whole), 1 + len(whole) // 40)}
        files |= {
            f"flip{bit}.{kind.lower()}": _flipped(whole, bit) for bit in range(3, 8 * len(whole), 1 + len(whole) // 5)
        }
    return files


def forms() -> dict[str, bytes]:
    """Return multipart bodies with the boundary `b`."""
    whole = _FORM_HEAD + PLAIN + _FORM_END
    files = {
        "form": whole,
        "two": _FORM_HEAD + b"1\r\n" + _FORM_HEAD + b"2" + _FORM_END,
        "other_field": whole.replace(b'"file"', b'"other"'),
        "thousands_of_parts": (_FORM_HEAD + b"x\r\n") * 2000 + _FORM_END,
        "giant_header": whole.replace(b"image/png", b"x" * 20_000),
        "many_headers": whole.replace(b"Content-Type", b"A: b\r\n" * 500 + b"Content-Type"),
        "boundary_in_content": _FORM_HEAD + b"\r\n--b\r\n--bb\r\n--b-\r\n" + _FORM_END,
        "folded_header": whole.replace(b"; filename", b";\r\n filename"),
        "star_name": whole.replace(b'name="file"', b"name*=utf-8''file"),
        "bare_newlines": whole.replace(b"\r\n", b"\n"),
        "preamble": b"hello\r\n" + whole,
        "epilogue": whole + b"more",
    }
    return files | {f"cut{at}": whole[:at] for at in range(0, len(whole), 3)}


def seeds(target: str) -> Iterator[bytes]:
    """Return the corpus of a target."""
    images = {**pictures(), **harmful()}
    if target == "fast_png":
        yield from (bytes([0]) + data for data in images.values() if data[:4] == PLAIN[:4])
        yield from (bytes([kind]) + png_header(7, 3) + bytes(rows) for kind in (1, 2) for rows in range(40))
    elif target == "picture":
        yield from images.values()
    elif target == "multipart":
        yield from (bytes([step]) + form for form in forms().values() for step in (0, 255))
    else:
        yield from (bytes([0, route, 255]) + form for form in forms().values() for route in (0, 1, 2, 4, 10))
        yield from (bytes([1, 0, 255]) + data for data in islice(images.values(), 60))
        yield from (bytes([kind, 3, 9]) + _FORM_HEAD + PLAIN + _FORM_END for kind in range(6))


def _orientation(value: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif.tobytes()


def _png(header: bytes, rows: bytes, *others: tuple[bytes, bytes]) -> bytes:
    return png_file((b"IHDR", header), *others, (b"IDAT", zlib.compress(rows)))


def _flipped(data: bytes, bit: int) -> bytes:
    changed = np.frombuffer(data, np.uint8).copy()
    changed[bit // 8] ^= 1 << bit % 8
    return changed.tobytes()
