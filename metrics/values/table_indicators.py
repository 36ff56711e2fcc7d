"""X1–X10 of petition tables, C1–C3 of channels and what people checked, from the sums of `metrics.counting.aggregates`.

The X-codes round as the system they stem from: quotients half up to four places, products half down. Their numerator
and denominator are the exact counts, and the interval is that of the exact share.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_DOWN, ROUND_HALF_UP, Decimal

from metrics.counting.aggregates import CHANNEL_COUNTS, ROWS, TIME_UNIT, columns_of
from metrics.counting.count_table import CountTable
from metrics.statistics.interval import Z95, wilson
from metrics.value import Measured

CHANNELS = "channels"
READ_HERE, SQUARES = "read_here", "point_squares"  # of replies scored by a form of this program, not by a table
PLACES = Decimal("0.0001")
Numbers = Mapping[str, int]


@dataclass(frozen=True)
class Share:
    """The sum of some counts of one table by another."""

    table: str
    numerator: tuple[str, ...]
    denominator: tuple[str, ...]


@dataclass(frozen=True)
class Mean:
    """A mean of printed means, weighted by their cases, in the unit of the table."""

    table: str


@dataclass(frozen=True)
class Points:
    """The mean of summed points 0..100. Where every case was read here, the squares of its points give an interval."""

    table: str
    cases: str
    points: str


@dataclass(frozen=True)
class Product:
    """The product of two shares of the same denominator."""

    table: str
    first: Share
    second: Share


@dataclass(frozen=True)
class Faults:
    """The number of faults that an inspection wrote down; the unit `needs` something to be inspected on it."""

    table: str
    count: str
    needs: str | None = None


Indicator = Share | Mean | Points | Product | Faults


def _ratings(role: str) -> dict[str, Indicator]:
    """X8, X9 and X10 of one role, and the share of the satisfied among those who rated."""
    table, suffix = f"{role}rating", f".{role[:-1]}" if role else ""
    satisfied = (f"{role}rated_satisfied", f"{role}rated_basically")
    rated = (*satisfied, f"{role}rated_dissatisfied")
    base = (f"{role}total",)
    took_part = Share(table, rated, base)
    with_silence = Share(table, (*satisfied, f"{role}overdue_unrated"), base)
    return {
        f"X8{suffix}": took_part,
        f"X9{suffix}": with_silence,
        f"X9.raters{suffix}": Share(table, satisfied, rated),
        f"X10{suffix}": Product(table, took_part, with_silence),
    }


CODES: Mapping[str, Indicator] = {
    "X1": Share("accept", ("accept_on_time",), ("accept_total",)),
    "X2": Share("reply", ("reply_on_time",), ("reply_total",)),
    "X3": Mean("accept_time"),
    "X4": Mean("reply_time"),
    "X5": Share("contact", ("contact_recorded",), ("total",)),
    "X6": Share("repeat", ("first_repeated",), ("first_closed",)),
    "X7": Share("publication", ("replies_published",), ("messages_closed",)),
    **_ratings(""),
    **_ratings("office_"),
    **_ratings("handler_"),
    "H8": Share("checked", ("closures_untrue",), ("closures_checked",)),
    "S5": Share("bad_fixed", ("bad_ratings_fixed",), ("bad_ratings_due",)),
    "S8": Product(
        "rating",
        Share("rating", ("rated_satisfied", "rated_basically", "rated_dissatisfied"), ("total",)),
        Share("rating", ("rated_satisfied", "rated_basically", "overdue_unrated"), ("total",)),
    ),
    "S10": Share("bad_called", ("bad_ratings_called",), ("bad_ratings_valid",)),
    "Q1": Points("scored", "replies_scored", "reply_points"),
    "Q3": Share("perfunctory", ("perfunctory_confirmed",), ("replies_reviewed",)),
    "Q4": Share("off_topic", ("off_topic_confirmed",), ("replies_reviewed",)),
    "Q5": Share("promises", ("promises_kept",), ("promises_due",)),
    "W2.policy": Faults("faults_policy", "faults_policy"),
    "W2.replies": Faults("faults_replies", "faults_replies"),
    "W2.content": Faults("faults_content", "faults_content"),
    "W2.statistics": Faults("faults_statistics", "faults_statistics", needs="has_services"),
    "W2.service": Faults("faults_service", "faults_service", needs="has_services"),
    "C1": Share(CHANNELS, ("channels_fresh",), ("channels_dated",)),
    "C2": Share(CHANNELS, ("channels_usable",), ("channels_tested",)),
    "C3": Share(CHANNELS, ("calls_answered",), ("calls",)),
}


FAULT_CODES = frozenset(code for code, indicator in CODES.items() if isinstance(indicator, Faults))
NO_ROWS: Mapping[str, str] = {
    CHANNELS: "no_channel_checks", "checked": "no_random_checks", "bad_fixed": "no_bad_rating_calls",
    "bad_called": "no_bad_rating_calls", "scored": "no_scored_replies", "perfunctory": "no_reviewed_replies",
    "off_topic": "no_reviewed_replies", "promises": "no_checked_promises",
    **{f"faults_{part}": "not_inspected" for part in ("policy", "replies", "content", "statistics", "service")},
}  # fmt: skip
"""Why there is no value where nothing was counted; "no_aggregate_table" for the tables that are not named."""
ALSO_FROM_CASES = frozenset({"checked", "bad_fixed", "bad_called", "scored"})
"""Tables whose counts may come from cases as well, so that any split can be answered."""


def tables_needed(codes: list[str]) -> list[str]:
    """The tables that the codes read, in a fixed order; codes counted from cases read what may stand for cases.

    >>> tables_needed(["R5", "X8", "X10", "C1"])
    ['channels', 'rating']
    """
    return sorted({CODES[code].table for code in codes if code in CODES})


def counts_of(table: str) -> tuple[str, ...]:
    """The counts that the statement over a table gives."""
    return CHANNEL_COUNTS if table == CHANNELS else columns_of(table)


def column_name(table: str, count: str) -> str:
    """What a count of a table is called in a count table: `total` of one table is not that of another."""
    return f"{table}:{count}"


def measured(table: CountTable, code: str) -> list[Measured]:
    """What one code says about every key. A split that no table knows is a reason: tables are split by channel only."""
    indicator = CODES[code]
    names = (*counts_of(indicator.table), *((READ_HERE, SQUARES) if isinstance(indicator, Points) else ()))
    columns = [table.column(column_name(indicator.table, name)).tolist() for name in names]
    is_split = any(key[2] is not None and n for key, n in zip(table.keys, columns[0], strict=True))
    has_rows, rows = columns[names.index(ROWS)], zip(*columns, strict=True)
    is_refused = not is_split and indicator.table not in ALSO_FROM_CASES
    refused = Measured(None, reason="tables_not_split")
    absent = Measured(None, reason=NO_ROWS.get(indicator.table, "no_aggregate_table"))
    return [
        refused
        if key[2] is not None and is_refused
        else _one(code, indicator, dict(zip(names, row, strict=True)))
        if is_there
        else absent
        for key, is_there, row in zip(table.keys, has_rows, rows, strict=True)
    ]


def _one(code: str, indicator: Indicator, counts: Numbers) -> Measured:
    if isinstance(indicator, Faults):
        return _faults(indicator, counts)
    if isinstance(indicator, Points):
        return _mean_points(indicator, counts)
    if isinstance(indicator, Mean):
        return _mean(counts)
    if isinstance(indicator, Product):
        return _product(indicator, counts)
    return _share(indicator, counts, is_rounded=code.startswith("X"))


def _faults(faults: Faults, counts: Numbers) -> Measured:
    """Exact, without n: an inspection is no sample. A unit that has nothing of the kind is "not_applicable"."""
    if faults.needs is not None and not counts[faults.needs]:
        return Measured(None, reason="not_applicable")
    return Measured(float(counts[faults.count]))


def _sum(names: tuple[str, ...], counts: Numbers) -> int:
    return sum(counts[name] for name in names)


def _share(share: Share, counts: Numbers, *, is_rounded: bool) -> Measured:
    hits, base = _sum(share.numerator, counts), _sum(share.denominator, counts)
    reason = _why_no_share(share, hits, base)
    if reason is not None:
        return Measured(None, reason=reason, numerator=hits, denominator=base)
    low, high = wilson(hits, base)
    value = float(_quotient(hits, base)) if is_rounded else hits / base
    return Measured(value, low, high, base, None, hits, base)


def _why_no_share(share: Share, hits: int, base: int) -> str | None:
    if not base:
        return "not_recorded" if share.table == CHANNELS else "table_counts_none"
    return "counts_contradict" if hits > base else None


def _product(product: Product, counts: Numbers) -> Measured:
    """Without an interval: the two shares are of the same people and not independent."""
    parts = [_share(share, counts, is_rounded=True) for share in (product.first, product.second)]
    for part in parts:
        if part.reason is not None:
            return Measured(None, reason=part.reason)
    (hits, base), (others, _) = ((_sum(s.numerator, counts), _sum(s.denominator, counts))
                                 for s in (product.first, product.second))  # fmt: skip
    value = (_quotient(hits, base) * _quotient(others, base)).quantize(PLACES, ROUND_HALF_DOWN)
    return Measured(float(value), None, None, base, None, hits * others, base * base)


def _mean_points(points: Points, counts: Numbers) -> Measured:
    """Without the squares of every case there is no interval: a sum says nothing of how the points spread."""
    cases, scored = counts[points.cases], counts[points.points]
    if not cases:
        return Measured(None, reason="table_counts_none", denominator=0)
    if scored > 100 * cases * TIME_UNIT:
        return Measured(None, reason="counts_contradict", numerator=scored / TIME_UNIT, denominator=cases)
    mean, low, high = scored / TIME_UNIT / cases, None, None
    if counts[READ_HERE] == cases and cases > 1:
        spread = max(counts[SQUARES] / TIME_UNIT - cases * mean**2, 0.0) / (cases - 1)
        half = Z95 * math.sqrt(spread / cases)
        low, high = max(0.0, mean - half), min(100.0, mean + half)
    return Measured(mean, low, high, cases, None, scored / TIME_UNIT, cases)


def _mean(counts: Numbers) -> Measured:
    """No interval: a table says nothing of how its cases spread."""
    cases, weighted = counts["total"], counts["weighted"]
    if not cases:
        return Measured(None, reason="table_counts_none", denominator=0)
    value = float(_quotient(weighted, cases * TIME_UNIT))
    return Measured(value, None, None, cases, None, weighted / TIME_UNIT, cases)


def _quotient(numerator: int, denominator: int) -> Decimal:
    """Half up to four places.

    >>> str(_quotient(60, 65))
    '0.9231'
    """
    return (Decimal(numerator) / Decimal(denominator)).quantize(PLACES, ROUND_HALF_UP)
