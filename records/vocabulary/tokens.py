"""Tokens of personal values: keyed, shortened, and the same wherever they are made."""

from __future__ import annotations

import hashlib
import hmac

DIGITS = 32  # of a token in hex: 128 bits


def keyed_digest(key: bytes, message: bytes) -> bytes:
    """HMAC-SHA256 of a message, 32 bytes (RFC 2104, FIPS 198-1).

    The first test case of RFC 4231:

    >>> keyed_digest(bytes.fromhex("0b" * 20), b"Hi There").hex()[:32]
    'b0344c61d8db38535ca8afceaf0bf12b'
    """
    return hmac.digest(key, message, "sha256")


def keyed_token(key: bytes, purpose: str, value: str) -> str:
    """The token of a normalised value: the digest of `purpose:value`, first 128 bits as 32 hex digits.

    >>> keyed_token(b"k" * 32, "person", "x") == keyed_token(b"k" * 32, "device", "x")
    False
    """
    return keyed_digest(key, f"{purpose}:{value}".encode()).hex()[:DIGITS]


def keyed_token_sql(key: bytes, purpose: str, value: str) -> str:
    """`keyed_token` as an SQL expression of DuckDB over the text expression `value`: the same tokens, whole columns.

    HMAC by its definition (RFC 2104): the digest of the outer key and the digest of the inner key and the message.
    Keys longer than a block of SHA-256 are shortened first, as the definition asks.

    >>> keyed_token_sql(b"k" * 32, "person", "phone")[:20]
    'substr(sha256(unhex('
    """
    block = 64
    padded = (hashlib.sha256(key).digest() if len(key) > block else key).ljust(block, b"\0")
    inner, outer = (bytes(byte ^ pad for byte in padded).hex() for pad in (0x36, 0x5C))
    message = f"encode('{purpose}:' || {value})"
    return f"substr(sha256(unhex('{outer}') || unhex(sha256(unhex('{inner}') || {message}))), 1, {DIGITS})"
