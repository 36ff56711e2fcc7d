"""Several assessments side by side: tables of other appraisals, filled from the same published results by a file.

A row of a table takes one thing of a result (the whole score, a level or an indicator, each 0 to 100 points) and turns
it into points of its own: points of the row x points of the result / 100. What is missing there is missing here, with
its reason; it is never 0, and a table with a missing row has no total.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from evaluation.rules.faults import Fault, faults_of, keys_of
from evaluation.rules.scheme import Scheme
from evaluation.rules.scheme_rules import LONGEST_NAMES, NAME, Found
from evaluation.scores.result import Assessment, UnitResult

SHIPPED = Path(__file__).parent / "appraisals"
TOLERANCE = 1e-6
NOT_PUBLISHED, NOT_IN_RESULT = "not_published", "not_in_result"


class BookFaulty(ValueError):
    """The file has faults; `faults` holds all of them."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"line {fault.line}: {fault.en}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class Row:
    """One row of a table: what it takes of which scheme's result, and its full mark."""

    title: dict[str, str]
    scheme: str
    take: str  # score | level | indicator
    code: str | None
    points: float


@dataclass(frozen=True)
class Table:
    """One appraisal: performance, civilisation, ideology, development or whatever the office has."""

    id: str
    title: dict[str, str]
    rows: tuple[Row, ...]

    @property
    def points(self) -> float:
        """The full mark of the table."""
        return sum(row.points for row in self.rows)


@dataclass(frozen=True)
class Book:
    """A file of tables."""

    id: str
    title: dict[str, str]
    tables: tuple[Table, ...]
    text: str

    @property
    def schemes(self) -> list[str]:
        """The schemes whose results it needs, in the order they are named."""
        return list(dict.fromkeys(row.scheme for table in self.tables for row in table.rows))


@dataclass(frozen=True)
class Cell:
    """The points of one unit in one row; None has a `reason`."""

    points: float | None
    reason: str | None = None


@dataclass(frozen=True)
class Line:
    """One unit in one table. `total` is None where a row is missing; `known` of `out_of` points could be given.

    `caution` is why the results behind it may not be ranked (too few cases, say): the points stand, no comparison does.
    """

    unit: str
    cells: tuple[Cell, ...]
    total: float | None
    known: float
    out_of: float
    caution: str | None = None


@dataclass(frozen=True)
class Filled:
    """A table with a line for every unit."""

    table: Table
    lines: tuple[Line, ...]


def find_faults(text: str, schemes: Mapping[str, Scheme]) -> list[Fault]:
    """Every fault of a file of tables, by line; `schemes` are those that can be named, by id."""
    return faults_of(text, keys_of("appraisal_keys"), partial(_rules, schemes=schemes))


def load(text: str, schemes: Mapping[str, Scheme]) -> Book:
    """The tables of a file. Raises BookFaulty with every fault."""
    faults = find_faults(text, schemes)
    if faults:
        raise BookFaulty(faults)
    return read(text)


def read(text: str) -> Book:
    """The tables of a text that was checked before."""
    document = tomllib.loads(text)
    rows: dict[str, list[Row]] = {table["id"]: [] for table in document["table"]}
    for row in document["row"]:
        made = Row(row["title"], row["scheme"], row["take"], row.get("code"), float(row["points"]))
        rows[row["table"]].append(made)
    tables = tuple(Table(table["id"], table["title"], tuple(rows[table["id"]])) for table in document["table"])
    return Book(document["id"], document["title"], tables, text)


def fill(book: Book, results: Mapping[str, Assessment]) -> list[Filled]:
    """Every table with every unit of any of the results (by scheme id), in the order the results name them."""
    by_scheme = {scheme: {unit.unit: unit for unit in result.units} for scheme, result in results.items()}
    units = list(dict.fromkeys(unit for scheme in book.schemes for unit in by_scheme.get(scheme, {})))
    return [Filled(table, tuple(_line(table, unit, by_scheme) for unit in units)) for table in book.tables]


def _line(table: Table, unit: str, results: Mapping[str, Mapping[str, UnitResult]]) -> Line:
    cells = tuple(_cell(row, results.get(row.scheme), unit) for row in table.rows)
    given = [(row.points, cell.points) for row, cell in zip(table.rows, cells, strict=True) if cell.points is not None]
    known, out_of = sum(points for _, points in given), sum(full for full, _ in given)
    found = [results[row.scheme][unit] for row in table.rows if unit in results.get(row.scheme, {})]
    caution = next((result.rank_reason for result in found if result.rank_reason), None)
    return Line(unit, cells, known if len(given) == len(cells) else None, known, out_of, caution)


def _cell(row: Row, results: Mapping[str, UnitResult] | None, unit: str) -> Cell:
    if results is None:
        return Cell(None, NOT_PUBLISHED)
    result = results.get(unit)
    if result is None:
        return Cell(None, NOT_IN_RESULT)
    found, reason = _taken(row, result)
    return Cell(None, reason or NOT_IN_RESULT) if found is None else Cell(found / 100 * row.points)


def _taken(row: Row, result: UnitResult) -> tuple[float | None, str | None]:
    """The 0 to 100 points a row reads, or the reason why there are none."""
    if row.take == "score":
        return result.score, result.reason
    found: Any = result.indicator(row.code or "")
    if row.take == "level":
        found = next((group for group in result.groups if group.id == row.code), None)
    return (found.points, found.reason) if found is not None else (None, NOT_IN_RESULT)


def _rules(document: dict[str, Any], schemes: Mapping[str, Scheme]) -> Iterator[Found]:
    if len(document["id"]) > LONGEST_NAMES["id"] or not re.fullmatch(NAME, document["id"]):
        yield Found(("id",), "odd_name", {"key": "id", "longest": str(LONGEST_NAMES["id"])})
    sums: dict[str, float] = {}
    for number, table in enumerate(document["table"]):
        if table["id"] in sums:
            yield Found(("table", number, "id"), "duplicate", {"value": table["id"]})
        sums[table["id"]] = 0.0
    for number, row in enumerate(document["row"]):
        if row["table"] in sums:
            sums[row["table"]] += row["points"]
        else:
            yield Found(("row", number, "table"), "unknown_table", {"value": row["table"]})
        if row["points"] <= 0:
            yield Found(("row", number, "points"), "points_zero")
        yield from _references(row, number, schemes)
    used = {row["table"] for row in document["row"]}
    for number, table in enumerate(document["table"]):
        name, points = table["id"], table.get("points")
        if name not in used:
            yield Found(("table", number), "empty_table", {"value": name})
        elif points is not None and abs(points - sums[name]) > TOLERANCE:
            details = {"value": name, "sum": f"{sums[name]:g}", "points": f"{points:g}"}
            yield Found(("table", number, "points"), "table_points", details)


def _references(row: dict[str, Any], number: int, schemes: Mapping[str, Scheme]) -> Iterator[Found]:
    """What a row names must be in the scheme it names."""
    scheme, take, code = schemes.get(row["scheme"]), row["take"], row.get("code")
    if scheme is None:
        details = {"value": row["scheme"], "known": ", ".join(sorted(schemes))}
        yield Found(("row", number, "scheme"), "unknown_scheme", details)
    if take == "score":
        if code is not None:
            yield Found(("row", number, "code"), "code_unneeded")
        return
    if take not in ("level", "indicator"):
        return  # told as a value that is not allowed
    if code is None:
        yield Found(("row", number), "code_needed", {"take": take})
    elif scheme is not None:
        known = list(scheme.codes) if take == "indicator" else [group.id for group in scheme.groups]
        if code not in known:
            details = {"value": code, "scheme": row["scheme"], "known": ", ".join(known) or "—"}
            yield Found(("row", number, "code"), f"unknown_{take}", details)
