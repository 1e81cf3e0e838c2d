"""`lenet bulk`, as a process: a whole archive, interrupted or not."""

import contextlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.image_files import encoded
from tests.mnist_sample import MnistSample
from tests.serving import SECONDS

COMMAND = [sys.executable, "-m", "app", "bulk"]
ENVIRONMENT = os.environ | {"LENET_DEVICE": "cpu", "LENET_WORKERS": "2"}
ROWS_OF_A_GROUP = 250


def bulk(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    command = [*COMMAND, *map(str, arguments)]
    environment = ENVIRONMENT | variables
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)


def finished(output: Path) -> int:
    return len(list(output.glob("part-*.parquet")))


def killed(arguments: Sequence[str | Path], output: Path, by: signal.Signals, parts: int) -> int:
    """Run the command until it has finished so many files, kill it, and return its exit code."""
    earlier = set(output.glob(".run-*"))
    process = subprocess.Popen(
        [*COMMAND, *map(str, arguments)], env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    enough = None  # until it has begun: what the last one left may finish a file until then
    while process.poll() is None and (enough is None or finished(output) < enough):
        if enough is None and set(output.glob(".run-*")) - earlier:
            enough = finished(output) + parts
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.01)
    process.send_signal(by)
    return process.wait(SECONDS)


@pytest.fixture(scope="module")
def table(sample: MnistSample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Parquet file of 6,000 pictures in 24 row groups, some of them bad."""
    files = [encoded(digit) for digit in sample.images]
    pictures = [files[number % 200] if number % 500 else b"bad" for number in range(6000)]
    labels = [sample.labels[number % 200] for number in range(6000)]
    path = tmp_path_factory.mktemp("bulk") / "table.parquet"
    columns = {"id": range(6000), "picture": pictures, "label": labels}
    pq.write_table(pa.table(columns), path, row_group_size=ROWS_OF_A_GROUP)
    return path


def test_a_folder_becomes_a_row_for_each_file(sample: MnistSample, tmp_path: Path) -> None:
    folder, output = tmp_path / "pictures", tmp_path / "pictures" / "answers"
    folder.mkdir()
    for number, digit in enumerate(sample.images[10:30]):
        (folder / f"{number:02}.png").write_bytes(encoded(digit))
    (folder / "bad.png").write_bytes(b"bad")
    (folder / "large.png").write_bytes(b"\x89PNG" * 300)
    dry = bulk(folder, output, "--dry-run", "--limit", "5")
    assert (dry.returncode, output.exists()) == (0, False)
    assert "5 of 22 files" in dry.stdout
    assert "0 before, 5 to go" in dry.stdout

    assert bulk(folder, output, "--limit", "5").returncode == 0
    whole = bulk(folder, output, LENET_MAX_FILE_BYTES="1000")
    assert whole.returncode == 3
    assert "1 not_an_image" in whole.stdout
    assert "1 file_too_large" in whole.stdout
    assert "17 pictures in" in whole.stdout
    rows = sorted(pq.read_table(output).to_pylist(), key=lambda row: row["path"])
    assert [Path(row["path"]).name for row in rows] == sorted(path.name for path in folder.glob("*.png"))
    assert [row["digit"] for row in rows] == [*sample.labels[10:30], None, None]

    again = bulk(folder, output)
    assert (again.returncode, "0 pictures in" in again.stdout) == (3, True)
    other = bulk(folder, output, LENET_MODEL="notebook")
    assert (other.returncode, len(other.stderr.splitlines())) == (1, 1)
    assert "holds answers of another model" in other.stderr


def test_all_the_digits_of_a_picture_are_read(tmp_path: Path) -> None:
    read = bulk("docs/examples/2026.jpg", tmp_path / "answers", "--read")
    assert read.returncode == 0
    [row] = pq.read_table(tmp_path / "answers").to_pylist()
    assert row["text"] == "2026"


@pytest.mark.parametrize("kind", ["rows", "files"])
def test_killed_three_times_it_loses_nothing_and_does_nothing_twice(kind: str, table: Path, tmp_path: Path) -> None:
    archive, key = table, "id"
    if kind == "files":
        archive, key = tmp_path / "pictures", "path"
        archive.mkdir()
        for number, picture in enumerate(pq.read_table(table, columns=["picture"])["picture"].to_pylist()):
            (archive / f"{number:05}.png").write_bytes(picture)
    output, undisturbed = tmp_path / "answers", tmp_path / "undisturbed"
    chance = random.Random()  # noqa: S311  # any moment will do
    for by in (signal.SIGKILL, signal.SIGINT, signal.SIGKILL):
        code = killed([archive, output], output, by, chance.randint(1, 4))
        whole = sum(pq.read_metadata(part).num_rows for part in output.glob("part-*.parquet")) == 6000
        assert code == (-signal.SIGKILL if by == signal.SIGKILL else 130) or (whole and code == 3)  # it was faster
    assert bulk(archive, output).returncode == 3
    assert bulk(archive, undisturbed).returncode == 3
    found, expected = (pq.read_table(folder).sort_by(key) for folder in (output, undisturbed))
    assert found.equals(expected)
    assert len(found) == 6000
    assert {path.name for path in output.iterdir()} == {path.name for path in output.glob("part-*.parquet")}


# Says so, and fails, when the process or one of its workers looks up a host or connects to one.
WITHOUT_NETWORK = """
import sys

def refuse(event, arguments):
    if event == "socket.getaddrinfo" or event == "socket.connect" and not isinstance(arguments[1], str):
        print("called out:", arguments, flush=True)
        raise OSError("there is no network")

sys.addaudithook(refuse)
"""


def test_nothing_is_reported_to_anyone(table: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(WITHOUT_NETWORK)
    variables = {"PYTHONPATH": str(tmp_path), "DO_NOT_TRACK": "0", "SCARF_NO_ANALYTICS": "0"}
    run = bulk(table, tmp_path / "answers", "--limit", "100", **variables)
    assert "100 pictures in" in run.stdout
    assert "called out" not in run.stdout + run.stderr
    looks_up = [sys.executable, "-c", "import socket; socket.getaddrinfo('localhost', 80)"]
    seen = subprocess.run(looks_up, env=ENVIRONMENT | variables, capture_output=True, text=True, check=False)
    assert "called out" in seen.stdout


def test_without_its_extra_it_says_what_to_install(tmp_path: Path) -> None:
    program = "import sys; sys.modules['daft'] = None; from app.__main__ import main; main()"
    command = [sys.executable, "-c", program, "bulk", "docs/examples", str(tmp_path)]
    refused = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert refused.returncode == 1
    [line] = refused.stderr.splitlines()
    assert "pip install 'lenet-digits[bulk]'" in line
