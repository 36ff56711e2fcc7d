"""What moved beyond chance: the last quarter of every unit and rate against the quarter before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from evaluation.uncertainty.funnel import Z_998
from metrics.value import MetricValue
from metrics.values.settling import is_telling
from pipeline.views.prepared import Prepared
from pipeline.views.words import Words

QUARTER = 3  # months that are set against the three before them
SMALLEST_MOVE = 0.03  # a smaller change is no news, however sure


@dataclass(frozen=True)
class Mover:
    """A change of the last quarter against the one before that chance hardly explains."""

    unit: str
    name: str
    code: str
    indicator: Words
    before: float
    after: float
    is_better: bool

    @property
    def change(self) -> float:
        """After minus before."""
        return self.after - self.before


def movers(prepared: Prepared) -> list[Mover]:
    """Changes of the last quarter against the one before, beyond the 99.8 % limit of chance, largest first.

    A change that less time for the newest cases may bring is left out, see `unsettled_rates`.
    """
    months = prepared.months
    if len(months) < 2 * QUARTER:
        return []
    recent, earlier = months[-QUARTER:], months[-2 * QUARTER : -QUARTER]
    seen = prepared.seen_days[earlier[-1]], prepared.seen_days[recent[-1]]
    found = []
    for unit in prepared.results:
        for code in prepared.codes:
            what = prepared.definition(code)
            by_month = prepared.monthly.get((unit, code), {})
            before, after = _pooled(by_month, earlier), _pooled(by_month, recent)
            if what.measure != "rate" or before is None or after is None or not is_beyond_chance(before, after):
                continue
            old, new = before[0] / before[1], after[0] / after[1]
            if abs(new - old) >= SMALLEST_MOVE and is_telling(code, new - old, *seen):
                is_better = (new > old) == what.is_higher_better
                found.append(Mover(unit, prepared.name(unit), code, what.name, old, new, is_better))
    return sorted(found, key=lambda m: (-abs(m.change), m.unit, m.code))


def unsettled_rates(prepared: Prepared) -> tuple[str, ...]:
    """The rates of the scheme that still change in the last two quarters."""
    months = prepared.months[-2 * QUARTER :]
    rates = [code for code in prepared.codes if prepared.definition(code).measure == "rate"]
    return tuple(code for code in rates if not all(prepared.has_settled(code, month) for month in months))


def _pooled(by_month: dict[str, MetricValue], months: Iterable[str]) -> tuple[float, float] | None:
    """Summed numerator and denominator, None when a month is missing."""
    values = [by_month.get(month) for month in months]
    if any(v is None or v.numerator is None or not v.denominator for v in values):
        return None
    kept = [v for v in values if v is not None]
    return sum(v.numerator or 0 for v in kept), sum(v.denominator or 0 for v in kept)


def is_beyond_chance(before: tuple[float, float], after: tuple[float, float]) -> bool:
    """Whether two proportions (successes, n) differ by more than 3.09 standard errors of their pooled rate.

    The wide limit pays for looking at every unit and indicator at once.

    >>> is_beyond_chance((80, 100), (82, 100)), is_beyond_chance((800, 1000), (900, 1000))
    (False, True)
    """
    (x1, n1), (x2, n2) = before, after
    pooled = (x1 + x2) / (n1 + n2)
    spread = sqrt(max(pooled * (1 - pooled), 0.0) * (1 / n1 + 1 / n2))
    return spread > 0 and abs(x2 / n2 - x1 / n1) > Z_998 * spread
