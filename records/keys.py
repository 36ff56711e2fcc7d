"""The key file of an instance: one secret per purpose, so that no table can be joined with another's tokens."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILE_NAME = "keys.json"
TOKEN_PURPOSES = ("person", "device")
OTHER_PURPOSES = ("session", "report")  # signs cookies, signs the verification codes of reports


class KeyFileError(Exception):
    """The key file is missing, damaged or open to others."""


@dataclass(frozen=True, repr=False)
class Keys:
    """The secrets of an instance. Never printed, never logged."""

    secrets: Mapping[str, bytes]

    def by_purpose(self) -> dict[str, bytes]:
        """The keys that tokenise personal data, for the checker of files."""
        return {purpose: self.secrets[purpose] for purpose in TOKEN_PURPOSES}

    def secret(self, purpose: str) -> bytes:
        """The key of one purpose. Raises KeyFileError for a purpose the file does not know."""
        if purpose not in self.secrets:
            raise KeyFileError(f"the key file has no key for {purpose!r}; restore the key file from a backup")
        return self.secrets[purpose]

    def token(self, purpose: str, value: str) -> str:
        """A keyed token of a normalised value: HMAC-SHA256(key, purpose || value), first 128 bits as 32 hex digits.

        >>> keys = Keys({"person": b"k" * 32})
        >>> keys.token("person", "13800001234") == keys.token("person", "13800001234")
        True
        >>> len(keys.token("person", "13800001234"))
        32
        """
        message = f"{purpose}:{value}".encode()
        return hmac.new(self.secret(purpose), message, hashlib.sha256).hexdigest()[:32]


def read_or_make_keys(folder: Path) -> Keys:
    """The keys in the folder; a new file with mode 0600 when there is none. Two processes at once get the same keys."""
    path = folder / FILE_NAME
    if not path.exists():
        _make_key_file(path)
    return read_keys(path)


def read_keys(path: Path) -> Keys:
    """Read a key file. Raises KeyFileError when it is damaged or lacks a purpose."""
    try:
        document = json.loads(path.read_text("utf-8"))
        found = {purpose: bytes.fromhex(text) for purpose, text in document["keys"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyFileError(f"the key file {path} cannot be read; restore it from a backup") from error
    missing = [purpose for purpose in (*TOKEN_PURPOSES, *OTHER_PURPOSES) if len(found.get(purpose, b"")) < 32]
    if missing:
        raise KeyFileError(f"the key file {path} lacks a key for {', '.join(missing)}; restore it from a backup")
    return Keys(found)


def _make_key_file(path: Path) -> None:
    document = {"version": 1, "keys": {p: secrets.token_hex(32) for p in (*TOKEN_PURPOSES, *OTHER_PURPOSES)}}
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(temporary, path)  # fails when another process was first, so a key file is never replaced
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
