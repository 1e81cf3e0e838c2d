import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.lenet.network import artifact
from tests.image_files import encoded
from training.__main__ import main
from training.data.mnist import Mnist

ROOT = Path(__file__).parents[2]
SHIPPED = str(artifact.SHIPPED / "notebook.safetensors")


def test_where_only_the_service_is_installed_it_says_what_is_missing() -> None:
    program = "import sys; sys.modules['torch'] = None; from training.__main__ import main; main(['--help'])"
    process = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert process.returncode == 1
    [line] = process.stderr.splitlines()
    assert line.endswith("pip install 'lenet-digits[train]'")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["--help"], ("fit", "compare", "evaluate", "export")),
        (["fit", "--help"], ("--recipe", "--name", "--epochs", "--seed", "--device", "--data", "--out", "--reports")),
        (["compare", "--help"], ("--epochs", "--seed", "--device", "--data", "--out", "--reports")),
        (["export", "--help"], ("--artifact", "--format", "--out", "--data", "onnx", "pt2")),
        (["evaluate", "--help"], ("--artifact", "--images", "--preprocessing", "--json", "--device", "--data")),
    ],
)
def test_help_lists_all_options(capsys: pytest.CaptureFixture[str], command: list[str], words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(command)
    printed = capsys.readouterr().out
    assert [word for word in words if word not in printed] == []


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ([], "COMMAND"),
        (["guess"], "invalid choice: 'guess'"),
        (["fit", "--recipe", "magic"], "invalid choice: 'magic'"),
        (["fit", "--device", "abacus"], "invalid choice: 'abacus'"),
        (["fit", "--epochs", "0"], "--epochs: must be 1 or more"),
        (["compare", "--epochs", "0"], "--epochs: must be 1 or more"),
        (["compare", "--recipe", "robust"], "unrecognized arguments: --recipe robust"),
        (["export"], "the following arguments are required: --format"),
        (["export", "--format", "gguf"], "invalid choice: 'gguf'"),
        (["fit", "--seed", "-1"], "--seed: must be from 0 to 4294967295"),
        (["fit", "--name", "../elsewhere"], "--name: must be letters, digits"),
        (["fit", "--name", ""], "--name: must be letters, digits"),
    ],
)
def test_a_wrong_option_is_an_error(capsys: pytest.CaptureFixture[str], options: list[str], complaint: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(options)
    assert complaint in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["evaluate", "--artifact", "nobody"], "there is no artifact 'nobody' in artifacts or "),
        (["evaluate", "--artifact", "/no/where"], "there is no weights file /no/where.safetensors"),
        (["export", "--format", "pt2", "--artifact", "nobody"], "there is no artifact 'nobody' in artifacts or "),
        (["evaluate", "--artifact", SHIPPED, "--images", "/no/where"], "/no/where holds no file named"),
        (["fit", "--out", f"{__file__}/out"], "Not a directory"),
        (["fit", "--out", ".", "--reports", __file__], "Not a directory"),
        (["compare", "--out", f"{__file__}/out"], "Not a directory"),
        (["compare", "--out", ".", "--reports", __file__], "Not a directory"),
    ],
)
def test_errors_are_one_line_on_stderr(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: list[str],
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(options) == 1
    printed = capsys.readouterr()
    [line] = printed.err.splitlines()
    assert complaint in line
    assert printed.out == ""


@pytest.fixture
def labelled(mnist: Mnist, tmp_path: Path) -> str:
    """A folder with three test digits, one of them with a wrong label."""
    for name, index in (("a_7", 0), ("b_2", 1), ("c_8", 2)):
        (tmp_path / f"{name}.png").write_bytes(encoded(mnist.test.images[index]))
    return str(tmp_path)


def test_evaluate_prints_a_table(capsys: pytest.CaptureFixture[str], labelled: str) -> None:
    assert main(["evaluate", "--artifact", SHIPPED, "--device", "cpu", "--images", labelled]) == 0
    title, header, _, row = capsys.readouterr().out.splitlines()
    assert title == f"notebook ({artifact.load_card(Path(SHIPPED)).short_hash}) from {SHIPPED}"
    assert header.startswith("| pictures of |  number | refused | accuracy | macro-F1 |")
    assert row.startswith("| .           |       3 |       0 |   0.6667 |   0.")


def test_evaluate_prints_json(capsys: pytest.CaptureFixture[str], labelled: str) -> None:
    assert main(["evaluate", "--artifact", SHIPPED, "--device", "cpu", "--images", labelled, "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["artifact"] == "notebook"
    assert printed["hash"] == artifact.load_card(Path(SHIPPED)).short_hash
    [score] = printed["scores"]
    assert (score["group"], score["pictures"], score["accuracy"]) == (".", 3, 2 / 3)


def test_evaluate_scores_mnists_test_set_by_default(capsys: pytest.CaptureFixture[str], mnist_root: Path) -> None:
    options = ["--artifact", SHIPPED, "--device", "cpu", "--data", str(mnist_root), "--preprocessing", "plain"]
    assert main(["evaluate", *options]) == 0
    assert "| MNIST test, 10,000 digits |  10,000 |       0 |   0.9856 |   0.9856 |" in capsys.readouterr().out


def test_export_prints_the_difference_of_the_logits(
    capsys: pytest.CaptureFixture[str], mnist_root: Path, tmp_path: Path
) -> None:
    options = ["--artifact", SHIPPED, "--data", str(mnist_root), "--out", str(tmp_path)]
    assert main(["export", "--format", "pt2", *options]) == 0
    says = rf"{tmp_path}/notebook\.pt2: 10,000 test digits get the same answers as from notebook \(ce659b3b31f2\); "
    assert re.fullmatch(rf"{says}logits differ by up to [\d.e-]+\n", capsys.readouterr().out)
    assert [path.name for path in tmp_path.iterdir()] == ["notebook.pt2"]


def test_export_without_its_packages_names_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)  # as if it were not installed
    assert main(["export", "--format", "onnx", "--out", str(tmp_path)]) == 1
    [line] = capsys.readouterr().err.splitlines()
    said = "onnx files need onnxruntime, not installed here: pip install 'lenet-digits[train]'"
    assert line == said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            "fit",
            "interrupted, nothing was exported; run the same command to resume after the last completed epoch",
        ),
        ("compare", "interrupted; run the same command to resume after the last completed epoch"),
    ],
)
def test_an_interrupted_first_epoch_leaves_no_files(mnist_root: Path, tmp_path: Path, command: str, said: str) -> None:
    where = ["--data", str(mnist_root), "--out", str(tmp_path / "out"), "--reports", str(tmp_path / "reports")]
    # Background jobs of a shell ignore SIGINT, and children inherit that; they do not inherit a handler.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        arguments = [sys.executable, "-m", "training", command, *where]
        process = subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.PIPE)
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        try:
            assert process.stderr
            output = b""
            # The first is printed while the bar is being made, and an interrupt then has it complain.
            while output.count(b"epoch 1/5") < 2 and (more := os.read(process.stderr.fileno(), 4096)):
                output += more
            process.send_signal(signal.SIGINT)
            _, rest = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130, output + rest
    assert rest.decode().splitlines()[-1] == said
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
