"""What rounds of rating say: agreement of raters, points by unit, and several forms blended into one indicator."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from sqlalchemy import select

from evaluation.rules.rubric import Agreement, Correlation, forms, intraclass, points, settle, weighted_kappa
from evaluation.rules.scheme import Scheme
from evaluation.scores.observations import Z_95, Observation, Value
from metrics.clocks.period import parse
from pipeline.judgement.rubrics import items_of, readings_of, row_of
from records.access import Action, Viewer, require
from records.instance import Instance
from records.models import RubricRound

REPLIES = "reply_quality"  # its part is the metric Q1 itself, with what tables of scored replies add


@dataclass(frozen=True)
class UnitPoints:
    """Settled items of a unit and the sum of their points (0..100 each)."""

    unit: str
    period: str
    n_scored: int
    sum_points: float


@dataclass(frozen=True)
class Agreements:
    """Two raters of a round: kappa by criterion, and how alike their points of the same item are."""

    by_criterion: Mapping[str, Agreement]
    points: Correlation


def agreement(instance: Instance, number: int, *, viewer: Viewer) -> Agreements:
    """Agreement of the first two raters over the items both have marked.

    Weighted kappa of the marks by criterion, and the intraclass correlation of the points.
    """
    require(viewer, Action.ASSESS)
    with instance.session() as session:
        form = forms()[row_of(session, number).form]
        given = readings_of(session, number)
        pairs = [given[item.id][:2] for item in items_of(session, number) if len(given[item.id]) >= 2]
    kappas = {
        criterion.code: weighted_kappa(
            [first.marks[criterion.code] for first, _ in pairs],
            [second.marks[criterion.code] for _, second in pairs],
            form.top + 1,
        )
        for criterion in form.criteria
    }
    return Agreements(kappas, intraclass([[points(form, one.marks) for one in pair] for pair in pairs]))


@dataclass(frozen=True)
class ScoredItem:
    """One settled item of a round of this period: whose it is, which case, and its points 0..100."""

    unit: str
    period: str
    register: str
    case_no: str
    points: float


def scored_items(instance: Instance, *, form_id: str = "reply_quality") -> list[ScoredItem]:
    """Settled items over all rounds of a form; items that wait for a rater are left out."""
    form, found = forms()[form_id], []
    with instance.session() as session:
        for row in session.scalars(select(RubricRound).where(RubricRound.form == form_id).order_by(RubricRound.id)):
            given = readings_of(session, row.id)
            for item in items_of(session, row.id):
                settled = settle(form, [points(form, one.marks) for one in given[item.id]])
                if settled.points is not None:
                    found.append(ScoredItem(item.unit_code, row.period, item.register, item.case_no, settled.points))
    return found


def points_of_round(instance: Instance, number: int, *, viewer: Viewer) -> list[UnitPoints]:
    """Settled items of one round by unit."""
    require(viewer, Action.ASSESS)
    sums = defaultdict[str, list[float]](list)
    with instance.session() as session:
        row = row_of(session, number)
        form, given = forms()[row.form], readings_of(session, number)
        for item in items_of(session, number):
            settled = settle(form, [points(form, one.marks) for one in given[item.id]])
            if settled.points is not None:
                sums[item.unit_code].append(settled.points)
    return [UnitPoints(unit, row.period, len(got), math.fsum(got)) for unit, got in sorted(sums.items())]


@dataclass(frozen=True)
class Part:
    """What one form gave to a blended indicator of one unit; `points` is None where nothing was rated."""

    form: str
    weight: float
    points: float | None
    n: int

    def to_json(self) -> dict[str, str | float | int | None]:
        """The part as the trace of a frozen result keeps it."""
        return {"form": self.form, "weight": self.weight, "points": self.points, "n": self.n}


Parts = dict[tuple[str, str], tuple[Part, ...]]
"""By unit and indicator."""


def with_blends(
    instance: Instance, scheme: Scheme, period: str, rows: Iterable[Value], units: Sequence[str]
) -> tuple[list[Value], Parts]:
    """The values with every indicator that a scheme blends from several forms, and the parts of each.

    The value is the weighted mean of the forms that have points; a form without any is left out, never counted 0. Its
    interval adds the variances of the means, weight by weight. Rounds count that lie wholly inside the period.
    """
    blends = {i.code: i.blend for i in scheme.indicators if i.blend}
    kept, parts = list(rows), Parts()
    if not blends:
        return kept, parts
    own = {(row.unit, row.metric): row for row in kept if row.metric in blends}
    rated = {form: _rated(instance, form, period) for blend in blends.values() for form in blend if form != REPLIES}
    found: list[Value] = [row for row in kept if row.metric not in blends]
    for code, blend in blends.items():
        for unit in units:
            sources = [
                (form, weight, _mean_of(own.get((unit, code))) if form == REPLIES else _mean(rated[form].get(unit, ())))
                for form, weight in sorted(blend.items())
            ]
            parts[unit, code] = tuple(Part(form, weight, mean[0], mean[2]) for form, weight, mean in sources)
            found.append(_blended(unit, code, [(weight, mean) for _, weight, mean in sources], own.get((unit, code))))
    return found, parts


Mean = tuple[float | None, float, int]
"""Mean of the points, its variance, and the number of items."""


def _blended(unit: str, code: str, sources: Sequence[tuple[float, Mean]], own: Value | None) -> Observation:
    value = blended([(weight, mean[0]) for weight, mean in sources])
    if value is None:
        return Observation(unit, code, None, reason=(own.reason if own else None) or "no_scored_replies")
    present = [(weight, mean) for weight, mean in sources if mean[0] is not None]
    total = sum(weight for weight, _ in present)
    half = Z_95 * math.sqrt(sum((weight / total) ** 2 * mean[1] for weight, mean in present))
    n = sum(mean[2] for _, mean in present)
    return Observation(unit, code, value, low=max(0.0, value - half), high=min(100.0, value + half), n=n)


def blended(parts: Sequence[tuple[float, float | None]]) -> float | None:
    """The weighted mean of (weight, points) of several forms; a form without points is left out, never counted 0.

    >>> blended([(60, 80.0), (40, None)]), blended([(60, 80.0), (40, 60.0)]), blended([(1, None)])
    (80.0, 72.0, None)
    """
    present = [(weight, value) for weight, value in parts if value is not None]
    total = sum(weight for weight, _ in present)
    return sum(weight * value for weight, value in present) / total if total else None


def _mean_of(row: Value | None) -> Mean:
    if row is None or row.value is None:
        return None, 0.0, 0
    has_interval = row.low is not None and row.high is not None
    spread = (row.high - row.low) / (2 * Z_95) if has_interval else 0.0  # type: ignore[operator]
    return row.value, spread**2, row.n or 0


def _mean(got: Sequence[float]) -> Mean:
    if not got:
        return None, 0.0, 0
    return fmean(got), stdev(got) ** 2 / len(got) if len(got) > 1 else 0.0, len(got)


def _rated(instance: Instance, form_id: str, period: str) -> dict[str, list[float]]:
    """Points of the settled items by unit, of rounds inside the period."""
    asked, form, found = parse(period), forms()[form_id], defaultdict[str, list[float]](list)
    with instance.session() as session:
        for row in session.scalars(select(RubricRound).where(RubricRound.form == form_id).order_by(RubricRound.id)):
            drawn = parse(row.period)
            if not (asked.start <= drawn.start and drawn.end <= asked.end):
                continue
            given = readings_of(session, row.id)
            for item in items_of(session, row.id):
                settled = settle(form, [points(form, one.marks) for one in given[item.id]])
                if settled.points is not None:
                    found[item.unit_code].append(settled.points)
    return found
