"""API keys: a file of names and hashed keys, and finding out whose key one is."""

import hmac
import re
import secrets
from hashlib import sha256
from pathlib import Path

MOST_KEYS = 1000
"""All keys are compared with for every request, so that time tells nothing; this many take a tenth of a millisecond."""

_LINE = re.compile(r"([A-Za-z0-9][\w.-]{0,63})\s+sha256:([0-9a-f]{64})", re.ASCII)


class KeyFileError(Exception):
    """The file of keys cannot be read, or has a line that is not a name and a hashed key."""


def new_key() -> str:
    """Return a new key, which has 256 bits of randomness; so it needs no salt and no slow hash."""
    return "lenet_" + secrets.token_urlsafe(32)


def key_line(name: str, key: str) -> str:
    """Return the line of the file for a key; raises `KeyFileError` for a name with other characters."""
    line = f"{name} sha256:{sha256(key.encode()).hexdigest()}"
    if not _LINE.fullmatch(line):
        raise KeyFileError("a key's name has letters, digits, '.', '_' and '-', at most 64 of them")
    return line


class ApiKeys:
    """The keys of a file, one a line as `key_line` writes it; empty lines and those that begin with # are left out."""

    def __init__(self, path: Path) -> None:
        """Read the file; raises `KeyFileError`."""
        self._path = path
        self._keys = _read(path)

    def __len__(self) -> int:
        """Return the number of keys."""
        return len(self._keys)

    def reload(self) -> None:
        """Read the file again; raises `KeyFileError`, and keeps the keys, when that fails."""
        self._keys = _read(self._path)

    def name_of(self, key: bytes) -> str | None:
        """Return the name of a key, or None. It takes as long for every key, known or not."""
        digest = sha256(key).digest()
        found = None
        for name, known in self._keys.items():
            if hmac.compare_digest(digest, known):
                found = name
        return found


def _read(path: Path) -> dict[str, bytes]:
    """Return the SHA-256 digest of each key by its name."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KeyFileError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not text'}") from error
    keys: dict[str, bytes] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if not match:
            raise KeyFileError(f"{path}, line {number}, is not a name and `sha256:` with the hash of a key")
        if match[1] in keys:
            raise KeyFileError(f"{path}, line {number}, has the name {match[1]} a second time")
        keys[match[1]] = bytes.fromhex(match[2])
    if not 0 < len(keys) <= MOST_KEYS:
        raise KeyFileError(f"{path} has {len(keys)} keys; it must have one to {MOST_KEYS:,}")
    return keys
