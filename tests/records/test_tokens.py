"""Tokens: the digest is the published one, and both places that make tokens make the same."""

from __future__ import annotations

import hashlib
import hmac

import duckdb
import pytest

from imports.values.privacy import make_token, token
from records.keys import Keys
from records.vocabulary.tokens import keyed_digest, keyed_token_sql


def test_first_case_of_rfc_4231() -> None:
    expected = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    assert keyed_digest(bytes.fromhex("0b" * 20), bytes.fromhex("4869205468657265")).hex() == expected


@pytest.mark.parametrize("key", [b"k", b"k" * 32, b"k" * 64, b"k" * 65, bytes(range(200))])
@pytest.mark.parametrize("value", ["13800001234", "", "王某某 京A12345", "it's"])
def test_statement_makes_the_token_of_the_definition(key: bytes, value: str) -> None:
    expected = hmac.new(key, f"person:{value}".encode(), hashlib.sha256).hexdigest()[:32]
    with duckdb.connect() as connection:
        statement = f"SELECT {keyed_token_sql(key, 'person', 'v')} FROM (SELECT ? AS v)"
        assert connection.execute(statement, [value]).fetchall() == [(expected,)]


def test_checker_and_catalogue_make_the_same_token() -> None:
    keys = {"person": b"p" * 32}
    made = {Keys(keys).token("person", "13800001234"), token(keys, "person", "13800001234")}
    assert made == {make_token(keys, "person")("13800001234")}
