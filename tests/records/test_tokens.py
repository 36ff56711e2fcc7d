"""Tokens: the digest is the published one, and both places that make tokens make the same."""

from __future__ import annotations

from imports.privacy import make_token, token
from records.keys import Keys
from records.vocabulary.tokens import keyed_digest


def test_first_case_of_rfc_4231() -> None:
    expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    assert keyed_digest(bytes.fromhex("0b" * 20), bytes.fromhex("4869205468657265")).hex() == expected


def test_checker_and_catalogue_make_the_same_token() -> None:
    keys = {"person": b"p" * 32}
    made = {Keys(keys).token("person", "13800001234"), token(keys, "person", "13800001234")}
    assert made == {make_token(keys, "person")("13800001234")}
