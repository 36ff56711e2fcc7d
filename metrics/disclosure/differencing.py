"""Numbers of one unit that were published before, over the same days or a part of them: what their difference tells.

A number that is safe by itself is not safe beside another one: the year less its first half, or the same year before
and after one case was left out. What changed by fewer than k answers is therefore told no closer than k around what was
told before.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from metrics.disclosure.small_cells import FOLLOW_UP_CODES, LEVEL_CODES, POINT_CODES, RATE_CODES, VOICE_CODES
from metrics.value import MetricValue

COUNTED = ("n_eligible", *LEVEL_CODES)
BY_THEMSELVES = frozenset((*FOLLOW_UP_CODES, *POINT_CODES))
Row = Mapping[str, MetricValue]


def near_earlier(
    values: Iterable[MetricValue], earlier: Sequence[Iterable[MetricValue]], k: int
) -> dict[tuple[str, str], list[MetricValue]]:
    """The numbers of citizens' answers that a reader of an earlier table must not learn exactly, by unit and code.

    Each comes with the values it may have: those within k answers of the earlier one; none for a count or a mean. All
    ratings of a unit go together when any count of a level, or the cases as a whole, differ by 1 to k - 1; a rate of
    follow-ups when its yes, its no or its whole do.

    >>> def rate(yes, n): return MetricValue("u", "2025", "H2", yes, n, yes / n, None, None, n)
    >>> found = near_earlier([rate(80, 100)], [[rate(79, 98)]], 10)
    >>> [v.numerator for v in found["u", "H2"]][:2], near_earlier([rate(80, 100)], [[rate(40, 50)]], 10)
    ([69.0, 70.0], {})
    """
    now, found = _rows(values), {}
    for table in earlier:
        for unit, before in _rows(table).items():
            row = now.get(unit, {})
            for code in _close(row, before, k) if row else ():
                found[unit, code] = _around(row[code], before[code], k)
    return found


def _rows(values: Iterable[MetricValue]) -> dict[str, dict[str, MetricValue]]:
    rows: dict[str, dict[str, MetricValue]] = {}
    for value in values:
        if value.unit is not None and value.group is None and not value.is_missing:
            rows.setdefault(value.unit, {})[value.metric] = value
    return rows


def _close(row: Row, before: Row, k: int) -> set[str]:
    both = row.keys() & before.keys() & VOICE_CODES
    close = {code for code in both & BY_THEMSELVES if _differs_little(row[code], before[code], k)}
    counts = [
        (row[code].value or 0.0) - (before[code].value or 0.0) for code in COUNTED if code in row and code in before
    ]
    if any(0 < abs(change) < k for change in counts):
        close |= both - BY_THEMSELVES
    return close


def _differs_little(now: MetricValue, before: MetricValue, k: int) -> bool:
    if now.metric in POINT_CODES or now.metric == "S6":
        return 0 < abs(now.n - before.n) < k
    yes = (now.numerator or 0.0) - (before.numerator or 0.0)
    whole = (now.denominator or 0.0) - (before.denominator or 0.0)
    return any(0 < abs(change) < k for change in (yes, whole, whole - yes))


def _around(now: MetricValue, before: MetricValue, k: int) -> list[MetricValue]:
    """The rates within k answers of the one told before; nothing where the number is no share of answers."""
    if (now.metric not in RATE_CODES and now.metric not in BY_THEMSELVES) or not before.denominator:
        return []
    if before.numerator is None or now.metric == "S6":
        return []
    whole = before.denominator
    yes = [min(max(round(before.numerator) + change, 0.0), whole) for change in range(-k, k + 1)]
    return [now.but(numerator=float(y), denominator=whole, value=y / whole, n=int(whole)) for y in dict.fromkeys(yes)]
