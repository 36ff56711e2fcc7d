"""Counts to metric values: the one place of division. Rounding happens at display, not here.

Rates and times are reckoned for all keys of a table at once; only the values themselves are made one by one.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from metrics.counting.count_table import CountTable
from metrics.counting.rates import COUNTS, MORE_ANSWERS, Rate, Terms, rates
from metrics.statistics.interval import wilson_arrays
from metrics.value import MetricValue
from metrics.values import comparative, points, table_indicators
from metrics.values.columns import Columns, Numbers, known, of_measured, of_reasons, values_of, with_means
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
                found[code] = with_means(table, code, _time_columns(table, code, waiting))
    return [value for code in codes for value in found[code]]


def _of_code(table: CountTable, code: str, options: Options, definitions: Mapping[str, Rate]) -> list[MetricValue]:
    """The values of one code that is not a time."""
    if code in COUNTS:
        return values_of(table, code, _count_columns(table, code))
    if code in definitions:
        return with_means(table, code, _rate_columns(table, code, definitions[code]))
    if code in table_indicators.CODES:
        measured = table_indicators.measured(table, code)
    elif code in comparative.CODES:
        measured = comparative.measured(table, code, options.basically_satisfied)
    else:
        measured = points.measured(table, code)
    return with_means(table, code, of_measured(measured))


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


def _count_columns(table: CountTable, code: str) -> Columns:
    """A count of 0 is a value; where the cases of a unit are only summed up in a table, what it does not say is not."""
    count, used = (table.column(name) for name in names_of(code))
    received, is_hidden = table.column("n_received"), table.column(ONLY_IN_TABLES) > 0
    whole = _sum(table, COUNTS[code]) + count
    is_missing = is_hidden & (used == 0) & (received == 0) & (whole == 0)
    sources, reason = _sources(used, received), known(np.full(len(whole), "only_in_tables"), is_missing)
    if not is_missing.any():
        values = _plain(whole)
        return Columns(values, reason, n=received.tolist(), numerator=values, source=sources)
    shown = [None if missing else value for value, missing in zip(_plain(whole), is_missing.tolist(), strict=True)]
    sources = [None if why else source for source, why in zip(sources or reason, reason, strict=True)]
    return Columns(shown, reason, n=np.where(is_missing, 0, received).tolist(), numerator=shown, source=sources)


def _rate_columns(table: CountTable, code: str, rate: Rate) -> Columns:
    """A rate without cases has a reason; one that is no share of them too, and its parts say nothing of them."""
    hits, base = (table.column(name) for name in names_of(code))
    is_recorded = rate.recorded is None or table.has_recorded(rate.recorded)
    if not is_recorded and not base.any():
        return of_reasons([rate.unrecorded] * len(table.keys))
    numerator, denominator = (_sum(table, terms) * is_recorded for terms in (rate.numerator, rate.denominator))
    sources = _sources(base, denominator)
    numerator, denominator = numerator + hits, denominator + base
    has_cases = denominator > 0
    is_share = has_cases & (numerator >= 0) & (numerator <= denominator)
    n = np.where(has_cases, denominator, 1)
    low, high = wilson_arrays(np.clip(numerator, 0, n), n)
    received = table.column("n_received")
    has_coverage = is_share & (received > 0) & (code != "T1")
    covered = np.minimum(1.0, denominator / np.maximum(received, 1))
    without = np.where(has_cases, MORE_ANSWERS, rate.reason if is_recorded else rate.unrecorded)
    are_told = is_share | ~has_cases
    return Columns(
        known(numerator / n, is_share), known(without, ~is_share), known(low, is_share), known(high, is_share),
        np.where(is_share, denominator, 0).astype(np.int64).tolist(), _told(numerator, are_told),
        _told(denominator, are_told), known(covered, has_coverage), sources,
    )  # fmt: skip


def _told(numbers: np.ndarray, are_told: np.ndarray) -> Numbers:
    """Plain numbers, None where one is not told."""
    if are_told.all():
        return _plain(numbers)
    return [number if is_told else None for number, is_told in zip(_plain(numbers), are_told.tolist(), strict=True)]


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
    waiting = Waiting(source, options.tau_hours[in_working_time] * SECONDS, kinds)
    _ = waiting.cases, waiting.ended, waiting.numbers
    return waiting


def _kind(code: str) -> str:
    return "median_km" if code in RATIO_OF else code.partition(".")[2] or "median"


def _time_columns(table: CountTable, code: str, times: WaitingBy) -> Columns:
    """Times of one clock in hours, or shares of its limit."""
    (clock, in_working_time), is_ratio, kind = clock_of(code), code in RATIO_OF, _kind(code)
    waiting = times[clock, in_working_time, is_ratio].result()
    reasons = _no_time_reasons(table, clock, in_working_time and not is_ratio)
    if waiting is None:
        return of_reasons(reasons)
    is_of_ended, scale = kind in OF_ENDED, 1 if is_ratio else SECONDS
    value, low, high = (bound / scale for bound in waiting.numbers[kind])
    cases, eligible = waiting.cases, table.column("n_eligible")
    n = waiting.ended if is_of_ended else cases
    missing = "none_ended" if is_of_ended else "not_reached"
    is_known = np.isfinite(value)
    covered = np.minimum(1.0, cases / np.maximum(eligible, 1))
    without = np.where(cases > 0, missing, np.array(reasons, object))
    return Columns(
        known(value, is_known), known(without, ~is_known), known(low, is_known & np.isfinite(low)),
        known(high, is_known & np.isfinite(high)), n.tolist(), denominator=known(n, n > 0),
        coverage=known(covered, is_known & (eligible > 0)),
    )  # fmt: skip


def _no_time_reasons(table: CountTable, clock: str, in_working_time: bool) -> list[str]:
    """Why a key has no times: the source does not record them, the calendar is not published, or there are none."""
    if not table.has_recorded(RECORDS_CLOCK[clock]):
        return ["not_recorded"] * len(table.keys)
    by_calendar = table.times.get((clock, False)) if in_working_time else None
    if by_calendar is None:
        return ["no_times"] * len(table.keys)
    return ["calendar_not_published" if size else "no_times" for size in np.diff(by_calendar.bounds).tolist()]
