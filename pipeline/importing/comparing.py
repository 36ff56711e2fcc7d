"""What a checked file would change: its rows against the newest observation of each record, and who is missing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from imports.parts.statements import KEYS, MAIN_TIME
from imports.values.periods import parse_period
from records.engine import Engine
from records.engine_views import PartFiles, View
from records.instance import Instance
from records.parts import accepted_parts
from records.tables import files_view
from records.vocabulary import PART_COLUMNS, Kind

NUMBER_COLUMN = KEYS
DAY_COLUMN = MAIN_TIME
COMPLETE_SHARE = 0.8  # an export that holds this share of what was known of a day is taken to be complete there
KNOWN_LISTED = 20  # numbers of stored records that a check names
SMALL_DAY = 5  # of fewer known records a share says nothing
_DAY = re.compile(r"(?<!\d)(?:19|20)\d{2}[-_./年 ]*(?:\d{4}|\d{1,2}[-_./月 ]+\d{1,2})(?!\d|\s*月)")
NEWEST = "row(coalesce(exported_at, TIMESTAMP '1900-01-01'), batch)"  # the greatest is the newest observation


@dataclass(frozen=True)
class Comparison:
    """Rows of a file by what they would do to the store; a record that vanished is in the store and not in the file."""

    new: int
    changed: int
    unchanged: int
    vanished: tuple[str, ...]
    known: tuple[str, ...] = ()  # the first numbers of the file that are stored already
    moved_backwards: tuple[str, ...] = ()  # cases an earlier export called closed, open again without being reopened
    beyond: tuple[str, ...] = ()  # not in the file and before its first or after its last day: vanished, or cut off


def compare(
    instance: Instance,
    staged: Path,
    kind: Kind,
    *,
    batch: int | None = None,
    period: tuple[dt.date, dt.date] | None = None,
) -> Comparison:
    """Compare a staged part with the accepted batches (of a batch already accepted: with those before it).

    An export need not be complete: it may hold one month, one unit, or only what moved on. Records are missed where
    the export covers what was known: on the whole from its first to its last day, or else on single days, by at least
    COMPLETE_SHARE of the records of its registers and units. Only exports with an earlier cut-off are looked at.

    `period` is what the export says to hold (`declared_period`); then its own first and last day are no limit. Without
    it, what a batch of the same months knew beyond these days is told apart, as it may have been cut off on purpose.
    """
    number = NUMBER_COLUMN[kind]
    views = compared_views(instance, staged, kind, batch)
    engine = Engine(instance)
    counts = engine.run(
        f"""
        WITH known AS ({_current(kind)})
        SELECT count(*) FILTER (known.row_hash IS NULL),
               count(*) FILTER (known.row_hash <> staged.row_hash),
               count(*) FILTER (known.row_hash = staged.row_hash)
        FROM staged LEFT JOIN known
          ON staged.register IS NOT DISTINCT FROM known.register AND staged.{number} = known.{number}
        """,
        views,
    )[0]
    new, changed, unchanged = counts
    if not changed and not unchanged:
        return Comparison(new, changed, unchanged, ())
    missing = engine.run(_missing(kind, period), views)
    vanished, beyond = ([row for row in missing if row[1] == is_within] for is_within in (True, False))
    known = engine.run(
        f"SELECT DISTINCT {number} FROM staged SEMI JOIN stored USING (register, {number})"
        f" ORDER BY {number} LIMIT {KNOWN_LISTED}",
        views,
    )
    backwards = engine.run(_moved_backwards(), views) if kind is Kind.RESPONSES and changed else []
    numbers = (tuple(row[0] for row in rows) for rows in (vanished, known, backwards, beyond))
    return Comparison(new, changed, unchanged, *numbers)


def declared_period(texts: Iterable[str | None]) -> tuple[dt.date, dt.date] | None:
    """The months that an export says to hold, by the first text that names some: what was entered, sheet, file name.

    A text that names a day says when the export was made or where it ends, not which months it holds.

    >>> declared_period([None, "Sheet1", "hotline_2025_01"])
    (datetime.date(2025, 1, 1), datetime.date(2025, 2, 1))
    >>> declared_period(["工单 2025-1-15", "20250131"]), declared_period(["工单2025年10-12月"])
    (None, (datetime.date(2025, 10, 1), datetime.date(2026, 1, 1)))
    """
    named = (text.replace("_", "-") for text in texts if text and not _DAY.search(text))
    return next((period for text in named if (period := parse_period(text))), None)


def compared_views(instance: Instance, staged: Path, kind: Kind, batch: int | None = None) -> dict[str, View]:
    """The views `stored` (every observation of the accepted batches, of those before `batch` if given) and `staged`."""
    with instance.session() as session:
        parts = [part for part in accepted_parts(session, kind) if batch is None or part.batch < batch]
    return {
        "stored": files_view(instance, parts, kind),
        "staged": PartFiles(paths=(staged,), columns=PART_COLUMNS[kind]),
    }


def _current(kind: Kind) -> str:
    """The newest observation of every stored record."""
    number, day = NUMBER_COLUMN[kind], DAY_COLUMN[kind]
    columns = ", ".join(
        f"arg_max({name}, {NEWEST}) AS {name}" for name in ("row_hash", "unit", "exported_at", "batch", day)
    )
    return f"SELECT register, {number}, {columns} FROM stored GROUP BY register, {number}"


def _moved_backwards() -> str:
    """Cases whose newest stored state is closed and that this later export has as new or open, not as reopened."""
    state = f"arg_max(state, {NEWEST}) AS state, arg_max(exported_at, {NEWEST}) AS exported_at"
    return f"""
        WITH known AS (SELECT register, case_no, {state} FROM stored GROUP BY register, case_no)
        SELECT staged.case_no FROM staged JOIN known
          ON staged.register IS NOT DISTINCT FROM known.register AND staged.case_no = known.case_no
        WHERE known.state = 'closed' AND staged.state IN ('new', 'open') AND staged.reopened_at IS NULL
          AND coalesce(known.exported_at <= staged.exported_at, TRUE)
        ORDER BY staged.case_no
    """


def _missing(kind: Kind, period: tuple[dt.date, dt.date] | None) -> str:
    """Records that are not in the file, and whether they lie within it or only within the same months.

    The months count where a batch of just these months knew the record and they were over when the file was exported.
    """
    number, day = NUMBER_COLUMN[kind], DAY_COLUMN[kind]
    start, end = (f"DATE '{moment}'" for moment in period) if period else ("NULL", "NULL")
    months = f"date_trunc('month', min({day})) AS first_month, date_trunc('month', max({day})) AS last_month"
    return f"""
        WITH known AS ({_current(kind)}),
        batches AS (SELECT register, batch, {months} FROM stored GROUP BY register, batch),
        days AS (
            SELECT register, CAST(min({day}) AS DATE) AS first_day, CAST(max({day}) AS DATE) AS last_day, {months},
                   max(exported_at) AS exported_at
            FROM staged GROUP BY register
        ),
        span AS (
            SELECT *, coalesce(first_day >= {start} AND last_day < {end}, FALSE) AS is_declared,
                   exported_at >= last_month + INTERVAL 1 MONTH AS is_over
            FROM days
        ),
        near AS (
            SELECT known.register, known.{number} AS number, CAST(known.{day} AS DATE) AS day,
                   staged.{number} IS NOT NULL AS is_here,
                   CAST(known.{day} AS DATE) BETWEEN first_day AND last_day AS is_inside,
                   is_declared, CAST(known.{day} AS DATE) >= {start} AND CAST(known.{day} AS DATE) < {end} AS is_named,
                   is_over AND batches.first_month = span.first_month AND batches.last_month = span.last_month
                       AND date_trunc('month', known.{day}) BETWEEN span.first_month AND span.last_month AS is_near
            FROM known JOIN span
              ON known.register IS NOT DISTINCT FROM span.register
             AND coalesce(known.exported_at <= span.exported_at, TRUE)
            JOIN batches ON known.register IS NOT DISTINCT FROM batches.register AND known.batch = batches.batch
            LEFT JOIN staged
              ON staged.register IS NOT DISTINCT FROM known.register AND staged.{number} = known.{number}
            WHERE known.unit IN (SELECT unit FROM staged)
        ),
        shares AS (
            SELECT number, is_here, is_inside, is_declared,
                   avg(CAST(is_here AS INTEGER)) FILTER (is_inside) OVER (PARTITION BY register) AS whole,
                   avg(CAST(is_here AS INTEGER)) OVER (PARTITION BY register) AS wide,
                   avg(CAST(is_here AS INTEGER)) OVER (PARTITION BY register, day) AS daily,
                   count(*) OVER (PARTITION BY register, day) AS known_that_day
            FROM near WHERE is_inside OR CASE WHEN is_declared THEN is_named ELSE is_near END
        )
        SELECT number, is_inside OR is_declared FROM shares
        WHERE NOT is_here
          AND CASE WHEN is_inside
              THEN whole >= {COMPLETE_SHARE} OR (daily >= {COMPLETE_SHARE} AND known_that_day >= {SMALL_DAY})
              ELSE wide >= {COMPLETE_SHARE} END
        ORDER BY number
    """
