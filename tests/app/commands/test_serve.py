"""The service as a process: how it starts, refuses to start, and stops."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx2
import pytest
from PIL import Image

from app.lenet.network import artifact
from app.lenet.network.input_spec import InputSpec
from tests.image_files import encoded, gradient
from tests.serving import SECONDS, serving

SEVEN = Path(__file__).parents[3] / "docs" / "examples" / "seven.png"
# Time, level, process, request id and logger, before the message.
LOG_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (DEBUG|INFO|WARNING|ERROR) \d+ [!-~]+ [\w.]+: ")


def refusal(command: Sequence[str] = ("-m", "app"), **variables: str) -> tuple[int, list[str]]:
    """Run `python -m app` of one worker that cannot start; return its exit code and what it prints besides the log."""
    process = subprocess.run(
        [sys.executable, *command],
        env=os.environ | {"LENET_PORT": "0", "LENET_DEVICE": "cpu", "LENET_WORKERS": "1"} | variables,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return process.returncode, [line for line in process.stderr.splitlines() if not LOG_LINE.match(line)]


def predict(address: str) -> int:
    response = httpx2.post(f"{address}/predict", files={"file": SEVEN.read_bytes()}, timeout=SECONDS)
    return int(response.json()["digit"])


@pytest.mark.parametrize("workers", ["1", "2"])
def test_serves_and_ends_in_good_order_on_sigterm(workers: str) -> None:
    with serving([sys.executable, "-m", "app"], LENET_WORKERS=workers) as (process, address):
        assert predict(address) == 7
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0


# The service as it is started, but sent a signal while it imports a module.
AT_IMPORT = """
import os, signal, sys

class Finder:
    @staticmethod
    def find_spec(name, path, target=None):
        if name == "{module}":
            os.kill(os.getpid(), signal.{signal})

signal.signal(signal.SIGINT, signal.default_int_handler)  # which background jobs of a shell do not have
sys.meta_path.insert(0, Finder)
from app.__main__ import main
main()
"""


def test_sighup_during_the_start_does_not_end_it() -> None:
    command = [sys.executable, "-c", AT_IMPORT.format(module="uvicorn", signal="SIGHUP")]
    with serving(command, LENET_WORKERS="1") as (_, address):
        assert predict(address) == 7


@pytest.mark.parametrize("module", ["typer", "uvicorn"])
def test_an_interrupt_during_the_start_ends_it_quietly(module: str) -> None:
    assert refusal(["-c", AT_IMPORT.format(module=module, signal="SIGINT")]) == (130, [])


def test_metadata_is_not_logged_even_when_all_is() -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret of the camera"
    picture = encoded(gradient(), "JPEG", exif=exif)
    with serving([sys.executable, "-m", "app"], LENET_LOG_LEVEL="debug") as (process, address):
        assert httpx2.post(f"{address}/predict", files={"file": picture}, timeout=SECONDS).status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.stderr
        logged = process.stderr.read()
    assert "Application shutdown complete" in logged
    assert "secret" not in logged
    assert all(LOG_LINE.match(line) for line in logged.splitlines())


def test_serves_under_uvicorns_own_command() -> None:
    command = [sys.executable, "-m", "uvicorn", "--factory", "app.main:create_app", "--port", "0"]
    with serving(command) as (_, address):
        assert predict(address) == 7


def test_a_refusal_in_the_middle_of_an_upload_reaches_the_client() -> None:
    with serving([sys.executable, "-m", "app"]) as (_, address), httpx2.Client(timeout=SECONDS) as client:
        body = (bytes(1 << 20) for _ in range(40))  # sent in chunks of unknown number
        response = client.post(f"{address}/predict", content=body, headers={"content-type": "image/png"})
        assert (response.status_code, response.json()["error"]["code"]) == (413, "file_too_large")


def test_a_port_in_use_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, lines = refusal(LENET_PORT=str(port))
    assert code != 0
    [line] = lines
    assert f"cannot listen on 127.0.0.1 port {port}: Address already in use" in line


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_missing_model_is_said_in_one_sentence(workers: str) -> None:
    code, lines = refusal(LENET_MODEL="nothing", LENET_WORKERS=workers)
    assert code != 0
    [line] = lines
    assert "there is no artifact 'nothing'" in line


# The service as it is started, but as if a package were not installed.
WITHOUT = """
import importlib.util, sys
from importlib.abc import MetaPathFinder

class Blocker(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.split(".")[0] == "{package}":
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Blocker())
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "{package}" else find_spec(name, *rest)
from app.__main__ import main
main()
"""
WITHOUT_TORCHVISION = WITHOUT.format(package="torchvision")
WITHOUT_TORCH = WITHOUT.format(package="torch")


def test_alexnet_without_torchvision_is_refused_in_one_sentence(tmp_path: Path) -> None:
    shipped = artifact.SHIPPED / "notebook.safetensors"
    card = artifact.load_card(shipped).model_copy(update={"architecture": "alexnet", "input": InputSpec(size=63)})
    path = artifact.save(shipped.read_bytes(), card, tmp_path)
    code, [line] = refusal(["-c", WITHOUT_TORCHVISION], LENET_MODEL=str(path))
    assert code == 3
    assert line == (
        f"lenet: {path}: AlexNet needs a package that cannot be imported here: No module named 'torchvision' "
        "(LENET_MODEL and LENET_ARTIFACTS choose the weights)"
    )


def test_lenet_needs_no_torchvision() -> None:
    with serving([sys.executable, "-c", WITHOUT_TORCHVISION]) as (_, address):
        assert predict(address) == 7


def test_without_torch_it_serves_on_the_cpu() -> None:
    with serving([sys.executable, "-c", WITHOUT_TORCH], LENET_DEVICE="auto", LENET_WORKERS="1") as (_, address):
        assert predict(address) == 7
        assert httpx2.post(f"{address}/read", files={"file": SEVEN.read_bytes()}, timeout=SECONDS).json()["text"] == "7"


@pytest.mark.parametrize(
    ("variables", "needing"),
    [({"LENET_ENGINE": "torch"}, "the torch engine"), ({"LENET_DEVICE": "cuda"}, "device cuda")],
)
def test_what_needs_torch_is_refused_without_it(variables: dict[str, str], needing: str) -> None:
    code, [line] = refusal(["-c", WITHOUT_TORCH], **variables)
    assert code == 3
    assert line.startswith(f"lenet: {needing} needs torch, which is not installed; pip install 'lenet-digits[torch]'")


def test_a_device_that_is_missing_is_refused() -> None:
    code, [line] = refusal(LENET_DEVICE="mps" if sys.platform != "darwin" else "cuda")
    assert code != 0
    assert "does not work here" in line
    assert line.endswith("(LENET_DEVICE chooses the device)")


def test_a_misspelt_variable_ends_the_start_and_an_unknown_one_is_a_warning() -> None:
    code, [line] = refusal(LENET_MODLE="notebook")
    assert code != 0
    assert line == "lenet: LENET_MODLE is not a setting; did you mean LENET_MODEL?"
    with serving([sys.executable, "-m", "app"], LENET_COLOUR="blue", LENET_SERVICE_HOST="10.0.0.1") as (
        process,
        address,
    ):
        assert predict(address) == 7
        process.send_signal(signal.SIGTERM)
        assert process.wait(SECONDS) == 0


def test_what_kubernetes_injects_does_not_stop_it() -> None:
    with serving([sys.executable, "-m", "app"], LENET_PORT_8000_TCP="tcp://10.0.0.1:8000") as (_, address):
        assert predict(address) == 7


def test_wrong_variables_are_all_named() -> None:
    code, lines = refusal(LENET_WORKERS="-1", LENET_MAX_PIXELS="many")
    assert code != 0
    assert any("LENET_WORKERS=-1" in line for line in lines)
    assert any("LENET_MAX_PIXELS=many" in line for line in lines)
