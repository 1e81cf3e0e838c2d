import logging

import pytest
from pydantic import ValidationError

from app.runtime.cpu_quota import available_cpus
from app.settings import MOST_WORKERS, Settings, SettingsError


def test_defaults_are_bounded_and_local() -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 0)
    assert (settings.max_file_bytes, settings.max_batch_bytes, settings.max_batch_files) == (10_000_000, 64_000_000, 64)
    assert (settings.image_limits.pixels, settings.image_limits.aspect) == (50_000_000, 50)


def test_every_field_is_documented() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_workers_are_as_many_as_the_cpus_unless_told_otherwise() -> None:
    assert Settings(device="cpu").processes == min(available_cpus(), MOST_WORKERS)
    assert Settings(device="cuda").processes == 1
    assert Settings(device="cuda", workers=5).processes == 5


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_PORT", "9000")
    monkeypatch.setenv("LENET_MODEL", "other")
    settings = Settings.from_environment()
    assert (settings.port, settings.model) == (9000, "other")


def test_what_kubernetes_injects_for_a_service_called_lenet_is_neither_read_nor_warned_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, value in {
        "LENET_SERVICE_HOST": "10.0.0.1",
        "LENET_SERVICE_PORT": "8000",
        "LENET_SERVICE_PORT_HTTP": "8000",
        "LENET_PORT": "tcp://10.0.0.1:8000",
        "LENET_PORT_8000_TCP": "tcp://10.0.0.1:8000",
        "LENET_PORT_8000_TCP_PROTO": "tcp",
        "LENET_PORT_8000_TCP_PORT": "8000",
        "LENET_PORT_8000_TCP_ADDR": "10.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    settings = Settings.from_environment()
    settings.log()
    assert settings.port == 8000
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


@pytest.mark.parametrize(
    ("name", "meant"),
    [("LENET_MODLE", "LENET_MODEL"), ("LENET_WORKER", "LENET_WORKERS"), ("LENET_MAX_PIXEL", "LENET_MAX_PIXELS")],
)
def test_a_near_miss_names_the_variable_that_was_meant(monkeypatch: pytest.MonkeyPatch, name: str, meant: str) -> None:
    monkeypatch.setenv(name, "1")
    monkeypatch.setenv("LENET_DEVICE", "tpu")
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment()
    first, second = str(refusal.value).splitlines()
    assert first == f"{name} is not a setting; did you mean {meant}?"
    assert second.startswith("LENET_DEVICE=tpu")


def test_another_unknown_variable_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("LENET_COLOUR", "blue")
    Settings.from_environment().log()
    assert [record.message for record in caplog.records if record.levelno == logging.WARNING] == [
        "LENET_COLOUR is not a setting and has no effect"
    ]


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(Settings(), "port", 1)  # noqa: B010 - as an assignment, the type checker refuses it first


def test_all_wrong_variables_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LENET_PORT", "eighty")
    monkeypatch.setenv("LENET_DEVICE", "tpu")
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment()
    first, second = sorted(str(refusal.value).splitlines())
    assert first.startswith("LENET_DEVICE=tpu: Input should be 'auto', 'cuda', 'mps' or 'cpu'")
    assert second.startswith("LENET_PORT=eighty: Input should be a valid integer")


def test_effective_settings_are_logged_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        Settings(port=8123).log()
    [record] = caplog.records
    assert "LENET_PORT=8123" in record.message
    assert "LENET_MAX_PIXELS=50000000" in record.message


def test_origins_are_as_browsers_send_them() -> None:
    assert Settings(cors_origins="https://a.example/, http://b.example:8080,,").origins == [
        "https://a.example",
        "http://b.example:8080",
    ]
