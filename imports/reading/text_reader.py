"""Delimited text: csv, tsv, semicolons, bars, in any encoding and with any line ends."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from imports.answer import SheetInfo
from imports.limits import limits
from imports.problems import Unreadable
from imports.reading import encoding
from imports.reading.encoding import Encoding, find_encoding
from imports.reading.grid import Grid, Note, OtherText, Row, TextSource

_DELIMITERS = ",\t;|"
_SAMPLE_LINES = 40
_PROVEN_AT_ONCE = 4 << 20  # bytes: what takes no time to decode


def read_text(path: Path, *, may_hurry: bool = False) -> Grid:
    """The grid of a delimited text file. Raises Unreadable where it cannot be one.

    In a hurry the beginning of a large file tells its encoding, and its number of lines about.
    """
    may_hurry = may_hurry and path.stat().st_size > _PROVEN_AT_ONCE and b"\0" not in _beginning(path)
    found = find_encoding(path, may_hurry=may_hurry)
    delimiter = find_delimiter(_sample(path, found))
    csv.field_size_limit(limits().cell_characters)
    text = TextSource(path, found.name, delimiter, found.replaced > 0, found.is_proven)

    def rows() -> Iterator[Row]:
        with path.open(encoding=found.name, errors=text.errors, newline="") as file:
            lines = (line.replace("\0", "") for line in file) if text.is_proven else _as_taken(file)
            try:
                yield from csv.reader(lines, delimiter=delimiter)
            except csv.Error as error:
                raise Unreadable("file_too_large", limit=str(limits().cell_characters)) from error

    lines_there, zeros = _counted(path) if found.is_proven else (_estimated_lines(path), 0)
    return Grid(
        format="tsv" if delimiter == "\t" else "csv",
        rows=rows,
        sheets=(SheetInfo(path.name, 0, used=True),),
        encoding=found.label,
        is_ragged_text=True,
        about_rows=lines_there,
        notes=tuple(_notes(found, zeros)),
        text=text,
    )


def _as_taken(file: Iterable[str]) -> Iterator[str]:
    """The lines of a text that was taken for what its beginning is. Raises OtherText where that does not hold."""
    try:
        for line in file:
            if "\0" in line:
                raise OtherText
            yield line
    except UnicodeDecodeError as error:
        raise OtherText from error


def _estimated_lines(path: Path) -> int:
    block = _beginning(path)
    return block.count(b"\n") * path.stat().st_size // len(block)


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(encoding.BEGINNING)


def _counted(path: Path) -> tuple[int, int]:
    """Line ends and zero bytes of a file, read once as bytes."""
    lines_there = zeros = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            lines_there += block.count(b"\n")
            zeros += block.count(b"\0") if b"\0" in block else 0  # counting takes ten times as long as looking
    return lines_there, zeros


def _notes(encoding: Encoding, zeros: int) -> Iterator[Note]:
    yield from encoding.notes()
    if zeros and not encoding.name.startswith("utf-16"):
        yield Note("control_characters", zeros)


def _sample(path: Path, encoding: Encoding) -> list[str]:
    with path.open(encoding=encoding.name, errors="replace", newline="") as file:
        return [line for line in itertools.islice(file, _SAMPLE_LINES) if line.strip()]


def find_delimiter(lines: list[str]) -> str:
    """The delimiter that splits most of the lines into the same number (above one) of cells; comma when none does.

    >>> find_delimiter(["a;b;c", "1,5;2;3"])
    ';'
    """
    best, best_score = ",", 0
    for delimiter in _DELIMITERS:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        width, times = max(widths.items(), key=lambda item: (item[0] > 1, item[1] * item[0]), default=(1, 0))
        score = 0 if width < 2 else times * min(width, 3) + width
        if score > best_score:
            best, best_score = delimiter, score
    return best
