"""Counts to metric values: the one place of division. Rounding happens at display, not here.

Rates and times are reckoned for all keys of a table at once; only the values themselves are made one by one.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from metrics.counting.count_table import CountTable, Key
from metrics.counting.rates import COUNTS, MORE_ANSWERS, Rate, Terms, rates
from metrics.statistics.interval import wilson_arrays
from metrics.value import Measured, MetricValue
from metrics.values import comparative, points, table_indicators
from metrics.values.needs import RATIO_OF, RECORDS_CLOCK, all_codes, clock_of
from metrics.values.table_twins import ONLY_IN_TABLES, names_of
from metrics.values.waiting import OF_ENDED, Waiting

TAU_HOURS = {True: 182.0, False: 624.0}  # twice thirteen working days of seven hours; 26 days
SECONDS = 3600  # of an hour
CLOCKS_AT_ONCE = 2  # each holds some columns of a million cases
WaitingBy = Mapping[tuple[str, bool, bool], Future[Waiting | None]]


@dataclass(frozen=True)
class Options:
    """Weights and horizons a scheme may set."""

    basically_satisfied: float = 1.0
    partly: float = 0.0
    tau_hours: Mapping[bool, float] = field(default_factory=lambda: TAU_HOURS)


def metric_values(
    table: CountTable, codes: Iterable[str] | None = None, options: Options | None = None
) -> list[MetricValue]:
    """The values of every key and code; raises KeyError for a code that is not computed here."""
    with _without_collecting():
        return _of_codes(table, codes or all_codes(), options or Options())


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Values hold no rings and all of them stay: looking for garbage among them takes a fifth of making them."""
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_collecting:
            gc.enable()


def _of_codes(table: CountTable, codes: Iterable[str], options: Options) -> list[MetricValue]:
    codes, definitions = list(codes), rates(options.basically_satisfied, options.partly)
    with ThreadPoolExecutor(CLOCKS_AT_ONCE) as threads:
        waiting = _waiting(table, [code for code in codes if _is_time(code, definitions)], options, threads)
        found = {code: _of_code(table, code, options, definitions) for code in codes if not _is_time(code, definitions)}
        for code in codes:
            if code not in found:
                found[code] = _with_means(_time_values(table, code, waiting))
    return [value for code in codes for value in found[code]]


def _of_code(table: CountTable, code: str, options: Options, definitions: Mapping[str, Rate]) -> list[MetricValue]:
    """The values of one code that is not a time."""
    if code in COUNTS:
        return _count_values(table, code)
    if code in definitions:
        return _with_means(_rate_values(table, code, definitions[code]))
    if code in table_indicators.CODES:
        measured = table_indicators.measured(table, code)
    elif code in comparative.CODES:
        measured = comparative.measured(table, code, options.basically_satisfied)
    else:
        measured = points.measured(table, code)
    return _with_means(_values(table.keys, code, measured))


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
    """A count of 0 is a value; where the cases of a unit are only summed up in a table, what it does not say is not."""
    count, used = (table.column(name) for name in names_of(code))
    received, is_hidden = table.column("n_received"), table.column(ONLY_IN_TABLES) > 0
    whole = _sum(table, COUNTS[code]) + count
    values, missing = _plain(whole), (is_hidden & (used == 0) & (received == 0) & (whole == 0)).tolist()
    sources = _sources(used, received) or [None] * len(table.keys)
    return [
        MetricValue(key[0], key[1], code, None, None, None, None, None, 0, "only_in_tables", key[2],
                    total=_total_of(key))
        if is_missing
        else MetricValue(key[0], key[1], code, value, None, value, None, None, int(n), None, key[2],
                         total=_total_of(key), source=source)
        for key, value, n, is_missing, source in zip(table.keys, values, received.tolist(), missing, sources,
                                                     strict=True)
    ]  # fmt: skip


def _rate_values(table: CountTable, code: str, rate: Rate) -> list[MetricValue]:
    hits, base = (table.column(name) for name in names_of(code))
    is_recorded = rate.recorded is None or table.has_recorded(rate.recorded)
    if not is_recorded and not base.any():
        return _values(table.keys, code, [Measured(None, reason=rate.unrecorded)] * len(table.keys))
    numerator, denominator = (_sum(table, terms) * is_recorded for terms in (rate.numerator, rate.denominator))
    sources = _sources(base, denominator)
    numerator, denominator = numerator + hits, denominator + base
    has_cases = denominator > 0
    is_share = has_cases & (numerator >= 0) & (numerator <= denominator)
    n = np.where(has_cases, denominator, 1)
    low, high = wilson_arrays(np.clip(numerator, 0, n), n)
    received = table.column("n_received")
    with np.errstate(divide="ignore", invalid="ignore"):
        covered = np.where(received > 0, np.minimum(1.0, denominator / received), np.nan)
    columns = (is_share, _plain(numerator), _plain(denominator), numerator / n, low, high, covered)
    rows = zip(table.keys, *(c if isinstance(c, list) else c.tolist() for c in columns), strict=True)
    reason = rate.reason if is_recorded else rate.unrecorded
    values = [
        MetricValue(unit, period, code, x, d, value, below, above, int(d), None, split,
                    None if code == "T1" or share != share else share, total="pooled" if unit is None else None)
        if known
        else _no_rate((unit, period, split), code, x, d, reason)
        for (unit, period, split), known, x, d, value, below, above, share in rows
    ]  # fmt: skip
    return [v.but(source=s) for v, s in zip(values, sources, strict=True)] if sources else values


def _no_rate(key: Key, code: str, numerator: float, denominator: float, reason: str) -> MetricValue:
    """A rate without cases; or one that is no share of them, whose parts say nothing of these cases."""
    has_cases = denominator > 0
    parts: tuple[float | None, float | None] = (None, None) if has_cases else (numerator, denominator)
    reason = MORE_ANSWERS if has_cases else reason
    return MetricValue(key[0], key[1], code, *parts, None, None, None, 0, reason, key[2], total=_total_of(key))


def _sources(base: np.ndarray, denominator: np.ndarray) -> list[str | None]:
    """What each value comes from where tables stand for cases; empty where none does."""
    if not base.any():
        return []
    names = {(True, False): "tables", (True, True): "cases+tables"}
    pairs = zip((base > 0).tolist(), (denominator > 0).tolist(), strict=True)
    return [names.get(pair) for pair in pairs]


def _is_time(code: str, definitions: Mapping[str, Rate]) -> bool:
    others = (COUNTS, definitions, table_indicators.CODES, comparative.CODES, points.CODES)
    return not any(code in known for known in others)


def _waiting(table: CountTable, codes: Iterable[str], options: Options, threads: Executor) -> WaitingBy:
    """What several codes of a clock share, reckoned beside the values that need no clock."""
    kinds: dict[tuple[str, bool, bool], set[str]] = {}
    for code in codes:
        kinds.setdefault((*clock_of(code), code in RATIO_OF), set()).add(_kind(code))
    return {name: threads.submit(_reckoned, table, name, asked, options) for name, asked in kinds.items()}


def _reckoned(
    table: CountTable, name: tuple[str, bool, bool], kinds: Collection[str], options: Options
) -> Waiting | None:
    """The waiting times of one clock with these numbers ready; None without the times of any case."""
    clock, in_working_time, is_ratio = name
    source = table.ratios.get(clock) if is_ratio else table.times.get((clock, in_working_time))
    if source is None:
        return None
    waiting = Waiting(source, options.tau_hours[in_working_time] * SECONDS)
    _ = waiting.ended, [waiting.of(kind) for kind in kinds]
    return waiting


def _kind(code: str) -> str:
    return "median_km" if code in RATIO_OF else code.partition(".")[2] or "median"


def _time_values(table: CountTable, code: str, known: WaitingBy) -> list[MetricValue]:
    """Times of one clock in hours, or shares of its limit."""
    (clock, in_working_time), is_ratio, kind = clock_of(code), code in RATIO_OF, _kind(code)
    waiting = known[clock, in_working_time, is_ratio].result()
    reasons = _no_time_reasons(table, clock, in_working_time and not is_ratio)
    if waiting is None:
        return _values(table.keys, code, [Measured(None, reason=reason) for reason in reasons])
    is_of_ended, scale = kind in OF_ENDED, 1 if is_ratio else SECONDS
    numbers = waiting.of(kind)
    cases, eligible = waiting.cases, table.column("n_eligible")
    n = waiting.ended if is_of_ended else cases
    with np.errstate(divide="ignore", invalid="ignore"):
        covered = np.where(eligible > 0, np.minimum(1.0, cases / eligible), np.nan)
    columns = [*(bound / scale for bound in numbers), covered]
    rows = zip(table.keys, cases.tolist(), n.tolist(), reasons, *(_with_none(c) for c in columns), strict=True)
    missing = "none_ended" if is_of_ended else "not_reached"
    return [
        _time_value(key, code, (value, low, high), int(count), share, (reason if not size else missing))
        for key, size, count, reason, value, low, high, share in rows
    ]


def _with_none(numbers: np.ndarray) -> list[float | None]:
    """As Python numbers, None where one is not finite."""
    found = numbers.astype(object)
    found[~np.isfinite(numbers)] = None
    return found.tolist()


def _time_value(
    key: Key, code: str, bounds: tuple[float | None, float | None, float | None], n: int, share: float | None, why: str
) -> MetricValue:
    value, low, high = bounds
    unit, period, split = key
    denominator = n or None
    if value is None:
        return MetricValue(unit, period, code, None, denominator, None, None, None, n, why, split, total=_total_of(key))
    return MetricValue(unit, period, code, None, denominator, value, low, high, n, None, split, share,
                       total=_total_of(key))  # fmt: skip


def _no_time_reasons(table: CountTable, clock: str, in_working_time: bool) -> list[str]:
    """Why a key has no times: the source does not record them, the calendar is not published, or there are none."""
    if not table.has_recorded(RECORDS_CLOCK[clock]):
        return ["not_recorded"] * len(table.keys)
    by_calendar = table.times.get((clock, False)) if in_working_time else None
    if by_calendar is None:
        return ["no_times"] * len(table.keys)
    return ["calendar_not_published" if size else "no_times" for size in np.diff(by_calendar.bounds).tolist()]


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
