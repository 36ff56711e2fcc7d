"""Counts to metric values: the one place of division. Rounding happens at display, not here.

Rates are divided for all keys of a table at once; only the values themselves are made one by one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from metrics import comparative, survival, table_indicators
from metrics.count_table import CountTable, GroupedTimes, Key, Times
from metrics.interval import Z95, wilson_arrays
from metrics.rates import COUNTS, Rate, Terms, rates
from metrics.table_twins import names_of
from metrics.value import Measured, MetricValue

CLOCK_OF = {"R3": ("reply", True), "R3c": ("reply", False), "H1": ("close", True), "H1c": ("close", False)}
TIME_KINDS = ("median", "p90", "mean", "median_km", "p90_km", "rmst")
TIME_CODES = tuple(f"{clock}.{kind}" for clock in CLOCK_OF for kind in TIME_KINDS)
RATIO_OF = {"R3.ratio": "reply", "H1.ratio": "close"}
POINT_CODES = ("S6", "S9", "S9.manner", "S9.speed")
TAU_HOURS = {True: 182.0, False: 624.0}  # twice thirteen working days of seven hours; 26 days
RECORDS_CLOCK = {"reply": "known_reply_clock", "close": "known_close_clock"}
LEFT_OUT = {"n_excluded": "excluded", "n_duplicate": "duplicate", "n_withdrawn": "withdrawn",
            "n_not_responsible": "not_responsible"}  # fmt: skip
"""Counts of cases outside the denominators, and what each is called in an answer."""
THIRD_PARTY = ("weight", "steps", "squares", "weight_squares")


@dataclass(frozen=True)
class Options:
    """Weights and horizons a scheme may set."""

    basically_satisfied: float = 1.0
    partly: float = 0.0
    tau_hours: Mapping[bool, float] = field(default_factory=lambda: TAU_HOURS)


def all_codes() -> list[str]:
    """Every code this module can compute, counts first."""
    return [*COUNTS, *rates(), "R3", *TIME_CODES, *RATIO_OF, *POINT_CODES, *table_indicators.CODES, *comparative.CODES]


def clocks_of(codes: Iterable[str]) -> list[tuple[str, bool]]:
    """The clocks whose times the codes need: name, and whether in working time."""
    return sorted({CLOCK_OF[code.split(".")[0]] for code in codes if code == "R3" or code in TIME_CODES})


def clock_of_rate(code: str) -> str:
    """The clock and kind whose standings an on-time rate counts, "" for every other code.

    >>> clock_of_rate("R4.allowed"), clock_of_rate("H1"), clock_of_rate("R5")
    ('reply_allowed', 'close_strict', '')
    """
    name, _, kind = code.partition(".")
    clock = {"R1": "sign", "R4": "reply", "H1": "close"}.get(name, "")
    return f"{clock}_{kind or 'strict'}" if clock and kind in ("", "strict", "allowed") else ""


def is_of_tables(code: str) -> bool:
    """Whether a code reads aggregate tables or checks, which leave out no cases."""
    return code in table_indicators.CODES


def counts_needed(codes: Iterable[str]) -> frozenset[str]:
    """The names of the counts that the codes read."""
    needed, definitions = {"n_received", "n_eligible", *LEFT_OUT}, rates()
    for code in codes:
        if code in COUNTS:
            needed.update(name for _, name in COUNTS[code])
        elif code in definitions:
            rate = definitions[code]
            needed.update(name for _, name in (*rate.numerator, *rate.denominator))
            needed.update([rate.recorded] if rate.recorded else [])
            clock = clock_of_rate(code)
            needed.update((f"{clock}_not_due", f"{clock}_no_limit") if clock else ())
        elif code == "S6":
            needed.update(("third_party_answers", *(f"third_party_{n}_{s}" for n in THIRD_PARTY for s in (3, 5))))
        elif code in comparative.CODES:
            needed.update(comparative.NEEDED[code])
        elif code in table_indicators.CODES:
            continue  # counted apart, and only when asked for
        elif code in POINT_CODES:
            needed.update(f"{grade}_{level}" for grade in _grades(code) for level in range(1, 6))
        else:
            needed.add(RECORDS_CLOCK[_clock_of(code)[0]])
    return frozenset(needed)


def metric_values(
    table: CountTable, codes: Iterable[str] | None = None, options: Options | None = None
) -> list[MetricValue]:
    """The values of every key and code; raises KeyError for a code that is not computed here."""
    options = options or Options()
    definitions = rates(options.basically_satisfied, options.partly)
    curves: dict[Any, list[survival.Curve | None]] = {}
    values: list[MetricValue] = []
    for code in codes or all_codes():
        if code in COUNTS:
            values += _count_values(table, code)
        elif code in definitions:
            values += _with_means(_rate_values(table, code, definitions[code]))
        elif code in table_indicators.CODES:
            values += _with_means(_values(table.keys, code, table_indicators.measured(table, code)))
        elif code in comparative.CODES:
            found = comparative.measured(table, code, options.basically_satisfied)
            values += _with_means(_values(table.keys, code, found))
        elif code in POINT_CODES:
            values += _with_means(_values(table.keys, code, [_points(c, code) for c in _count_rows(table, code)]))
        else:
            values += _with_means(_time_values(table, code, options, curves))
    return values


def _clock_of(code: str) -> tuple[str, bool]:
    name, _, kind = code.partition(".")
    if code in RATIO_OF:
        return RATIO_OF[code], False
    if name not in CLOCK_OF or (kind or "median") not in TIME_KINDS:
        raise KeyError(code)
    return CLOCK_OF[name]


def _total_of(key: Key) -> str | None:
    return "pooled" if key[0] is None else None


def _values(
    keys: Sequence[Key], code: str, measured: Sequence[Measured], coverage: Sequence[float | None] | None = None
) -> list[MetricValue]:
    shares = coverage if coverage is not None else [None] * len(keys)
    return [
        MetricValue(
            key[0], key[1], code, m.numerator, m.denominator, m.value, m.low, m.high, m.n, m.reason, key[2],
            None if m.value is None else share, total=_total_of(key),
        )
        for key, m, share in zip(keys, measured, shares, strict=True)
    ]  # fmt: skip


def _sum(table: CountTable, terms: Terms) -> np.ndarray:
    """The weighted sum of counts; whole numbers stay whole."""
    if all(float(weight).is_integer() for weight, _ in terms):
        return np.sum([int(weight) * table.column(name) for weight, name in terms], axis=0)
    return np.sum([weight * table.column(name) for weight, name in terms], axis=0)


def _plain(numbers: np.ndarray) -> list[float]:
    """As Python numbers, whole ones as int."""
    if numbers.dtype.kind != "f":
        return numbers.tolist()
    return [int(value) if value.is_integer() else value for value in numbers.tolist()]


def _count_values(table: CountTable, code: str) -> list[MetricValue]:
    values, received = _plain(_sum(table, COUNTS[code])), table.column("n_received").tolist()
    return [
        MetricValue(key[0], key[1], code, value, None, value, None, None, int(n), None, key[2], total=_total_of(key))
        for key, value, n in zip(table.keys, values, received, strict=True)
    ]


def _rate_values(table: CountTable, code: str, rate: Rate) -> list[MetricValue]:
    hits, base = (table.column(name) for name in names_of(code))
    is_recorded = rate.recorded is None or table.has_recorded(rate.recorded)
    if not is_recorded and not base.any():
        return _values(table.keys, code, [Measured(None, reason=rate.unrecorded)] * len(table.keys))
    numerator, denominator = (_sum(table, terms) * is_recorded for terms in (rate.numerator, rate.denominator))
    sources = _sources(base, denominator)
    numerator, denominator = numerator + hits, denominator + base
    has_cases = denominator > 0
    n = np.where(has_cases, denominator, 1)
    low, high = wilson_arrays(np.clip(numerator, 0, n), n)
    received = table.column("n_received")
    with np.errstate(divide="ignore", invalid="ignore"):
        covered = np.where(received > 0, np.minimum(1.0, denominator / received), np.nan)
    columns = (has_cases, _plain(numerator), _plain(denominator), numerator / n, low, high, covered)
    rows = zip(table.keys, *(c if isinstance(c, list) else c.tolist() for c in columns), strict=True)
    reason = rate.reason if is_recorded else rate.unrecorded
    values = [
        MetricValue(unit, period, code, x, d, value, below, above, int(d), None, split,
                    None if code == "T1" or share != share else share, total="pooled" if unit is None else None)
        if known
        else MetricValue(unit, period, code, x, d, None, None, None, 0, reason, split,
                         total="pooled" if unit is None else None)
        for (unit, period, split), known, x, d, value, below, above, share in rows
    ]  # fmt: skip
    return [replace(v, source=s) for v, s in zip(values, sources, strict=True)] if sources else values


def _sources(base: np.ndarray, denominator: np.ndarray) -> list[str | None]:
    """What each value comes from where tables stand for cases; empty where none does."""
    if not base.any():
        return []
    names = {(True, False): "tables", (True, True): "cases+tables"}
    pairs = zip((base > 0).tolist(), (denominator > 0).tolist(), strict=True)
    return [names.get(pair) for pair in pairs]


def _time_values(
    table: CountTable, code: str, options: Options, curves: dict[Any, list[survival.Curve | None]]
) -> list[MetricValue]:
    """Times of one clock, or shares of its limit; `curves` keeps what several codes of a clock share."""
    clock, in_working_time = _clock_of(code)
    kind = "ratio" if code in RATIO_OF else code.partition(".")[2] or "median"
    source = table.ratios.get(clock) if kind == "ratio" else table.times.get((clock, in_working_time))
    eligible = table.column("n_eligible").tolist()
    reasons = _no_time_reasons(table, clock, in_working_time and kind != "ratio")
    places = range(len(table.keys))
    parts = [source.of(place) if source else None for place in places]
    if kind in ("median", "p90", "mean"):
        found = [_closed_time(kind, t) if t else Measured(None, reason=reasons[i]) for i, t in enumerate(parts)]
    else:
        name = (clock, in_working_time, kind == "ratio")
        if name not in curves:
            curves[name] = [survival.kaplan_meier(t.seconds, t.ended, t.weight) if t else None for t in parts]
        tau = options.tau_hours[in_working_time] * 3600
        found = [
            _waiting_time(kind, curve, int(t.weight.sum()), tau) if t and curve else Measured(None, reason=reasons[i])
            for i, (t, curve) in enumerate(zip(parts, curves[name], strict=True))
        ]
    cases = [int(t.weight.sum()) if t else 0 for t in parts]
    coverage = [min(1.0, n / e) if e else None for n, e in zip(cases, eligible, strict=True)]
    return _values(table.keys, code, found, coverage)


def _no_time_reasons(table: CountTable, clock: str, in_working_time: bool) -> list[str]:
    """Why a key has no times: the source does not record them, the calendar is not published, or there are none."""
    if not table.has_recorded(RECORDS_CLOCK[clock]):
        return ["not_recorded"] * len(table.keys)
    by_calendar: GroupedTimes | None = table.times.get((clock, False)) if in_working_time else None
    if by_calendar is None:
        return ["no_times"] * len(table.keys)
    return ["calendar_not_published" if size else "no_times" for size in np.diff(by_calendar.bounds).tolist()]


def _waiting_time(kind: str, curve: survival.Curve, cases: int, tau: float) -> Measured:
    """Quantile or restricted mean in hours with open cases counted as still waiting; a ratio is in shares."""
    if kind == "rmst":
        mean, error = survival.restricted_mean(curve, tau)
        return Measured(mean / 3600, (mean - Z95 * error) / 3600, (mean + Z95 * error) / 3600, cases, denominator=cases)
    value, low, high = survival.quantile(curve, 0.9 if kind == "p90_km" else 0.5)
    if value == survival.NOT_REACHED:
        return Measured(None, n=cases, reason="not_reached", denominator=cases)
    measure = 1 if kind == "ratio" else 3600
    below, above = (None if math.isinf(bound) else bound / measure for bound in (low, high))
    return Measured(value / measure, below, above, cases, denominator=cases)


def _closed_time(kind: str, times: Times) -> Measured:
    """Median, P90 and mean of the cases that ended; open ones are outside, which is why the _km twins exist."""
    ended = times.ended == 1
    seconds, weight = times.seconds[ended], times.weight[ended]
    n = int(weight.sum())
    if not n:
        return Measured(None, reason="none_ended")
    if kind == "mean":
        mean = math.fsum((seconds * weight).tolist()) / n
        # fsum, for the rows come in any order and the last digit must not depend on it.
        spread = math.fsum((weight * (seconds - mean) ** 2).tolist()) / max(n - 1, 1)
        half = Z95 * math.sqrt(spread / n)
        return Measured(mean / 3600, (mean - half) / 3600, (mean + half) / 3600, n, denominator=n)
    q = 0.5 if kind == "median" else 0.9
    order = np.argsort(seconds, kind="stable")
    ranked, cumulative = seconds[order], weight[order].cumsum()
    ranks = (max(math.ceil(q * n - 1e-9), 1), *survival.order_interval(n, q))
    value, low, high = (float(ranked[np.searchsorted(cumulative, rank)]) / 3600 for rank in ranks)
    return Measured(value, low, high, n, denominator=n)


def _grades(code: str) -> list[str]:
    return [grade for grade in ("manner", "speed") if code in ("S9", f"S9.{grade}")]


def _count_rows(table: CountTable, code: str) -> list[dict[str, float]]:
    """One mapping per key with the counts that a score in points reads."""
    names = sorted(counts_needed([code]))
    columns = [table.column(name).tolist() for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _points(counts: Mapping[str, float], code: str) -> Measured:
    if code == "S6":
        return _sample_mean(counts)
    means, n = [], 0
    for grade in _grades(code):
        levels = [counts[f"{grade}_{level}"] for level in range(1, 6)]
        if sum(levels):
            means.append(_mean_points(levels))
            n = max(n, int(sum(levels)))
    if not means:
        return Measured(None, reason="no_ratings")
    value = sum(mean for mean, _ in means) / len(means)
    half = Z95 * math.sqrt(sum(error**2 for _, error in means)) / len(means)
    return Measured(value, max(0.0, value - half), min(100.0, value + half), n, denominator=n)


def _mean_points(levels: Sequence[float]) -> tuple[float, float]:
    """Mean of (x-1)/4 × 100 and its standard error from the counts of levels 1..5."""
    n = sum(levels)
    points = [25.0 * i for i in range(5)]
    mean = sum(p * c for p, c in zip(points, levels, strict=True)) / n
    spread = sum(c * (p - mean) ** 2 for p, c in zip(points, levels, strict=True)) / n
    return mean, math.sqrt(spread / n)


def _sample_mean(counts: Mapping[str, float]) -> Measured:
    """Weighted mean of independent answers in points 0..100; the interval uses Kish's effective sample size."""
    weight = points = squares = weight_squares = 0.0
    for scale, step in ((5, 25.0), (3, 50.0)):
        weight += counts[f"third_party_weight_{scale}"]
        points += counts[f"third_party_steps_{scale}"] * step
        squares += counts[f"third_party_squares_{scale}"] * step**2
        weight_squares += counts[f"third_party_weight_squares_{scale}"]
    if not weight:
        return Measured(None, reason="no_independent_sample")
    mean = points / weight
    effective = weight**2 / weight_squares
    half = Z95 * math.sqrt(max(squares / weight - mean**2, 0.0) / effective)
    low, high = max(0.0, mean - half), min(100.0, mean + half)
    n = int(counts["third_party_answers"])
    return Measured(mean, low, high, n, numerator=points / 10_000, denominator=weight / 10_000)


def _with_means(values: list[MetricValue]) -> list[MetricValue]:
    """The values and, beside each pooled total, the mean of the units: a summary row may mean either."""
    groups: dict[tuple[str, str | None], list[float]] = {}
    for value in values:
        if value.unit is not None and value.value is not None:
            groups.setdefault((value.period, value.group), []).append(value.value)
    pooled = [value for value in values if value.total == "pooled"]
    return values + [mean_of_units(value, groups.get((value.period, value.group), [])) for value in pooled]


def mean_of_units(pooled: MetricValue, known: Sequence[float]) -> MetricValue:
    """The plain mean of the units' values beside their pooled total; `n` is the number of units that have one."""
    value = sum(known) / len(known) if known else None
    reason = None if known else (pooled.reason or "no_units_with_a_value")
    return MetricValue(None, pooled.period, pooled.metric, None, None, value, None, None, len(known), reason,
                       pooled.group, total="mean_of_units")  # fmt: skip
