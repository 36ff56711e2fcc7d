"""Early notice: topics at a place that grow beyond what the same weeks usually bring. Counts only, nothing of persons.

A work aid, not a finding: it names no unit, is never stored, and has no effect on any score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from integrity.rules.null import adjusted, burst_tail

MIN_COUNT, MIN_RATIO, Q = 10, 2.0, 0.05
RECENT, GAP = 12, 1  # weeks before the one looked at, without the one just before it: a surge builds up
YEAR, AROUND = 52, 2  # the same weeks a year and two years before, two weeks to either side
MIN_WEEKS = 8


@dataclass(frozen=True)
class Surge:
    """One topic at one place in one week. `usual` is the mean expected, `p_adjusted` among all that were looked at."""

    category: str
    place: str
    week: int
    count: int
    usual: float
    p_adjusted: float
    series: tuple[int, ...]  # the thirteen weeks up to this one

    @property
    def ratio(self) -> float:
        return self.count / self.usual


def surges(cells: Mapping[tuple[str, str], Sequence[int]], last: int = 4, first_week: int = 0) -> list[Surge]:
    """Surges of the `last` weeks: for each topic and place (category, place) the cases of every week, oldest first.

    The usual number is the larger of two means, that of the same weeks of earlier years (two weeks to either side) and
    that of the twelve weeks before, so that neither the season nor a slow rise is taken for a surge; the tail is
    negative binomial with the unevenness of all topics, Benjamini-Hochberg over everything looked at. At least ten
    cases, twice the usual, and eight weeks to compare with. Strongest first; `first_week` is the number of the first
    week given.

    >>> [ (s.week, s.count) for s in surges({("road", "east"): [3, 4, 2, 5, 3, 4, 3, 2, 4, 3, 3, 4, 30]}, last=1)]
    [(12, 30)]
    """
    size = _size(cells)
    looked: list[tuple[tuple[str, str], int, float, float]] = []
    for key, weeks in sorted(cells.items()):
        counts = np.asarray(weeks, float)
        for week in range(max(len(counts) - last, 0), len(counts)):
            usual = _usual(counts, week)
            if usual is not None:
                looked.append((key, week, usual, float(burst_tail(counts[week], usual, size))))
    p = adjusted([tail for *_, tail in looked])
    found = []
    for i, (key, week, usual, _) in enumerate(looked):
        count = int(cells[key][week])
        if p[i] < Q and count >= MIN_COUNT and count >= MIN_RATIO * usual:
            series = tuple(int(n) for n in cells[key][max(week - RECENT, 0) : week + 1])
            found.append(Surge(*key, first_week + week, count, usual, float(p[i]), series))
    return sorted(found, key=lambda s: (s.p_adjusted, -s.count, s.category, s.place, s.week))


def _before(counts: NDArray[np.float64], week: int) -> NDArray[np.float64]:
    return counts[max(week - RECENT - GAP, 0) : max(week - GAP, 0)]


def _usual(counts: NDArray[np.float64], week: int) -> float | None:
    """The larger mean of the recent and the same weeks, never below half a case; None with fewer than eight weeks."""
    recent = _before(counts, week)
    if len(recent) < MIN_WEEKS:
        return None
    means = [recent.mean()]
    for years in (1, 2):
        middle = week - years * YEAR
        if middle - AROUND >= 0:
            means.append(counts[middle - AROUND : middle + AROUND + 1].mean())
    return max(float(means[0]), float(np.mean(means[1:])) if means[1:] else 0.0, 0.5)


def _size(cells: Mapping[tuple[str, str], Sequence[int]]) -> float:
    """Size of the negative binomial from all topics together: sum of mean² over the sum of (variance - mean).

    Each topic is measured over windows of thirteen weeks, so that its season is not taken for unevenness; the largest
    week of each window stays out of it, so that a surge does not hide itself.
    """
    squares, beyond = 0.0, 0.0
    for weeks in cells.values():
        counts = np.asarray(weeks, float)
        for start in range(0, len(counts) - RECENT, RECENT + 1):
            window = np.sort(counts[start : start + RECENT + 1])[:-1]
            squares += window.mean() ** 2
            beyond += window.var(ddof=1) - window.mean()
    return float(np.clip(squares / beyond, 1.0, 100.0)) if beyond > 0 else 100.0
