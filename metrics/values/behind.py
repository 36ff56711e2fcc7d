"""The cases behind a rate: one row of the facts is counted alone, by the statement that counts them all.

A list of cases made by a second set of conditions would one day differ from the number it explains. Here the counts of
`metrics.counting.counts` are grouped by case, so that a case is behind a rate exactly when it adds to it.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, func, select

from metrics.counting.counts import count_columns, eligible, split_of
from metrics.counting.rates import COUNTS, Terms, rates
from metrics.statements import Expression, text_of
from metrics.values.needs import CLOCK_OF, TIME_CODES, clock_of
from records.columns import FACTS


class Part(StrEnum):
    """Which of the cases: all that are counted, those that count as reached, or the others."""

    COUNTED = "counted"
    REACHED = "reached"
    REST = "rest"


def has_cases(code: str) -> bool:
    """Whether the cases behind a code can be listed: rates and counts made of counts of cases, and times of a clock.

    >>> has_cases("H2"), has_cases("n_open"), has_cases("R3.p90"), has_cases("H8"), has_cases("Q2")
    (True, True, True, False, False)
    """
    if code in CLOCK_OF or code in TIME_CODES:
        return True
    terms = _terms(code, 1.0, 0.0)
    return terms is not None and _names(*terms) <= count_columns("kept").keys()


def shows_answers(code: str) -> bool:
    """Whether the cases behind a code tell what single citizens said or that they were called back.

    >>> shows_answers("S4"), shows_answers("H2"), shows_answers("R5"), shows_answers("n_rated")
    (True, True, False, True)
    """
    names = _names(*(_terms(code, 1.0, 0.0) or ()))
    return any(name == "v" or name.startswith(("v_", "rating_", "manner_", "speed_")) for name in names)


def _terms(code: str, basically_satisfied: float, partly: float) -> tuple[Terms, Terms] | None:
    """Numerator and denominator; of a plain count both are the count itself."""
    if code in COUNTS:
        return COUNTS[code], COUNTS[code]
    rate = rates(basically_satisfied, partly).get(code)
    return None if rate is None else (rate.numerator, rate.denominator)


def behind_text(
    code: str, part: Part, *, units: Collection[str] | None, days: tuple[int, int], scope: str = "kept",
    split: tuple[str, str] | None = None, basically_satisfied: float = 1.0, partly: float = 0.0,
) -> str:  # fmt: skip
    """Register and number of the cases of some units (None: all) behind a number, received from the first day up to the
    end (not included); `split` is a property of the cases and its value, "" for none.

    Over the view `facts`. A case counted in part (基本满意, partly resolved) stands among the rest as well as among
    those reached; of a time those have reached whose clock ended. Raises KeyError for a code whose cases cannot be
    listed.
    """
    if not has_cases(code):
        raise KeyError(code)
    keys = (FACTS.c.register, FACTS.c.case_no)
    first, end = days
    tests = [FACTS.c.received_day >= first, FACTS.c.received_day < end]
    tests += [] if units is None else [FACTS.c.unit.in_(sorted(units))]
    tests += [] if split is None else [func.coalesce(split_of(FACTS.c, split[0]), "") == split[1]]
    if code in CLOCK_OF or code in TIME_CODES:
        return text_of(select(*keys).where(*tests, eligible(scope), *_timed(code, part)))
    columns, terms = count_columns(scope), _terms(code, basically_satisfied, partly)
    above, below = (_sum(part_terms, columns) for part_terms in terms or ())
    fits = {Part.COUNTED: below > 0, Part.REACHED: and_(below > 0, above > 0), Part.REST: below > above}
    return text_of(select(*keys).where(*tests).group_by(*keys).having(fits[part]))


def _timed(code: str, part: Part) -> list[Any]:
    """Cases of a clock: all whose time is known, those that ended, those still running."""
    clock, in_working_time = clock_of(code)
    known = FACTS.c[f"{clock}_seconds" if in_working_time else f"{clock}_calendar_seconds"].is_not(None)
    ended = FACTS.c[f"{clock}_ended"]
    return [known, *{Part.COUNTED: [], Part.REACHED: [ended == 1], Part.REST: [ended == 0]}[part]]


def _names(*parts: Terms) -> set[str]:
    return {name for terms in parts for _, name in terms}


def _sum(terms: Terms, columns: dict[str, Expression]) -> Expression:
    first, *others = (columns[name] * weight if weight != 1 else columns[name] for weight, name in terms)
    return sum(others, first)
