"""The stored columns as SQLAlchemy Core descriptions, for `metrics` to write statements over. No model, no engine."""

from __future__ import annotations

from sqlalchemy import BigInteger, DateTime, Double, Integer, SmallInteger, String, TableClause, column, table
from sqlalchemy.types import TypeEngine

from records.vocabulary import (
    ANSWER_COLUMNS,
    CASE_COLUMNS,
    CURRENT_COLUMNS,
    FEATURE_COLUMNS,
    PART_COLUMNS,
    PRINT_COLUMNS,
    Column,
    ColumnType,
    Kind,
)

TYPES: dict[ColumnType, type[TypeEngine]] = {
    ColumnType.TEXT: String,
    ColumnType.TIME: DateTime,
    ColumnType.SMALL: SmallInteger,
    ColumnType.INTEGER: Integer,
    ColumnType.BIG: BigInteger,
    ColumnType.REAL: Double,
}


def describe(name: str, columns: tuple[Column, ...]) -> TableClause:
    """A view of this name with typed columns.

    >>> str(describe("t", (Column("unit", ColumnType.TEXT),)).c.unit)
    't.unit'
    """
    return table(name, *(column(c.name, TYPES[c.type]()) for c in columns))


CASES = describe("cases", CASE_COLUMNS)
CURRENT = describe("current_cases", CURRENT_COLUMNS)
RECORDED = describe("recorded", (
    Column("register", ColumnType.TEXT),
    *(Column(f"records_{event}", ColumnType.BIG) for event in ("sign", "contact", "reply", "close", "due")),
))  # fmt: skip
"""Which events a register ever names, 0 or 1."""
ANSWERS = describe("answers", ANSWER_COLUMNS)
FEATURES = describe("features", FEATURE_COLUMNS)
PRINTS = describe("prints", PRINT_COLUMNS)
COUNTS = describe("counts", PART_COLUMNS[Kind.COUNTS])
CHANNELS = describe("channels", PART_COLUMNS[Kind.CHANNELS])

_FACT_TEXT = ("register", "case_no", "unit", "channel", "case_type", "urgency", "category", "resolved",
              "reply_fingerprint")  # fmt: skip
_FACT_NUMBERS = (
    "batch",
    "month",  # of receipt, year × 100 + month
    "received_day",  # days since 1970-01-01
    "closed_day",  # null where the case was opened again
    "closing_day",  # of the first closing, whatever came after
    "is_excluded", "is_duplicate", "is_withdrawn", "is_not_responsible", "is_replied", "is_closed", "is_dispatched",
    "is_published", "is_public_known", "is_unanswered_3_months", "is_returned", "is_extended", "is_suspended",
    "is_rework", "is_claimed_resolved", "is_claimed_partly", "is_outcome_known", "is_repeated", "is_repeat_watched",
    "is_return_known", "is_extension_known", "is_suspension_known", "is_exclusion_known", "is_rework_known",
    "is_date_only", "is_contradictory",
    "contacted", "valid_follow_up", "rating", "rating_scale", "manner_grade", "speed_grade",
    "n_returns", "cells_required", "cells_filled",
)  # fmt: skip
CLOCKS = ("sign", "contact", "reply", "close")
_CLOCK_NUMBERS = ("ended", "seconds", "calendar_seconds", "strict", "allowed")

_BIG_NUMBERS = ("batch", "month", "received_day", "closed_day", "closing_day")


def _clock_type(name: str) -> ColumnType:
    return ColumnType.BIG if name.endswith("seconds") else ColumnType.SMALL


def _number_type(name: str) -> ColumnType:
    if name in _BIG_NUMBERS:
        return ColumnType.BIG
    return ColumnType.INTEGER if name == "n_returns" else ColumnType.SMALL


FACT_COLUMNS: tuple[Column, ...] = (
    *(Column(name, ColumnType.TEXT) for name in _FACT_TEXT),
    *(Column(name, _number_type(name)) for name in _FACT_NUMBERS),
    *(Column(f"{clock}_{name}", _clock_type(name)) for clock in CLOCKS for name in _CLOCK_NUMBERS),
    *(Column(f"{clock}_{name}", ColumnType.BIG) for clock in ("reply", "close") for name in ("used", "limit")),
)
"""One row per case as it stands now: 0/1 flags, seconds of each clock, and its standing against the limit (0 no limit
or not decidable, 1 met, 2 missed, 3 open past due, 4 open and not yet due). `ended` 0 means censored at the cut-off.
`used` and `limit` are in the limit's own measure (working days, seconds)."""

FACTS = describe("facts", FACT_COLUMNS)
