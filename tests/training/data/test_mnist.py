import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import transforms

from app.lenet.network.input_spec import NOTEBOOK_INPUT
from training.data.mirrors import RAW_MD5, Mirror, MirrorError, is_intact
from training.data.mnist import DataError, Mnist, load_mnist

IMAGES, LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


@pytest.fixture
def root(mnist_root: Path, tmp_path: Path) -> Path:
    """A folder with MNIST except the test labels, as links to the real files."""
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in RAW_MD5:
        if name != LABELS:
            (raw / name).symlink_to(mnist_root / "MNIST" / "raw" / name)
    return tmp_path / "data"


class LocalMirrors:
    """Mirrors that copy the files they have from MNIST on disk, and a log of the requested files."""

    def __init__(self, mnist_root: Path) -> None:
        self.raw = mnist_root / "MNIST" / "raw"
        self.requests: list[tuple[str, list[str]]] = []

    def mirror(self, name: str, *available: str) -> Mirror:
        def fetch(names: Sequence[str], folder: Path) -> None:
            self.requests.append((name, list(names)))
            for file in names:
                if file not in available:
                    raise MirrorError(f"no {file}\nsorry")
                (folder / file).unlink(missing_ok=True)
                shutil.copy(self.raw / file, folder)

        return Mirror(name, fetch)


@pytest.fixture
def local_mirrors(mnist_root: Path) -> LocalMirrors:
    return LocalMirrors(mnist_root)


def test_digits_and_labels_are_mnists(mnist: Mnist) -> None:
    assert mnist.train.images.shape == (60_000, 28, 28)
    assert mnist.test.images.shape == (10_000, 28, 28)
    assert mnist.train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert mnist.train.labels.bincount().tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert mnist.train.images.mean() / 255 == pytest.approx(0.1307, abs=5e-5)


def test_inputs_equal_those_of_torchvisions_transforms(mnist: Mnist, few: Mnist) -> None:
    theirs = transforms.Compose(
        [transforms.Resize((32, 32)), transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
    )
    expected = torch.stack([theirs(Image.fromarray(image)) for image in few.train.images])
    assert torch.equal(few.train.inputs(NOTEBOOK_INPUT), expected)


def test_complete_data_needs_no_mirror(mnist_root: Path, local_mirrors: LocalMirrors) -> None:
    load_mnist(mnist_root, [local_mirrors.mirror("first", *RAW_MD5)])
    assert local_mirrors.requests == []


@pytest.mark.parametrize("state", ["missing", "empty", "cut off", "damaged"])
def test_a_missing_or_damaged_file_is_downloaded(
    root: Path, mnist: Mnist, mnist_root: Path, local_mirrors: LocalMirrors, state: str
) -> None:
    file = root / "MNIST" / "raw" / LABELS
    content = (mnist_root / "MNIST" / "raw" / LABELS).read_bytes()
    found = {"empty": b"", "cut off": content[:5000], "damaged": content.replace(b"\7", b"\1", 1)}
    if state in found:
        file.write_bytes(found[state])
    loaded = load_mnist(root, [local_mirrors.mirror("first", LABELS)])
    assert local_mirrors.requests == [("first", [LABELS])]
    assert is_intact(file)
    assert torch.equal(loaded.test.labels, mnist.test.labels)
    assert np.array_equal(loaded.test.images, mnist.test.images)


def test_an_empty_folder_gets_all_files(tmp_path: Path, local_mirrors: LocalMirrors) -> None:
    load_mnist(tmp_path / "new", [local_mirrors.mirror("first", *RAW_MD5)])
    assert local_mirrors.requests == [("first", list(RAW_MD5))]


def test_mirrors_are_tried_in_order_until_all_files_are_there(root: Path, local_mirrors: LocalMirrors) -> None:
    (root / "MNIST" / "raw" / IMAGES).unlink()
    mirrors = [
        local_mirrors.mirror("none"),
        local_mirrors.mirror("half", IMAGES),
        local_mirrors.mirror("full", *RAW_MD5),
        local_mirrors.mirror("unused", *RAW_MD5),
    ]
    load_mnist(root, mirrors)
    assert local_mirrors.requests == [("none", [IMAGES, LABELS]), ("half", [IMAGES, LABELS]), ("full", [LABELS])]


def test_the_error_says_what_was_tried_and_where_to_put_the_files(root: Path, local_mirrors: LocalMirrors) -> None:
    with pytest.raises(DataError) as caught:
        load_mnist(root, [local_mirrors.mirror("first"), local_mirrors.mirror("second", IMAGES)])
    assert str(caught.value).splitlines() == [
        f"could not download MNIST; tried first (no {LABELS} sorry), second (no {LABELS} sorry)",
        f"download and unpack {LABELS} into {root}/MNIST/raw yourself",
    ]


def test_a_damaged_file_is_not_loaded(root: Path) -> None:
    (root / "MNIST" / "raw" / LABELS).write_bytes(bytes(10_008))
    with pytest.raises(DataError, match=LABELS):
        load_mnist(root, [])
