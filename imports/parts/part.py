"""The statement that brings the good rows of a checked file into a part."""

from __future__ import annotations

from imports.columns.checking import Check
from imports.parts.aggregates import unpivoted
from imports.parts.staging import Staging
from imports.parts.statements import KEYS, MAIN_TIME, Constants, derived_expressions, row_hash, sort_keys, typed_select
from records.vocabulary import PART_COLUMNS, Kind


def final_select(check: Check, staging: Staging, constants: Constants) -> tuple[str, int]:
    """The statement of the part: good rows, the last of each record, sorted for paging; and how many were repeated."""
    kind, staged = check.kind, staging.columns
    good, duplicates = _good_rows(staging, kind)
    if kind is Kind.COUNTS:
        source = f"({unpivoted(check, staged)})"
        staged = dict.fromkeys(("row_no", "unit", "channel", "measure", "value", "period_start", "period_end"), "")
        typed = typed_select(kind, staged, constants, source)
        select = f"SELECT *, {row_hash(kind, staged)} AS row_hash FROM ({typed})"
    else:
        staged = {**staged, **dict.fromkeys(derived_expressions(kind, staged, constants), "VARCHAR")}
        select = typed_select(kind, staged, constants)
        if not _is_table(kind):  # the staged columns are fewer than those of the part, hence quicker to sort
            by = ", ".join(sort_keys(kind, staged, constants))
            source = f"(SELECT * FROM staged WHERE {good} ORDER BY {by})"
            return typed_select(kind, staged, constants, source), duplicates
    names = ", ".join(f'"{column.name}"' for column in PART_COLUMNS[kind])
    last = f" QUALIFY row_number() OVER (PARTITION BY {KEYS[kind]} ORDER BY row_no DESC) = 1" if _is_table(kind) else ""
    return f"SELECT {names} FROM ({select}) WHERE {good}{last} ORDER BY unit, {MAIN_TIME[kind]}, row_no", duplicates


def _good_rows(staging: Staging, kind: Kind) -> tuple[str, int]:
    """The condition of rows that are not refused and the last of their record; and how many were repeated."""
    good = "row_no NOT IN (SELECT row_no FROM bad)"
    if KEYS[kind] not in staging.columns:
        return good, 0
    order = f"row_number() OVER (PARTITION BY {KEYS[kind]} ORDER BY row_no DESC)"
    repeated = f"SELECT row_no FROM (SELECT row_no, {order} AS place FROM staged WHERE {good}) WHERE place > 1"
    duplicates = staging.query(f"SELECT count(*) FROM ({repeated})")[0][0]
    return (f"{good} AND row_no NOT IN ({repeated})" if duplicates else good), duplicates


def _is_table(kind: Kind) -> bool:
    """True for kinds whose record number is made of the row itself."""
    return kind in (Kind.COUNTS, Kind.CHANNELS, Kind.EXCLUSIONS)
