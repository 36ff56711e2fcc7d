"""Small files made on the spot for a test, and one call that checks them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import xlsxwriter

from imports.answer import CheckAnswer, Problem
from imports.check import check_file
from imports.options import ImportOptions, UnitDirectory
from records.vocabulary import Kind

KEYS = {"person": b"p" * 32, "device": b"d" * 32}
UNITS = UnitDirectory({"东城区": "dc", "东城区政府": "dc", "市人社局": "rsj", "市住建委": "zjw"})
HEADER = ("工单编号", "承办单位", "来电时间")


def workbook(
    path: Path, rows: Sequence[Sequence[Any]], sheets: Mapping[str, Sequence[Sequence[Any]]] | None = None
) -> Path:
    """Write an xlsx: the rows on the first sheet, further sheets by name. Dates become date cells."""
    book = xlsxwriter.Workbook(path)
    date = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    for name, lines in {"数据": rows, **(sheets or {})}.items():
        sheet = book.add_worksheet(name)
        for r, line in enumerate(lines):
            for c, cell in enumerate(line):
                if isinstance(cell, dt.datetime):
                    sheet.write_datetime(r, c, cell, date)
                elif isinstance(cell, str):
                    sheet.write_string(r, c, cell)
                elif cell is not None:
                    sheet.write(r, c, cell)
    book.close()
    return path


def text_file(path: Path, rows: Sequence[Sequence[str]], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    """Write delimited text."""
    path.write_bytes("\r\n".join(delimiter.join(row) for row in rows).encode(encoding))
    return path


def check(path: Path, kind: Kind = Kind.RESPONSES, language: str = "zh", **options: Any) -> CheckAnswer:
    """Check a file with the units above into a folder beside it."""
    return check_file(
        path,
        kind=kind,
        options=ImportOptions(**options),
        directory=UNITS,
        keys=KEYS,
        staging=path.parent / "staging",
        language=language,
    )


def stored(answer: CheckAnswer, columns: str) -> list[tuple[Any, ...]]:
    """Columns of the staged part in the order of the source rows."""
    assert answer.staged is not None, [problem.message for problem in answer.problems]
    with duckdb.connect() as connection:
        return connection.execute(f"SELECT {columns} FROM '{answer.staged}' ORDER BY row_no").fetchall()


def codes(answer: CheckAnswer) -> dict[str, int]:
    """Problem code -> how often."""
    found: dict[str, int] = {}
    for problem in answer.problems:
        found[problem.code] = found.get(problem.code, 0) + problem.count
    return found


def problem(answer: CheckAnswer, code: str) -> Problem:
    """The first problem of a code."""
    return next(entry for entry in answer.problems if entry.code == code)
