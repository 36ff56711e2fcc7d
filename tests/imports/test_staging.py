"""The staging table: what is derived while rows come in equals what is computed at the end; faults are raised."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unicodedata import category

import duckdb
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.parts.staging import Staging
from imports.parts.statements import Constants, derived_expressions, row_hash, typed_select
from imports.reading.line import Line
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
    typed = typed_select(Kind.RESPONSES, staging.columns, constants)
    hashed = row_hash(Kind.RESPONSES, staging.columns)
    at_the_end = staging.query(f"SELECT row_no, {hashed}, reply_fingerprint FROM ({typed}) ORDER BY row_no")
    assert staging.query("SELECT row_no, row_hash, reply_fingerprint FROM staged ORDER BY row_no") == at_the_end
    assert [row[0] for row in at_the_end] == [2, 3, 5, 6]
    assert at_the_end[0][2] == at_the_end[3][2]
    assert at_the_end[1][2] is None


def test_derive_keeps_the_stored_definition_of_the_row_hash(staging: Staging) -> None:
    constants = Constants("r", "hotline", None, "third_party", None)
    staging.derive(derived_expressions(Kind.RESPONSES, staging.columns, constants))
    staging.append(CHUNKS[1])
    content = {"register": "r", "case_no": "c", "unit": "乙", "channel": "hotline"}
    content |= {"reply_text": "已办结 3 件", "rating": "3"}
    joined = "\x1f".join(f"{name}={value}" for name, value in content.items())
    expected = hashlib.sha256(joined.encode()).hexdigest()[:32]
    assert staging.query("SELECT row_hash FROM staged") == [(expected,)]


SIGNS = [*"您好你尊敬的市民，,。.！!：:1９ aBÄ路灯\n、（）-—《", "您好", "你好", "尊敬的"]


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.sampled_from(SIGNS), max_size=12).map("".join), min_size=50, max_size=50))
def test_fingerprint_equals_the_greeting_and_then_the_signs_taken_away(staging: Staging, replies: list[str]) -> None:
    texts = {"reply_text": np.array(replies, dtype=object)}
    staging.connection.register("replies", texts)
    expression = derived_expressions(Kind.RESPONSES, {"reply_text": ""}, Constants("r", None, None, "", None))
    found = staging.query(f"SELECT {expression['reply_fingerprint']} FROM replies")
    assert found == [(_fingerprint(reply),) for reply in replies]


def _fingerprint(reply: str) -> str:
    core = re.sub("^(尊敬的)?[^，,。！!：:]{0,12}[：:，,！!]?(您好|你好)[！!，,。：:]?", "", reply.strip(" ").lower())
    kept = [
        sign
        for sign in core
        if not (sign in "0123456789０１２３４５６７８９ \t\n\f\r" or category(sign).startswith("P"))
    ]
    return hashlib.sha256("".join(kept).encode()).hexdigest()[:16]


def test_line_raises_what_stopped_its_work_() -> None:
    done: list[int] = []

    def fail() -> None:
        raise duckdb.ConversionException("no number")

    with Line() as line:
        line.do(lambda: done.append(1))
        line.do(fail)
        with pytest.raises(duckdb.ConversionException):
            line.wait()
    assert done == [1]


def test_insert_beside_keeps_rows_together(staging: Staging) -> None:
    staging.query("CREATE TABLE raw (row_no INTEGER, c0 VARCHAR, c1 VARCHAR)")
    numbers = np.array([4, 5, 7, 8])
    pieces = {"c0": np.array(["a|b", "c|"], dtype=object), "c1": np.array(["x|y", None], dtype=object)}
    split = "unnest(string_split(c0, '|')) AS c0, unnest(string_split(c1, '|')) AS c1"
    staging.insert_beside("raw", {"row_no": numbers}, pieces, split)
    assert staging.query("SELECT * FROM raw") == [(4, "a", "x"), (5, "b", "y"), (7, "c", None), (8, "", None)]
