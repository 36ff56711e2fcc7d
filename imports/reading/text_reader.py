"""Delimited text: csv, tsv, semicolons, bars, in any encoding and with any line ends."""

from __future__ import annotations

import csv
import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from imports.answer import SheetInfo
from imports.limits import limits
from imports.problems import Unreadable
from imports.reading.encoding import Encoding, find_encoding
from imports.reading.grid import Grid, Note, Row, TextSource

_DELIMITERS = ",\t;|"
_SAMPLE_LINES = 40


def read_text(path: Path) -> Grid:
    """The grid of a delimited text file. Raises Unreadable where it cannot be one."""
    encoding = find_encoding(path)
    delimiter = find_delimiter(_sample(path, encoding))
    csv.field_size_limit(limits().cell_characters)

    def rows() -> Iterator[Row]:
        with path.open(encoding=encoding.name, errors="replace", newline="") as file:
            lines = (line.replace("\0", "") for line in file)
            try:
                yield from csv.reader(lines, delimiter=delimiter)
            except csv.Error as error:
                raise Unreadable("file_too_large", limit=str(limits().cell_characters)) from error

    lines_there, zeros = _counted(path)
    return Grid(
        format="tsv" if delimiter == "\t" else "csv",
        rows=rows,
        sheets=(SheetInfo(path.name, 0, used=True),),
        encoding=encoding.label,
        is_ragged_text=True,
        about_rows=lines_there,
        notes=tuple(_notes(encoding, zeros)),
        text=TextSource(path, encoding.name, delimiter, encoding.replaced > 0),
    )


def _counted(path: Path) -> tuple[int, int]:
    """Line ends and zero bytes of a file, read once as bytes."""
    lines_there = zeros = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            lines_there += block.count(b"\n")
            zeros += block.count(b"\0") if b"\0" in block else 0  # counting takes ten times as long as looking
    return lines_there, zeros


def _notes(encoding: Encoding, zeros: int) -> Iterator[Note]:
    if encoding.is_guess or encoding.replaced:
        yield Note("encoding_guessed", 1, {"encoding": encoding.label, "lost": encoding.replaced})
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
