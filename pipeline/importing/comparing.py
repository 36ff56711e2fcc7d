"""What a checked file would change: its rows against the newest observation of each record, and who is missing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from imports.parts.statements import KEYS, MAIN_TIME
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


def compare(instance: Instance, staged: Path, kind: Kind, *, batch: int | None = None) -> Comparison:
    """Compare a staged part with the accepted batches (of a batch already accepted: with those before it)."""
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
    vanished = engine.run(_vanished(kind), views)
    known = engine.run(
        f"SELECT DISTINCT {number} FROM staged SEMI JOIN stored USING (register, {number})"
        f" ORDER BY {number} LIMIT {KNOWN_LISTED}",
        views,
    )
    backwards = engine.run(_moved_backwards(), views) if kind is Kind.RESPONSES and changed else []
    numbers = (tuple(row[0] for row in rows) for rows in (vanished, known, backwards))
    return Comparison(new, changed, unchanged, *numbers)


def vanished_numbers(instance: Instance, staged: Path, kind: Kind, *, batch: int | None = None) -> tuple[str, ...]:
    """The numbers of records that an earlier export of the same register held and this one lacks.

    An export need not be complete: it may hold one month, one unit, or only what moved on. Records are missed where
    the export covers what was known: on the whole from its first to its last day, or else on single days, by at least
    COMPLETE_SHARE of the records of its registers and units. Only exports with an earlier cut-off are looked at.
    """
    return compare(instance, staged, kind, batch=batch).vanished


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
    columns = ", ".join(f"arg_max({name}, {NEWEST}) AS {name}" for name in ("row_hash", "unit", "exported_at", day))
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


def _vanished(kind: Kind) -> str:
    number, day = NUMBER_COLUMN[kind], DAY_COLUMN[kind]
    return f"""
        WITH known AS ({_current(kind)}),
        span AS (
            SELECT register, min({day}) AS first_at, max({day}) AS last_at, max(exported_at) AS exported_at
            FROM staged GROUP BY register
        ),
        expected AS (
            SELECT known.register, known.{number} AS number, CAST(known.{day} AS DATE) AS day,
                   staged.{number} IS NOT NULL AS is_here
            FROM known JOIN span
              ON known.register IS NOT DISTINCT FROM span.register
             AND CAST(known.{day} AS DATE) BETWEEN CAST(span.first_at AS DATE) AND CAST(span.last_at AS DATE)
             AND coalesce(known.exported_at <= span.exported_at, TRUE)
            LEFT JOIN staged
              ON staged.register IS NOT DISTINCT FROM known.register AND staged.{number} = known.{number}
            WHERE known.unit IN (SELECT unit FROM staged)
        ),
        shares AS (
            SELECT number, is_here,
                   avg(CAST(is_here AS INTEGER)) OVER (PARTITION BY register) AS whole,
                   avg(CAST(is_here AS INTEGER)) OVER (PARTITION BY register, day) AS daily,
                   count(*) OVER (PARTITION BY register, day) AS known_that_day
            FROM expected
        )
        SELECT number FROM shares
        WHERE NOT is_here
          AND (whole >= {COMPLETE_SHARE} OR (daily >= {COMPLETE_SHARE} AND known_that_day >= {SMALL_DAY}))
        ORDER BY number
    """
