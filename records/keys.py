"""The key file of an instance: one secret per purpose, so that no table can be joined with another's tokens.

A key can be replaced (`rotate_key`). The earlier one stays beside it for some days where it still opens something: the
cookies of people who are signed in, the second factors of people who have not set up a new one.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from records.clock import now
from records.vocabulary.tokens import keyed_token

FILE_NAME = "keys.json"
CATALOGUES = ("catalogue.db", "jobs.db")
TOKEN_PURPOSES = ("person", "device")
OTHER_PURPOSES = ("session", "report")  # signs cookies, makes the secrets of second factors
PURPOSES = (*TOKEN_PURPOSES, *OTHER_PURPOSES)


class KeyFileError(Exception):
    """The key file is missing, damaged or open to others."""


@dataclass(frozen=True, repr=False)
class Keys:
    """The secrets of an instance. Never printed, never logged."""

    secrets: Mapping[str, bytes]
    earlier: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)  # replaced ones that still open something

    def living(self, purpose: str) -> tuple[bytes, ...]:
        """The key of a purpose and the replaced ones that still count, the newest first."""
        return (self.secret(purpose), *self.earlier.get(purpose, ()))

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
        return keyed_token(self.secret(purpose), purpose, value)


def read_or_make_keys(folder: Path) -> Keys:
    """The keys in the folder; a new file with mode 0600 in a new folder. Two processes at once get the same keys.

    Raises KeyFileError where a catalogue or parts lie without their keys: with new ones no stored token would meet a
    later one again, and nobody would be told.
    """
    path = folder / FILE_NAME
    is_lived_in = any((folder / name).exists() for name in CATALOGUES) or any((folder / "parts").rglob("*.parquet"))
    if not path.exists():  # asked after the catalogue: whoever makes both at this moment makes the keys first
        if is_lived_in:
            raise KeyFileError(f"the key file {path} is gone, but the instance holds data; restore it from a backup")
        _make_key_file(path)
    return read_keys(path)


def read_keys(path: Path) -> Keys:
    """Read a key file. Raises KeyFileError when it is damaged or lacks a purpose."""
    try:
        document = json.loads(path.read_text("utf-8"))
        found = {purpose: bytes.fromhex(text) for purpose, text in document["keys"].items()}
        earlier = {purpose: _still_living(entries) for purpose, entries in document.get("earlier", {}).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyFileError(f"the key file {path} cannot be read; restore it from a backup") from error
    missing = [purpose for purpose in PURPOSES if len(found.get(purpose, b"")) < 32]
    if missing:
        raise KeyFileError(f"the key file {path} lacks a key for {', '.join(missing)}; restore it from a backup")
    return Keys(found, earlier)


def rotate_key(folder: Path, purpose: str, *, overlap_days: int, moment: datetime | None = None) -> None:
    """Replace the key of one purpose; the earlier one counts for some days more.

    With 0 days every earlier key is gone at once, also those whose days are not over: whoever read the key file had
    them all. Earlier keys whose days are over leave the file with the next rotation. A key that makes tokens of persons
    or devices has no overlap: a number gets one token, and keeping the old key would keep the way back to the number.
    Raises KeyFileError for an unknown purpose, or an overlap where there can be none.
    """
    if purpose not in PURPOSES:
        raise KeyFileError(f"there is no key for {purpose!r}; the keys are {', '.join(PURPOSES)}")
    if purpose in TOKEN_PURPOSES and overlap_days:
        raise KeyFileError(f"the key for {purpose} has no overlap; use 0 days")
    path, moment = folder / FILE_NAME, moment or now()
    read_keys(path)  # a damaged file is told, not overwritten
    document = json.loads(path.read_text("utf-8"))
    earlier = {name: _unexpired(entries, moment) for name, entries in document.get("earlier", {}).items()}
    if overlap_days:
        until = (moment + timedelta(days=overlap_days)).isoformat()
        earlier[purpose] = [{"key": document["keys"][purpose], "until": until}, *earlier.get(purpose, [])]
    else:
        earlier.pop(purpose, None)
    document["keys"][purpose], document["earlier"] = secrets.token_hex(32), earlier
    os.replace(_write_beside(path, document), path)


def _unexpired(entries: list[dict[str, Any]], moment: datetime) -> list[dict[str, Any]]:
    return [entry for entry in entries if datetime.fromisoformat(entry["until"]) > moment]


def _still_living(entries: list[dict[str, Any]]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(entry["key"]) for entry in _unexpired(entries, now()))


def _write_beside(path: Path, document: dict[str, Any]) -> Path:
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    return temporary


def _make_key_file(path: Path) -> None:
    document = {"version": 1, "keys": {purpose: secrets.token_hex(32) for purpose in PURPOSES}}
    temporary = _write_beside(path, document)
    try:
        os.link(temporary, path)  # fails when another process was first, so a key file is never replaced
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
