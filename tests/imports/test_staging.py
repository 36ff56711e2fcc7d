"""The staging table: what the background derives equals what is computed at the end; its faults are raised."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from imports.staging import Staging
from imports.statements import Constants, derived_expressions, row_hash, typed_select
from records.vocabulary import Kind

COLUMNS = [("case_no", "VARCHAR"), ("unit", "VARCHAR"), ("reply_text", "VARCHAR"), ("rating", "SMALLINT")]
CHUNKS: list[list[list[Any]]] = [
    [[2, 3, 5], ["a", "b", None], ["甲", "甲", "乙"], ["您好，已办结12件。", None, ""], [5, None, 0]],
    [[6], ["c"], ["乙"], ["已办结 3 件"], [3]],
]


@pytest.fixture
def staging(tmp_path: Path) -> Iterator[Staging]:
    table = Staging(COLUMNS, tmp_path)
    yield table
    table.close()


def test_derive_equals_the_hash_over_the_typed_rows(staging: Staging) -> None:
    constants = Constants("r", "hotline", None, "third_party", None)
    staging.derive(derived_expressions(Kind.RESPONSES, staging.columns, constants))
    for chunk in CHUNKS:
        staging.append(chunk)
    staging.wait()
    typed = typed_select(Kind.RESPONSES, staging.columns, constants)
    hashed = row_hash(Kind.RESPONSES, staging.columns)
    at_the_end = staging.query(f"SELECT row_no, {hashed}, reply_fingerprint FROM ({typed}) ORDER BY row_no")
    assert staging.query("SELECT row_no, row_hash, reply_fingerprint FROM derived ORDER BY row_no") == at_the_end
    assert [row[0] for row in at_the_end] == [2, 3, 5, 6]
    assert at_the_end[0][2] == at_the_end[3][2]
    assert at_the_end[1][2] is None


def test_derive_keeps_the_stored_definition_of_the_row_hash(staging: Staging) -> None:
    constants = Constants("r", "hotline", None, "third_party", None)
    staging.derive(derived_expressions(Kind.RESPONSES, staging.columns, constants))
    staging.append(CHUNKS[1])
    staging.wait()
    content = {"register": "r", "case_no": "c", "unit": "乙", "channel": "hotline"}
    content |= {"reply_text": "已办结 3 件", "rating": "3"}
    joined = "\x1f".join(f"{name}={value}" for name, value in content.items())
    expected = hashlib.sha256(joined.encode()).hexdigest()[:32]
    assert staging.query("SELECT row_hash FROM derived") == [(expected,)]


def test_wait_raises_what_stopped_the_background(staging: Staging) -> None:
    staging.derive({"wrong": "CAST(CAST(unit AS INTEGER) AS VARCHAR)"})
    staging.append(CHUNKS[1])
    with pytest.raises(duckdb.ConversionException):
        staging.wait()
