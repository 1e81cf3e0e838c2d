import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import transforms

from app.lenet.network.input_spec import NOTEBOOK_INPUT
from training.data.mirrors import RAW_MD5, Source, SourceError, is_intact
from training.data.mnist import DataError, Mnist, load_mnist

IMAGES, LABELS = "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"


@pytest.fixture
def root(mnist_root: Path, tmp_path: Path) -> Path:
    """A folder with all of MNIST but the test set's labels; the other files are links to the real ones."""
    raw = tmp_path / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name in RAW_MD5:
        if name != LABELS:
            (raw / name).symlink_to(mnist_root / "MNIST" / "raw" / name)
    return tmp_path / "data"


class Shelf:
    """Sources that copy the files they hold from MNIST on disk, and a record of what each was asked for."""

    def __init__(self, mnist_root: Path) -> None:
        self.raw = mnist_root / "MNIST" / "raw"
        self.asked: list[tuple[str, list[str]]] = []

    def source(self, name: str, *holds: str) -> Source:
        def fetch(names: Sequence[str], folder: Path) -> None:
            self.asked.append((name, list(names)))
            for wanted in names:
                if wanted not in holds:
                    raise SourceError(f"no {wanted}\nsorry")
                (folder / wanted).unlink(missing_ok=True)
                shutil.copy(self.raw / wanted, folder)

        return Source(name, fetch)


@pytest.fixture
def shelf(mnist_root: Path) -> Shelf:
    return Shelf(mnist_root)


def test_the_digits_and_their_labels_belong_together(mnist: Mnist) -> None:
    assert mnist.train.images.shape == (60_000, 28, 28)
    assert mnist.test.images.shape == (10_000, 28, 28)
    assert mnist.train.labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert mnist.test.labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert mnist.train.labels.bincount().tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert mnist.train.images.mean() / 255 == pytest.approx(0.1307, abs=5e-5)


def test_the_inputs_are_those_of_torchvisions_transforms(mnist: Mnist, few: Mnist) -> None:
    theirs = transforms.Compose(
        [transforms.Resize((32, 32)), transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))]
    )
    expected = torch.stack([theirs(Image.fromarray(image)) for image in few.train.images])
    assert torch.equal(few.train.inputs(NOTEBOOK_INPUT), expected)


def test_complete_data_asks_no_source(mnist_root: Path, shelf: Shelf) -> None:
    load_mnist(mnist_root, [shelf.source("first", *RAW_MD5)])
    assert shelf.asked == []


@pytest.mark.parametrize("state", ["missing", "empty", "cut off", "damaged"])
def test_a_file_that_is_not_whole_is_fetched_anew(
    root: Path, mnist: Mnist, mnist_root: Path, shelf: Shelf, state: str
) -> None:
    file = root / "MNIST" / "raw" / LABELS
    content = (mnist_root / "MNIST" / "raw" / LABELS).read_bytes()
    found = {"empty": b"", "cut off": content[:5000], "damaged": content.replace(b"\7", b"\1", 1)}
    if state in found:
        file.write_bytes(found[state])
    loaded = load_mnist(root, [shelf.source("first", LABELS)])
    assert shelf.asked == [("first", [LABELS])]
    assert is_intact(file)
    assert torch.equal(loaded.test.labels, mnist.test.labels)
    assert np.array_equal(loaded.test.images, mnist.test.images)


def test_an_empty_folder_is_filled(tmp_path: Path, shelf: Shelf) -> None:
    load_mnist(tmp_path / "new", [shelf.source("first", *RAW_MD5)])
    assert shelf.asked == [("first", list(RAW_MD5))]


def test_sources_are_tried_in_order_until_nothing_is_missing(root: Path, shelf: Shelf) -> None:
    (root / "MNIST" / "raw" / IMAGES).unlink()
    sources = [
        shelf.source("bare"),
        shelf.source("half", IMAGES),
        shelf.source("full", *RAW_MD5),
        shelf.source("never asked", *RAW_MD5),
    ]
    load_mnist(root, sources)
    assert shelf.asked == [("bare", [IMAGES, LABELS]), ("half", [IMAGES, LABELS]), ("full", [LABELS])]


def test_two_lines_say_what_was_tried_and_where_to_put_the_files(root: Path, shelf: Shelf) -> None:
    with pytest.raises(DataError) as caught:
        load_mnist(root, [shelf.source("first"), shelf.source("second", IMAGES)])
    assert str(caught.value).splitlines() == [
        f"MNIST could not be fetched; tried first (no {LABELS} sorry), second (no {LABELS} sorry)",
        f"put {LABELS} into {root}/MNIST/raw by hand, unpacked",
    ]


def test_a_damaged_file_that_no_source_has_is_not_loaded(root: Path) -> None:
    (root / "MNIST" / "raw" / LABELS).write_bytes(bytes(10_008))
    with pytest.raises(DataError, match=LABELS):
        load_mnist(root, [])
