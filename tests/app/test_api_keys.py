"""The file of API keys."""

from pathlib import Path

import pytest

from app.api_keys import MOST_KEYS, ApiKeys, KeyFileError, key_line, new_key

PHONE, CAMERA = new_key(), new_key()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "keys"
    path.write_text(f"\ufeff# ours\r\n\n{key_line('phone', PHONE)}\r\n  {key_line('camera-2', CAMERA)}  \n")
    return path


def test_a_key_is_found_by_its_name(file: Path) -> None:
    keys = ApiKeys(file)
    assert len(keys) == 2
    assert [keys.name_of(key.encode()) for key in (PHONE, CAMERA, PHONE[:-1], "")] == ["phone", "camera-2", None, None]


def test_the_file_holds_no_key(file: Path) -> None:
    assert PHONE not in file.read_text()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("phone secret\n", "line 1, is not a name"),
        (f"{key_line('a', 'x')}\n{key_line('a', 'y')}\n", "line 2, has the name a a second time"),
        ("# none\n", "has 0 keys"),
        ("".join(f"{key_line(f'k{number}', 'x')}\n" for number in range(MOST_KEYS + 1)), "has 1001 keys"),
        ("\udcff", "is not text"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "keys"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(KeyFileError, match=reason):
        ApiKeys(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="No such file"):
        ApiKeys(tmp_path / "keys")


def test_a_file_that_is_wrong_when_read_again_changes_nothing(file: Path) -> None:
    keys = ApiKeys(file)
    file.write_text("nonsense")
    with pytest.raises(KeyFileError):
        keys.reload()
    assert keys.name_of(PHONE.encode()) == "phone"
    file.write_text(key_line("other", "new"))
    keys.reload()
    assert (keys.name_of(PHONE.encode()), keys.name_of(b"new")) == (None, "other")


@pytest.mark.parametrize("name", ["", "a b", "-a", "a" * 65, "é"])
def test_names_are_plain(name: str) -> None:
    with pytest.raises(KeyFileError, match="letters, digits"):
        key_line(name, PHONE)
