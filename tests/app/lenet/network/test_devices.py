import pytest
import torch

from app.lenet.network.devices import DeviceError, select_device


def test_cpu_can_be_named() -> None:
    assert select_device("cpu") == torch.device("cpu")


def test_auto_finds_a_device_that_computes() -> None:
    assert torch.ones(1, device=select_device("auto")).item() == 1


def test_auto_prefers_accelerators() -> None:
    wanted = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert select_device("auto").type == wanted


@pytest.mark.skipif(torch.cuda.is_available(), reason="cuda works here")
def test_a_named_device_that_is_missing_is_refused_by_name() -> None:
    with pytest.raises(DeviceError, match="device cuda does not work here"):
        select_device("cuda")


def test_auto_falls_back_with_a_warning_when_the_accelerator_fails(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    if torch.cuda.is_available():
        pytest.skip("cuda works here")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)  # as with a driver that is listed and broken
    assert select_device("auto").type in ("cpu", "mps")
    assert "device cuda does not work here" in caplog.text
