"""Aggregate tables: one row per unit and one column per measure become one row per unit, period and measure.

Numbers that contradict each other are listed, never corrected: parts against their total, printed rates against the
counts beside them, unit rows against the control row.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from imports.columns.checking import Check
from imports.parts.staging import Staging
from imports.reading.grid import Row
from imports.reading.rows import RowReader
from imports.values.cells import CellError, is_blank_word, number, plain, text_of
from imports.values.periods import parse_period
from records.vocabulary import FieldType
from records.vocabulary.table_fields import MEASURES, RATES

RATE_TOLERANCE = 0.0001  # a printed rate may differ by 0.01 percentage points
_GOOD = "row_no NOT IN (SELECT row_no FROM bad)"


@dataclass(frozen=True)
class Rules:
    """Which measures add up to which, and which counts a printed rate is made of."""

    sums: Mapping[str, tuple[str, ...]]  # total -> parts
    rates: Mapping[str, tuple[tuple[str, ...], str]]  # rate -> (numerators, denominator)


@cache
def rules() -> Rules:
    """The rules of `aggregates.toml`."""
    document = tomllib.loads(Path(__file__).with_name("aggregates.toml").read_text("utf-8"))
    return Rules(
        {total: tuple(parts) for total, parts in document["sums"].items()},
        {rate: (tuple(entry["of"]), entry["by"]) for rate, entry in document["rates"].items()},
    )


def measures_of(staged: Mapping[str, str]) -> list[str]:
    """The measures a file holds, in the order of its columns."""
    return [name for name in staged if name in MEASURES]


def read_period(check: Check) -> None:
    """Find the period of the table: as given, else as the rows above its header, the sheet or the file name say it.

    A table without any, and without measures, is refused.
    """
    given = check.options.period
    texts = [given] if given else [*_titles(check), check.grid.sheet or "", check.file_name]
    check.period = next((period for text in texts if (period := parse_period(text))), None)
    if check.period is None and (given or check.column_of("period") is None):
        check.book.add("period_missing", field="period", value=given or "")
    if check.header and not any(name in MEASURES for column in check.columns for name in column.fields):
        check.book.add("measures_missing", field="measures")


def tell_twin(check: Check) -> None:
    """Give the table the register of its side where a source hands out equal tables of two sides, else ask for it."""
    twins = check.layout.twins
    if not twins or check.options.register:
        return
    for text in (*_titles(check), check.grid.sheet or "", check.file_name):
        named = [word for word in twins if word in text]
        if len(named) == 1:
            check.layout = replace(check.layout, register=twins[named[0]])
            return
    known = "、".join(f"{word}={register}" for word, register in twins.items())
    check.book.add(
        "twin_unclear", field="register", names="、".join(twins), known=known, value=check.layout.register or ""
    )


def _is_of_all(row: Row) -> bool:
    words = [word for cell in row[:3] if (word := plain(cell).rstrip(":"))]
    return any(word in ("合计", "总计", "总数", "共计") or word.startswith("全") for word in words)


def _titles(check: Check) -> list[str]:
    """The texts above the header."""
    above = itertools.islice(check.grid.rows(), max(check.header_row - 1, 0))
    return [text_of(cell) for row in above for cell in row if not is_blank_word(cell)]


def unpivoted(check: Check, staged: Mapping[str, str]) -> str:
    """SELECT with row_no, unit, channel, measure, value, period_start and period_end; blank numbers are no rows."""
    start, end = check.period or (None, None)
    given = f"'{start}/{end}'" if start else "NULL"
    period = f"coalesce(period, {given})" if "period" in staged else given
    channel = "channel" if "channel" in staged else "NULL"
    values = ", ".join(f"CAST({name} AS DOUBLE) AS {name}" for name in measures_of(staged))
    wide = (
        f"SELECT row_no, unit, CAST({channel} AS VARCHAR) AS channel, {values},"
        f" CAST(split_part({period}, '/', 1) AS TIMESTAMP) AS period_start,"
        f" CAST(split_part({period}, '/', 2) AS TIMESTAMP) AS period_end FROM staged"
    )
    return f"UNPIVOT ({wide}) ON {', '.join(measures_of(staged))} INTO NAME measure VALUE value"


def say_contradictions(check: Check, rows: RowReader, staging: Staging) -> None:
    """Note rows whose numbers contradict each other and control totals that the unit rows do not meet."""
    names = set(measures_of(staging.columns))
    for total, parts in rules().sums.items():
        if names >= {total, *parts}:
            again = " + ".join(parts)
            _say_rows(check, staging, "parts_not_total", total, again, f"{total} <> {again}")
    for rate, (numerators, denominator) in rules().rates.items():
        if names >= {rate, *numerators, denominator}:
            again = f"({' + '.join(numerators)}) / nullif({denominator}, 0)"
            differs = f"abs({rate} - {again}) > {RATE_TOLERANCE} + 1e-9"
            _say_rows(check, staging, "rate_differs", rate, again, differs)
    for name, row_no, printed_total, found in _control_totals(check, rows, staging):
        check.say("control_total_differs", name, row_no, f"{_written(name, printed_total)} / {_written(name, found)}")


def _say_rows(check: Check, staging: Staging, code: str, name: str, again: str, condition: str) -> None:
    """Note the rows that meet the condition, with the number of the first and what comes out when it is computed."""
    numbers = f"arg_min({name}, row_no), arg_min({again}, row_no)"
    query = f"SELECT count(*), min(row_no), {numbers} FROM staged WHERE {_GOOD} AND ({condition})"
    count, first, *pair = staging.query(query)[0]
    if count:
        value, computed = (_written(name, float(number)) for number in pair)
        check.say(code, name, first, value, count, computed=computed)


def _written(name: str, value: float) -> str:
    """A number of a measure as a table prints it: shares in percent, to the fourth digit behind the point.

    >>> _written("reply_rate", 2 / 3), _written("reply_rate", 0.95), _written("total", 12345678.0)
    ('66.6667%', '95%', '12345678')
    """
    number, sign = (value * 100, "%") if name in RATES else (value, "")
    return f"{number:.4f}".rstrip("0").rstrip(".") + sign


def _control_totals(check: Check, rows: RowReader, staging: Staging) -> Iterator[tuple[str, int, float, float]]:
    """(measure, row of the control total, its number, the sum of the unit rows) where the two differ.

    Of several total rows the only one that is named a total of all is compared: the others are of some of the units.
    """
    all_units = [found for found in rows.totals if _is_of_all(found[1])] if len(rows.totals) > 1 else rows.totals
    if len(all_units) != 1:
        return
    row_no, cells = all_units[0]
    for name in measures_of(staging.columns):
        column = check.column_of(name)
        if column is None or MEASURES[name].type is not FieldType.COUNT:
            continue
        try:
            printed = number(cells[column.index])
        except CellError:
            continue
        found = staging.query(f"SELECT coalesce(sum({name}), 0) FROM staged WHERE {_GOOD}")[0][0]
        if printed is not None and printed != found:
            yield name, row_no, printed, float(found)
