"""Passwords and tokens: made, checked, and kept only as hashes."""

from __future__ import annotations

import hashlib
import secrets
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200  # a longer one only costs time
TOKEN_PREFIX = "wx_"


class WeakPassword(ValueError):
    """The password is too short, too long, or one that everybody tries first."""


def check_password_rules(password: str, *, sign_in: str = "") -> None:
    """Raise WeakPassword unless the password may be used: 10 to 200 characters, not common, not the sign-in name."""
    if len(password) < SHORTEST_PASSWORD:
        raise WeakPassword(f"a password needs at least {SHORTEST_PASSWORD} characters")
    if len(password) > LONGEST_PASSWORD:
        raise WeakPassword(f"a password has at most {LONGEST_PASSWORD} characters")
    if password.lower() in common_passwords() or len(set(password)) < 4 or password.lower() == sign_in.lower():
        raise WeakPassword("this password is among the first that are tried; choose another")


def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its own salt."""
    return PasswordHasher().hash(password)


def is_password_right(password_hash: str | None, password: str) -> bool:
    """Does the password fit the hash? Takes as long for an unknown person (hash None) as for a known one."""
    try:
        PasswordHasher().verify(password_hash or _nobodys_hash(), password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def make_password() -> str:
    """A random password that can be read out: four groups of four letters and digits without look-alikes."""
    letters = "abcdefghijkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))


def make_token() -> str:
    """A new token for programs: 256 random bits behind a prefix that scanners for secrets can find."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a token. A plain hash is enough, for a token has 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()


@cache
def common_passwords() -> frozenset[str]:
    """Passwords that everybody tries first, in small letters; the list is a file beside this module."""
    return frozenset((Path(__file__).parent / "common_passwords.txt").read_text("utf-8").split())


@cache
def _nobodys_hash() -> str:
    return hash_password(secrets.token_hex(16))
