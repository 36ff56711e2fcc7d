"""The cases behind a rate: one row of the facts is counted alone, by the statement that counts them all.

A list of cases made by a second set of conditions would one day differ from the number it explains. Here the counts of
`metrics.counts` are grouped by case, so that a case is behind a rate exactly when it adds to it.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import and_, select

from metrics.counts import count_columns
from metrics.rates import Terms, rates
from metrics.statements import Expression, text_of
from records.columns import FACTS


class Part(StrEnum):
    """Which of the cases: all that are counted, those that count as reached, or the others."""

    COUNTED = "counted"
    REACHED = "reached"
    REST = "rest"


def has_cases(code: str) -> bool:
    """Whether the cases behind a code can be listed: rates whose numerator and denominator are counts of cases.

    >>> has_cases("H2"), has_cases("H8"), has_cases("Q2")
    (True, False, False)
    """
    rate = rates().get(code)
    return rate is not None and _names(rate.numerator, rate.denominator) <= count_columns("kept").keys()


def shows_answers(code: str) -> bool:
    """Whether the cases behind a code tell what single citizens said or that they were called back.

    >>> shows_answers("S4"), shows_answers("H2"), shows_answers("R5")
    (True, True, False)
    """
    rate = rates()[code]
    names = _names(rate.numerator, rate.denominator)
    return any(name == "v" or name.startswith(("v_", "rating_", "manner_", "speed_")) for name in names)


def behind_text(
    code: str, part: Part, *, unit: str, days: tuple[int, int], scope: str = "kept",
    basically_satisfied: float = 1.0, partly: float = 0.0,
) -> str:  # fmt: skip
    """Register and number of the cases of a unit behind a rate, received on the days first to end (not included).

    Over the view `facts`. A case counted in part (基本满意, partly resolved) stands among the rest as well as among
    those reached. Raises KeyError for a code whose cases cannot be listed.
    """
    if not has_cases(code):
        raise KeyError(code)
    rate, columns = rates(basically_satisfied, partly)[code], count_columns(scope)
    below, above = _sum(rate.denominator, columns), _sum(rate.numerator, columns)
    fits = {Part.COUNTED: below > 0, Part.REACHED: and_(below > 0, above > 0), Part.REST: below > above}
    keys = (FACTS.c.register, FACTS.c.case_no)
    first, end = days
    where = and_(FACTS.c.unit == unit, FACTS.c.received_day >= first, FACTS.c.received_day < end)
    return text_of(select(*keys).where(where).group_by(*keys).having(fits[part]))


def _names(*parts: Terms) -> set[str]:
    return {name for terms in parts for _, name in terms}


def _sum(terms: Terms, columns: dict[str, Expression]) -> Expression:
    first, *others = (columns[name] * weight if weight != 1 else columns[name] for weight, name in terms)
    return sum(others, first)
