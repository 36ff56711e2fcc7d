"""Plain cells in SQL: which cells of a text column need no look of their own, and what they become.

Everything else goes to the reader of the field, each distinct cell once. A condition may be too narrow, never too wide:
a cell that passes it has the value that its reader would have given.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from imports.columns.readers import FieldReader
from imports.parts.statements import quoted
from imports.reading.rows import NOTES
from imports.values.cells import INVISIBLE_CHARACTERS
from imports.values.dates import FIRST_YEAR, LAST_YEAR
from imports.values.privacy import SUSPECT_PATTERNS, SUSPECT_WORDS
from records.vocabulary import FieldType
from records.vocabulary.tokens import keyed_token_sql

# What str.strip() removes, as a class of RE2.
_SPACE = r"\t-\r\x{1c}-\x{20}\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
_INVISIBLE = "".join(f"\\x{{{ord(character):x}}}" for character in INVISIBLE_CHARACTERS)
_ODD_TEXT = "|".join((
    f"[{_INVISIBLE}]", rf"\A[{_SPACE}(]", rf"[{_SPACE}]\z",
    *map(re.escape, SUSPECT_WORDS), *(pattern.pattern for pattern in SUSPECT_PATTERNS),
))  # fmt: skip
# Letters and digits that no normalisation changes; no point and no plus, with which numbers may have lost digits.
_PLAIN_NUMBER = r"[0-9A-Za-z\x{4e00}-\x{9fff}_/#-]*"


@dataclass(frozen=True)
class PlainCells:
    """`is_plain` is a condition over one column, `values` one expression per staged column."""

    is_plain: str
    values: tuple[str, ...]


def plain_cells(reader: FieldReader, cell: str, keys: Mapping[str, bytes]) -> PlainCells | None:
    """What is plain for a field, with the column `cell`; None where every distinct cell goes to the reader."""
    kind = reader.field.type
    if kind is FieldType.TIME:
        return _moment(cell)
    if kind is FieldType.NUMBER_TEXT:
        return PlainCells(f"regexp_full_match({cell}, {quoted(_PLAIN_NUMBER)})", (f"nullif({cell}, '')",))
    if kind in (FieldType.TEXT, FieldType.LONG_TEXT):
        return PlainCells(f"NOT regexp_matches({cell}, {quoted(_ODD_TEXT)})", (f"nullif({cell}, '')",))
    if reader.field.name == "citizen_phone":
        token = keyed_token_sql(keys["person"], "person", cell)
        return PlainCells(f"regexp_full_match({cell}, '[0-9]{{11}}')", (token,))
    return None


def _moment(cell: str) -> PlainCells:
    """The common written form year-month-day hour:minute:second, and blank cells."""
    moment = f"try_cast({cell} AS TIMESTAMP)"
    span = f"TIMESTAMP '{FIRST_YEAR}-01-01' AND TIMESTAMP '{LAST_YEAR}-12-31 23:59:59'"
    is_common = f"length({cell}) = 19 AND CAST({moment} AS VARCHAR) = {cell} AND {moment} BETWEEN {span}"
    return PlainCells(f"({cell} = '' OR coalesce({is_common}, FALSE))", (moment, f"CASE WHEN {cell} <> '' THEN 0 END"))


def may_be_odd_key(cell: str, words: Iterable[str]) -> str:
    """True wherever the cell of the record number may mark a row that is no data row."""
    known = ", ".join(quoted(word) for word in sorted(words))
    notes = rf"\A({'|'.join(map(re.escape, NOTES))})"
    return (
        f"({cell} = '' OR NOT regexp_full_match({cell}, {quoted(_PLAIN_NUMBER)}) OR lower({cell}) IN ({known})"
        f" OR regexp_matches(lower({cell}), {quoted(notes)}) OR {may_be_label(cell)})"
    )


def may_be_label(cell: str) -> str:
    """True wherever a cell may name a total or a note: those that begin or end with one of their characters."""
    marks = "".join(sorted({note[0] for note in NOTES if not note[0].isascii()}))
    return f"(regexp_matches({cell}, '[计均{marks}]|(?i)^\\s*[nsgｎｓｇｔt]') AND regexp_matches({cell}, '[^ -~]'))"
