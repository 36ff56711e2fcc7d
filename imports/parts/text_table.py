"""Delimited text read by the store itself, where its reader is certain to find the cells that `csv` finds.

The two readers differ only on text that no spreadsheet program writes: stray quotes, lone carriage returns, rows of
another width, zero bytes. Such a file is left to the row reader, which takes everything.
"""

from __future__ import annotations

import codecs
import csv
import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np

from imports.limits import limits
from imports.parts.staging import RAW, Staging
from imports.parts.statements import quoted
from imports.reading.grid import OtherText, TextSource

_BLOCK = 1 << 22
# A quote beside a space: `csv` takes both as they stand, other readers drop one of them.
_STRAY_QUOTES = (b'" ', b' "', b'"\t', b'\t"')
_LINE_END, _RETURN = b"\n\r"


@dataclass(frozen=True)
class _Marks:
    """What the bytes of a UTF-8 text hold."""

    is_uncertain: bool
    lines: int


def load_text(source: TextSource, staging: Staging, *, first: int, width: int, folder: Path) -> int | None:
    """Read all rows after the first `first` into the table `raw` with the columns c0, c1, …; the number of rows.

    `rowid` of the table counts them from 0 in the order of the file. None, and no table, where the row reader has to
    be asked. The store proves UTF-8 as strictly as Python does. Raises OtherText where another encoding does not hold.
    """
    try:
        if width < 2 or not _has_plain_head(source, first):
            return None
        path = _as_utf8(source, folder)
    except UnicodeDecodeError as error:
        raise OtherText from error
    try:
        has_quotes = _has_quotes(path)
        with ThreadPoolExecutor(1) as beside:
            looking = beside.submit(_marks, path)
            rows = _load(path, source.delimiter, staging, first, width, has_quotes)
            marks = looking.result()
        if rows is None:
            return None
        is_right_number = has_quotes or rows in (marks.lines - first, marks.lines - first + 1)
        if marks.is_uncertain or marks.lines <= first or not is_right_number:
            staging.query(f"DROP TABLE {RAW}")
            return None
        return rows
    finally:
        if path != source.path:
            path.unlink()


def _has_plain_head(source: TextSource, first: int) -> bool:
    """Does each of the first rows stand on one line, and none of them hold a quote that goes on below?"""
    with source.path.open(encoding=source.encoding, errors=source.errors, newline="") as file:
        reader = csv.reader(file, delimiter=source.delimiter)
        rows = sum(1 for _ in itertools.islice(reader, first))
        return rows == first == reader.line_num


def _as_utf8(source: TextSource, folder: Path) -> Path:
    """The file itself, or a copy brought to UTF-8 as the row reader decodes it."""
    if source.encoding in ("utf-8", "utf-8-sig") and not source.has_lost_characters:
        return source.path
    target = folder / "text.utf8"
    decoder = codecs.getincrementaldecoder(source.encoding)(source.errors)
    with source.path.open("rb") as file, target.open("wb") as copy:
        while block := file.read(_BLOCK):
            copy.write(decoder.decode(block).encode("utf-8"))
        copy.write(decoder.decode(b"", final=True).encode("utf-8"))
    return target


def _has_quotes(path: Path) -> bool:
    with path.open("rb") as file:
        return any(b'"' in block for block in iter(lambda: file.read(_BLOCK), b""))


def _marks(path: Path) -> _Marks:
    """One pass over the bytes. Blank lines count as rows for `csv` and not for the store."""
    has_quotes = is_uncertain = False
    lines = 0
    before = b"\n"  # a blank first line is a blank line as well
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if block.endswith(b"\r"):
                block += file.read(1)
            has_quotes = has_quotes or b'"' in block
            joined = before + block
            ends = np.flatnonzero(np.frombuffer(joined, np.uint8) == _LINE_END)
            lines += ends.size - joined.startswith(b"\n")
            is_uncertain = (
                is_uncertain
                or b"\0" in block
                or _has_odd_ends(joined, ends)
                or (has_quotes and any(stray in joined for stray in _STRAY_QUOTES))
            )
            before = b"\n" if block.endswith(b"\n") else block[-1:]
    return _Marks(is_uncertain, lines)


def _has_odd_ends(text: bytes, ends: np.ndarray) -> bool:
    """Does a carriage return stand anywhere but before a line end at one of the places `ends`, or is a line blank?

    >>> places = lambda text: np.flatnonzero(np.frombuffer(text, np.uint8) == 10)
    >>> [_has_odd_ends(text, places(text)) for text in (b"a\\r\\nb\\n", b"a\\rb\\n", b"a\\n\\r\\n", b"a\\r\\r\\n")]
    [False, True, True, True]
    """
    before_end = np.frombuffer(text, np.uint8)[np.maximum(ends, 1) - 1]
    is_pair = (before_end == _RETURN) & (ends > 0)
    content = np.diff(ends) - 1 - is_pair[1:]
    return bool((content <= 0).any()) or (b"\r" in text and text.count(b"\r") != int(is_pair.sum()))


def _load(path: Path, delimiter: str, staging: Staging, first: int, width: int, has_quotes: bool) -> int | None:
    columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(width))
    # A quoted cell may hold line ends; only one thread is certain never to begin inside of one.
    parallel = "false" if has_quotes else "true"
    read = (
        f"read_csv({quoted(str(path))}, auto_detect = false, header = false, skip = {first}, strict_mode = true,"
        f" delim = {quoted(delimiter)}, quote = '\"', escape = '\"', comment = '', null_padding = false,"
        f" ignore_errors = false, max_line_size = {limits().cell_characters}, parallel = {parallel},"
        f" columns = {{{columns}}})"
    )
    filled = ", ".join(f"coalesce(c{index}, '') AS c{index}" for index in range(width))
    try:
        staging.connection.execute(f"CREATE TABLE {RAW} AS SELECT {filled} FROM {read}")
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        return None
    rows: int = staging.query(f"SELECT count(*) FROM {RAW}")[0][0]
    return rows
