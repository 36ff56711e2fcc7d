"""A plain table, units in rows and indicator codes in columns, as values to be scored."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.rules.scheme import Scheme
from evaluation.scores.observations import Z_95, AssessedUnit, Evidence, Observation

PEER_GROUP = "peer_group"
NAME = "name"
STANDARD_ERROR, CASES = ".se", ".n"
MISSING = frozenset({"", "-", "—", "–", "NA", "na", "NaN", "nan", "null", "None"})
NOT_APPLICABLE = frozenset({"N/A", "n/a", "不适用"})


class TableFaulty(ValueError):
    """The table cannot be scored; the message names the cell or column and what to do."""


@dataclass(frozen=True)
class ScoreTable:
    """A read table. `unused` are columns the scheme does not know, `absent` codes of the scheme without a column."""

    units: tuple[AssessedUnit, ...]
    values: tuple[Observation, ...]
    evidence: tuple[Evidence, ...]
    unused: tuple[str, ...]
    absent: tuple[str, ...]


def read_table(text: str, scheme: Scheme) -> ScoreTable:
    """Read a table for a scheme.

    The first column is the unit; `peer_group` and `name` are optional; `CODE.se` gives the standard error of CODE and
    `CODE.n` its number of cases; a column named like a bonus, deduction or veto counts items. An empty cell is missing,
    `N/A` or 不适用 does not apply, 85% is 0.85. Raises TableFaulty.
    """
    header, rows = _rows(text)
    known = set(scheme.codes)
    items = {item.code for item in (*scheme.bonuses, *scheme.deductions)} | {veto.code for veto in scheme.vetoes}
    helpers = {code + suffix for code in known for suffix in (STANDARD_ERROR, CASES)}
    columns = header[1:]
    if not known & set(columns):
        raise TableFaulty(f"no column is an indicator of the scheme; it needs {', '.join(sorted(known))}")
    units = tuple(
        AssessedUnit(row[header[0]], row.get(NAME) or row[header[0]], row.get(PEER_GROUP) or None) for row in rows
    )
    values = tuple(
        _observation(row, number, header[0], code)
        for number, row in enumerate(rows, start=2)
        for code in columns
        if code in known
    )
    evidence = tuple(
        Evidence(row[header[0]], f"table:{code}", count)
        for number, row in enumerate(rows, start=2)
        for code in columns
        if code in items and (count := _number(row[code], number, code))
    )
    return ScoreTable(
        units,
        values,
        evidence,
        tuple(c for c in columns if c not in known | items | helpers | {PEER_GROUP, NAME}),
        tuple(sorted(known - set(columns))),
    )


def _rows(text: str) -> tuple[list[str], list[dict[str, str]]]:
    """Header and rows with every cell stripped; blank lines are left out, short rows are filled with empty cells."""
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;", key=first.count)
    lines = [[cell.strip() for cell in line] for line in csv.reader(io.StringIO(text), delimiter=delimiter)]
    if not lines or len(lines[0]) < 2:
        raise TableFaulty("the table needs a header row: the unit, then one column per indicator code")
    header = lines[0]
    _refuse_repeated(header, "the header {} stands twice: keep one of the columns")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if not any(line):
            continue
        if len(line) > len(header):
            raise TableFaulty(f"row {number} has {len(line)} cells, the header has {len(header)}")
        if not line[0]:
            raise TableFaulty(f"row {number} has no unit in its first column")
        rows.append(dict(zip(header, line + [""] * (len(header) - len(line)), strict=True)))
    _refuse_repeated([row[header[0]] for row in rows], "the unit {} stands twice: give each unit one row")
    if not rows:
        raise TableFaulty("the table has a header but no unit")
    return header, rows


def _refuse_repeated(names: Sequence[str], message: str) -> None:
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise TableFaulty(message.format(", ".join(repeated)))


def _observation(row: Mapping[str, str], number: int, unit: str, code: str) -> Observation:
    if row[code] in NOT_APPLICABLE:
        return Observation(row[unit], code, None, reason="not_applicable")
    value = _number(row[code], number, code)
    if value is None:
        return Observation(row[unit], code, None, reason="no_value")
    spread = _number(row.get(code + STANDARD_ERROR, ""), number, code + STANDARD_ERROR)
    cases = _number(row.get(code + CASES, ""), number, code + CASES)
    if spread is not None and spread < 0:
        raise TableFaulty(f"row {number}, column {code + STANDARD_ERROR}: a standard error is never negative")
    half = None if spread is None else Z_95 * spread
    return Observation(
        row[unit],
        code,
        value,
        low=None if half is None else value - half,
        high=None if half is None else value + half,
        n=None if cases is None else int(cases),
    )


def _number(cell: str, number: int, column: str) -> float | None:
    """The number of a cell, None for a missing one; a word or an infinite number is refused by its place."""
    if cell in MISSING:
        return None
    text = cell.replace(",", "").replace("％", "%")
    share = 100.0 if text.endswith("%") else 1.0
    try:
        value = float(text.rstrip("%")) / share
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise TableFaulty(
            f"row {number}, column {column}: “{cell}” is not a number; leave the cell empty if it is missing"
        )
    return value
