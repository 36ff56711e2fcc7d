"""Rates of cases where a unit handed in a table of counts instead: the same formula over the sums of the table.

Rows of cases come first, because they can be opened; a table counts for a unit and period only where its cases give
the rate no denominator. All parts of a rate come from one and the same row of a table. A plain count comes from a table
where the unit has no case in the period.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from metrics.counting.aggregates import ROWS
from metrics.counting.count_table import CountTable
from metrics.counting.rates import COUNTS, Rate, rates
from metrics.values.table_indicators import column_name

Sum = Mapping[str, int]  # columns of a table with their weights


@dataclass(frozen=True)
class Twin:
    """A table that can stand for counts of cases, and what each count is there; other counts are 0."""

    table: str
    counts: Mapping[str, Sum]


FOLLOW_UP = Twin("follow_up", {
    "v": {"valid_follow_ups": 1}, "v_contacted": {"contacted": 1}, "v_resolved": {"resolved": 1},
    "v_satisfied": {"satisfied": 1}, "v_basic": {"basically_satisfied": 1},
})  # fmt: skip
RATING = Twin("rating", {
    "n_eligible": {"total": 1}, "rating_4": {"rated_satisfied": 1}, "rating_3": {"rated_basically": 1},
    "rating_2": {"rated_dissatisfied": 1},
})  # fmt: skip
INTAKE = Twin("intake", {"n_eligible": {"received": 1}, "e_closed": {"closed": 1}})
MESSAGES = Twin("messages", {"n_eligible": {"messages_received": 1}, "e_closed": {"messages_closed": 1}})
PUBLICATION = Twin("publication", {"e_replied": {"messages_closed": 1}, "e_published": {"replies_published": 1}})
REPLY = Twin("reply", {"reply_strict_met": {"reply_on_time": 1},
                       "reply_strict_missed": {"reply_total": 1, "reply_on_time": -1}})  # fmt: skip
TWINS: Mapping[str, tuple[Twin, ...]] = {
    **dict.fromkeys(("R2", "H2", "S1a", "S1a.satisfied", "S1a.basic"), (FOLLOW_UP,)),
    **dict.fromkeys(("S1c", "S1d", "S1e", "S2", "S3", "S4"), (RATING,)),
    "H9": (INTAKE, MESSAGES), "R6": (PUBLICATION,), "R4": (REPLY,), "R4.strict": (REPLY,),
}  # fmt: skip
"""The rates that tables can give; of several tables the first that the unit handed in."""
COUNT_TWINS: Mapping[str, tuple[Twin, ...]] = {
    "n_received": (Twin("intake", {"n_received": {"received": 1}}),
                   Twin("messages", {"n_received": {"messages_received": 1}})),
    "n_closed": (Twin("intake", {"n_closed": {"closed": 1}}), Twin("messages", {"n_closed": {"messages_closed": 1}})),
    "n_follow_up": (FOLLOW_UP,),
    "n_rated": (RATING,),
}  # fmt: skip
"""The plain counts that tables can give."""
INSTEAD_OF_CASES = ("intake", "messages", "follow_up", "rating")
"""Tables that sum up cases: where a unit handed in one of them and no case, a count of 0 cases would be untrue."""
ONLY_IN_TABLES = "only_in_tables"


def twin_tables(codes: Collection[str]) -> set[str]:
    """The tables that may stand for cases of these codes.

    >>> sorted(twin_tables(["H9", "R5"]))
    ['intake', 'messages']
    """
    of_counts = INSTEAD_OF_CASES if any(code in COUNTS for code in codes) else ()
    return {*of_counts, *(twin.table for code in codes for twin in TWINS.get(code, ()))}


def names_of(code: str) -> tuple[str, str]:
    """What the parts that come from tables are called in a count table: of a rate both, of a count the count and in how
    many units it was taken."""
    return f"twin_numerator:{code}", f"twin_denominator:{code}"


def with_twins(table: CountTable, codes: Collection[str], basically_satisfied: float, partly: float) -> CountTable:
    """The table with the parts of each rate that come from tables, of units and in the totals."""
    wanted = [code for code in codes if any(_has(table, twin) for twin in TWINS.get(code, ()))]
    is_own = np.array([unit is not None for unit, _, _ in table.keys])
    definitions, added = rates(basically_satisfied, partly), _counts(table, codes, is_own)
    for code in wanted:
        hits, base = _parts(table, definitions[code], TWINS[code], is_own)
        for name, column in zip(names_of(code), (hits, base), strict=True):
            added[name] = _with_totals(table, column)
    return replace(table, counts={**table.counts, **added})


def _counts(table: CountTable, codes: Collection[str], is_own: np.ndarray) -> dict[str, np.ndarray]:
    """Counts of tables for units without a case in the period, and the mark of such units."""
    told = [name for name in INSTEAD_OF_CASES if table.has_recorded(column_name(name, ROWS))]
    wanted = [code for code in codes if code in COUNTS]
    if not told or not wanted:
        return {}
    rows = np.sum([table.column(column_name(name, ROWS)) for name in told], axis=0)
    is_free = is_own & (table.column("n_received") == 0)
    added = {ONLY_IN_TABLES: _with_totals(table, is_free & (rows > 0))}
    for code in wanted:
        count, used = np.zeros(len(table.keys)), np.zeros(len(table.keys), bool)
        for twin in COUNT_TWINS.get(code, ()):
            is_used = is_free & ~used & (table.column(column_name(twin.table, ROWS)) > 0)
            count, used = np.where(is_used, _sum(table, twin, COUNTS[code]), count), used | is_used
        for name, column in zip(names_of(code), (count, used), strict=True):
            added[name] = _with_totals(table, column)
    return added


def _has(table: CountTable, twin: Twin) -> bool:
    return table.has_recorded(column_name(twin.table, ROWS))


def _parts(table: CountTable, rate: Rate, twins: Collection[Twin], is_own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numerator and denominator from the first table of each unit and period whose cases give none."""
    is_recorded = rate.recorded is None or table.has_recorded(rate.recorded)
    cases = sum(weight * table.column(name) for weight, name in rate.denominator)
    is_free = is_own & ((cases == 0) if is_recorded else True)
    hits, base = np.zeros(len(table.keys)), np.zeros(len(table.keys))
    for twin in twins:
        above, below = (_sum(table, twin, terms) for terms in (rate.numerator, rate.denominator))
        is_used = is_free & (base == 0) & (below > 0) & (above >= 0) & (above <= below)
        hits, base = np.where(is_used, above, hits), np.where(is_used, below, base)
    return hits, base


def _sum(table: CountTable, twin: Twin, terms: Collection[tuple[float, str]]) -> np.ndarray:
    found = np.zeros(len(table.keys))
    for weight, name in terms:
        for column, sign in twin.counts.get(name, {}).items():
            found = found + weight * sign * table.column(column_name(twin.table, column))
    return found


def _with_totals(table: CountTable, own: np.ndarray) -> np.ndarray:
    totals: dict[tuple[str, str | None], float] = {}
    for (unit, label, split), value in zip(table.keys, own.tolist(), strict=True):
        if unit is not None:
            totals[label, split] = totals.get((label, split), 0.0) + value
    return np.array([
        totals.get((label, split), 0.0) if unit is None else value
        for (unit, label, split), value in zip(table.keys, own.tolist(), strict=True)
    ])  # fmt: skip
