import logging

import pytest
from pydantic import ValidationError

from app.runtime.cpu_quota import available_cpus
from app.settings import MOST_WORKERS, Settings, SettingsError


def test_defaults_are_bounded_and_local() -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 0)
    assert (settings.max_file_bytes, settings.max_batch_bytes, settings.max_batch_files) == (10_000_000, 64_000_000, 64)
    assert (settings.limits.pixels, settings.limits.aspect) == (50_000_000, 50)


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
