"""Counts to metric values: the one place of division. Rounding happens at display, not here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from metrics import survival
from metrics.interval import Z95, wilson
from metrics.rates import COUNTS, Rate, rates
from metrics.value import MetricValue

Key = tuple[str | None, str, str | None]  # unit (None: total), period label, split
CLOCK_OF = {"R3": ("reply", True), "R3c": ("reply", False), "H1": ("close", True), "H1c": ("close", False)}
TIME_KINDS = ("median", "p90", "mean", "median_km", "p90_km", "rmst")
TIME_CODES = tuple(f"{clock}.{kind}" for clock in CLOCK_OF for kind in TIME_KINDS)
RATIO_OF = {"R3.ratio": "reply", "H1.ratio": "close"}
POINT_CODES = ("S6", "S9", "S9.manner", "S9.speed")
TAU_HOURS = {True: 182.0, False: 624.0}  # twice thirteen working days of seven hours; 26 days


@dataclass(frozen=True)
class Times:
    """Cases by time taken: seconds, 1 ended or 0 still running, number of cases."""

    seconds: np.ndarray
    ended: np.ndarray
    weight: np.ndarray


@dataclass(frozen=True)
class Options:
    """Weights and horizons a scheme may set."""

    basically_satisfied: float = 1.0
    partly: float = 0.0
    tau_hours: Mapping[bool, float] = field(default_factory=lambda: TAU_HOURS)


@dataclass(frozen=True)
class CountTable:
    """The integers of one answer: counts and time histograms by key, over these units and periods."""

    keys: list[Key]
    counts: Mapping[Key, Mapping[str, float]]
    times: Mapping[tuple[str, bool], Mapping[Key, Times]]
    ratios: Mapping[str, Mapping[Key, Times]] = field(default_factory=dict)

    def recorded(self, name: str) -> bool:
        """Whether any source says anything about this matter."""
        return any(row.get(name, 0) for row in self.counts.values())


def all_codes() -> list[str]:
    """Every code this module can compute, counts first."""
    return [*COUNTS, *rates(), "R3", *TIME_CODES, *RATIO_OF, *POINT_CODES]


def metric_values(
    table: CountTable, codes: Iterable[str] | None = None, options: Options | None = None
) -> list[MetricValue]:
    """The values of every key and code; raises KeyError for a code that is not computed here."""
    options = options or Options()
    definitions = rates(options.basically_satisfied, options.partly)
    recorded = {name: table.recorded(name) for name in {r.recorded for r in definitions.values() if r.recorded}}
    values: list[MetricValue] = []
    for code in codes or all_codes():
        if code in COUNTS:
            values += [_count(table, key, code) for key in table.keys]
        elif code in definitions:
            rate = definitions[code]
            is_recorded = rate.recorded is None or recorded[rate.recorded]
            values += _with_means([_rate(table, key, code, rate, is_recorded) for key in table.keys])
        elif code in RATIO_OF:
            values += _with_means([_ratio(table, key, code) for key in table.keys])
        elif code in POINT_CODES:
            values += _with_means([_points(table, key, code) for key in table.keys])
        else:
            values += _with_means([_time(table, key, code, options) for key in table.keys])
    return values


def missing(key: Key, code: str, reason: str, n: int = 0, **parts: float | None) -> MetricValue:
    """A value that is not there, and why."""
    unit, period, split = key
    total = "pooled" if unit is None else None
    return MetricValue(
        unit, period, code, parts.get("numerator"), parts.get("denominator"), None, None, None, n, reason, split,
        total=total,
    )  # fmt: skip


def _present(
    key: Key, code: str, value: float, bounds: tuple[float | None, float | None], n: int, **parts: float | None
) -> MetricValue:
    unit, period, split = key
    return MetricValue(
        unit, period, code, parts.get("numerator"), parts.get("denominator"), value, *bounds, n, None, split,
        parts.get("coverage"), total="pooled" if unit is None else None,
    )  # fmt: skip


def _count(table: CountTable, key: Key, code: str) -> MetricValue:
    counts = table.counts[key]
    value = sum(counts.get(name, 0) for _, name in COUNTS[code])
    return _present(key, code, value, (None, None), int(counts.get("n_received", 0)), numerator=value)


def _rate(table: CountTable, key: Key, code: str, rate: Rate, is_recorded: bool) -> MetricValue:
    if not is_recorded:
        return missing(key, code, "not_recorded")
    counts = table.counts[key]
    numerator, denominator = rate.parts(counts)
    if denominator <= 0:
        return missing(key, code, rate.reason, numerator=numerator, denominator=denominator)
    bounds = wilson(min(max(numerator, 0), denominator), denominator)
    received = counts.get("n_received", 0)
    coverage = min(1.0, denominator / received) if received and code != "T1" else None
    return _present(
        key, code, numerator / denominator, bounds, int(denominator), numerator=numerator, denominator=denominator,
        coverage=coverage,
    )  # fmt: skip


def _covered(counts: Mapping[str, float], cases: int) -> float | None:
    """Share of the eligible cases behind a time."""
    eligible = counts.get("n_eligible", 0)
    return min(1.0, cases / eligible) if eligible else None


def _time(table: CountTable, key: Key, code: str, options: Options) -> MetricValue:
    name, _, kind = code.partition(".")
    kind = kind or "median"
    if name not in CLOCK_OF or kind not in TIME_KINDS:
        raise KeyError(code)
    clock, in_working_time = CLOCK_OF[name]
    times = table.times.get((clock, in_working_time), {}).get(key)
    if times is None or not len(times.seconds):
        return missing(key, code, _no_time(table, key, clock, in_working_time))
    cases = int(times.weight.sum())
    coverage = _covered(table.counts[key], cases)
    if kind in ("median", "p90", "mean"):
        return replace(_closed_time(key, code, kind, times), coverage=coverage)
    curve = survival.kaplan_meier(times.seconds, times.ended, times.weight)
    if kind == "rmst":
        tau = options.tau_hours[in_working_time] * 3600
        mean, error = survival.restricted_mean(curve, tau)
        return _present(key, code, mean / 3600, ((mean - Z95 * error) / 3600, (mean + Z95 * error) / 3600), cases,
                        denominator=cases, coverage=coverage)  # fmt: skip
    value, low, high = survival.quantile(curve, 0.5 if kind == "median_km" else 0.9)
    if value == survival.NOT_REACHED:
        return missing(key, code, "not_reached", cases, denominator=cases)
    return _present(key, code, value / 3600, (_hours(low), _hours(high)), cases, denominator=cases, coverage=coverage)


def _ratio(table: CountTable, key: Key, code: str) -> MetricValue:
    """Median share of the limit that cases used, open ones censored; 1 is the limit itself."""
    shares = table.ratios.get(RATIO_OF[code], {}).get(key)
    if shares is None or not len(shares.seconds):
        return missing(key, code, _no_time(table, key, RATIO_OF[code], False))
    cases = int(shares.weight.sum())
    curve = survival.kaplan_meier(shares.seconds, shares.ended, shares.weight)
    value, low, high = survival.quantile(curve, 0.5)
    if value == survival.NOT_REACHED:
        return missing(key, code, "not_reached", cases, denominator=cases)
    bounds = (None if math.isinf(low) else low, None if math.isinf(high) else high)
    coverage = _covered(table.counts[key], cases)
    return _present(key, code, value, bounds, cases, denominator=cases, coverage=coverage)


def _hours(seconds: float) -> float | None:
    return None if math.isinf(seconds) else seconds / 3600


def _no_time(table: CountTable, key: Key, clock: str, in_working_time: bool) -> str:
    if not table.recorded("known_reply_clock" if clock == "reply" else "known_close_clock"):
        return "not_recorded"
    if in_working_time and (clock, False) in table.times and key in table.times[clock, False]:
        return "calendar_not_published"
    return "no_times"


def _closed_time(key: Key, code: str, kind: str, times: Times) -> MetricValue:
    """Median, P90 and mean of the cases that ended; open ones are outside, which is why the _km twins exist."""
    ended = times.ended == 1
    seconds, weight = times.seconds[ended], times.weight[ended]
    n = int(weight.sum())
    if not n:
        return missing(key, code, "none_ended")
    if kind == "mean":
        mean = math.fsum((seconds * weight).tolist()) / n
        # fsum, for the rows come in any order and the last digit must not depend on it.
        spread = math.fsum((weight * (seconds - mean) ** 2).tolist()) / max(n - 1, 1)
        half = Z95 * math.sqrt(spread / n)
        return _present(key, code, mean / 3600, ((mean - half) / 3600, (mean + half) / 3600), n, denominator=n)
    q = 0.5 if kind == "median" else 0.9
    order = np.argsort(seconds, kind="stable")
    ranked, cumulative = seconds[order], weight[order].cumsum()
    ranks = (max(math.ceil(q * n - 1e-9), 1), *survival.order_interval(n, q))
    value, low, high = (float(ranked[np.searchsorted(cumulative, rank)]) / 3600 for rank in ranks)
    return _present(key, code, value, (low, high), n, denominator=n)


def _points(table: CountTable, key: Key, code: str) -> MetricValue:
    counts = table.counts[key]
    if code == "S6":
        return _sample_mean(counts, key)
    grades = [g for g in ("manner", "speed") if code in ("S9", f"S9.{g}")]
    means, n = [], 0
    for grade in grades:
        levels = [counts.get(f"{grade}_{level}", 0) for level in range(1, 6)]
        if sum(levels):
            means.append(_mean_points(levels))
            n = max(n, int(sum(levels)))
    if not means:
        return missing(key, code, "no_ratings")
    value = sum(mean for mean, _ in means) / len(means)
    half = Z95 * math.sqrt(sum(error**2 for _, error in means)) / len(means)
    return _present(key, code, value, (max(0.0, value - half), min(100.0, value + half)), n, denominator=n)


def _mean_points(levels: Sequence[float]) -> tuple[float, float]:
    """Mean of (x-1)/4 × 100 and its standard error from the counts of levels 1..5."""
    n = sum(levels)
    points = [25.0 * i for i in range(5)]
    mean = sum(p * c for p, c in zip(points, levels, strict=True)) / n
    spread = sum(c * (p - mean) ** 2 for p, c in zip(points, levels, strict=True)) / n
    return mean, math.sqrt(spread / n)


def _sample_mean(counts: Mapping[str, float], key: Key) -> MetricValue:
    """Weighted mean of independent answers in points 0..100; the interval uses Kish's effective sample size."""
    weight = points = squares = weight_squares = 0.0
    for scale, step in ((5, 25.0), (3, 50.0)):
        weight += counts.get(f"third_party_weight_{scale}", 0)
        points += counts.get(f"third_party_steps_{scale}", 0) * step
        squares += counts.get(f"third_party_squares_{scale}", 0) * step**2
        weight_squares += counts.get(f"third_party_weight_squares_{scale}", 0)
    if not weight:
        return missing(key, "S6", "no_independent_sample")
    mean = points / weight
    effective = weight**2 / weight_squares
    half = Z95 * math.sqrt(max(squares / weight - mean**2, 0.0) / effective)
    n = int(counts.get("third_party_answers", 0))
    bounds = (max(0.0, mean - half), min(100.0, mean + half))
    return _present(key, "S6", mean, bounds, n, numerator=points / 10_000, denominator=weight / 10_000)


def _with_means(values: list[MetricValue]) -> list[MetricValue]:
    """The values and, beside each pooled total, the mean of the units: a summary row may mean either."""
    groups: dict[tuple[str, str | None], list[MetricValue]] = {}
    for value in values:
        if value.unit is not None:
            groups.setdefault((value.period, value.group), []).append(value)
    means = [
        _mean_of_units(value, groups.get((value.period, value.group), []))
        for value in values
        if value.total == "pooled"
    ]
    return values + means


def _mean_of_units(pooled: MetricValue, units: list[MetricValue]) -> MetricValue:
    known = [u.value for u in units if u.value is not None]
    value = sum(known) / len(known) if known else None
    reason = None if known else (pooled.reason or "no_units_with_a_value")
    return MetricValue(None, pooled.period, pooled.metric, None, None, value, None, None, len(known), reason,
                       pooled.group, total="mean_of_units")  # fmt: skip
