"""Which codes are computed from counts and times, and what each of them reads."""

from __future__ import annotations

from collections.abc import Iterable

from metrics.counting.rates import COUNTS, rates
from metrics.values import comparative, points, table_indicators

CLOCK_OF = {"R3": ("reply", True), "R3c": ("reply", False), "H1": ("close", True), "H1c": ("close", False)}
TIME_KINDS = ("median", "p90", "mean", "median_km", "p90_km", "rmst")
TIME_CODES = tuple(f"{clock}.{kind}" for clock in CLOCK_OF for kind in TIME_KINDS)
RATIO_OF = {"R3.ratio": "reply", "H1.ratio": "close"}
RECORDS_CLOCK = {"reply": "known_reply_clock", "close": "known_close_clock"}
LEFT_OUT = {"n_excluded": "excluded", "n_duplicate": "duplicate", "n_withdrawn": "withdrawn",
            "n_not_responsible": "not_responsible"}  # fmt: skip
"""Counts of cases outside the denominators, and what each is called in an answer."""


def all_codes() -> list[str]:
    """Every code this module can compute, counts first."""
    return [*COUNTS, *rates(), "R3", *TIME_CODES, *RATIO_OF, *points.CODES, *table_indicators.CODES, *comparative.CODES]


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
        elif code in comparative.CODES:
            needed.update(comparative.NEEDED[code])
        elif code in table_indicators.CODES:
            continue  # counted apart, and only when asked for
        elif code in points.CODES:
            needed.update(points.counts_of(code))
        else:
            needed.add(RECORDS_CLOCK[clock_of(code)[0]])
    return frozenset(needed)


def clock_of(code: str) -> tuple[str, bool]:
    """The clock of a code of times, and whether it runs in working time only. Raises KeyError for another code."""
    name, _, kind = code.partition(".")
    if code in RATIO_OF:
        return RATIO_OF[code], False
    if name not in CLOCK_OF or (kind or "median") not in TIME_KINDS:
        raise KeyError(code)
    return CLOCK_OF[name]
