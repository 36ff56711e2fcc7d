"""Small cells of what a viewer gets to see: withheld below 10 for units and readers outside, below 5 for assessors."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from evaluation.rules.scheme import from_document
from evaluation.scores.result import Assessment, UnitResult
from evaluation.uncertainty.ranges import in_ranges
from metrics.disclosure.differencing import near_earlier
from metrics.disclosure.protection import K_INTERNAL, K_UNIT
from metrics.disclosure.scored_cells import possible
from metrics.disclosure.small_cells import (
    FOLLOW_UP_CODES,
    LEVEL_CODES,
    RATING_CODES,
    REASON,
    SATISFIED_CODES,
    VOICE_CODES,
    protected,
    protected_months,
    shown_totals,
    withheld,
)
from metrics.value import MetricValue
from pipeline.numbers.unit_statistics import ANSWERS
from records.access import Action, Viewer, can
from records.vocabulary import Role
from reports.source import ReportSource


def smallest_shown(viewer: Viewer) -> int:
    """The smallest count of citizens' answers the viewer may see; 1 for those who may read single answers anyway.

    >>> smallest_shown(Viewer(1, "x", Role.UNIT_HEAD)), smallest_shown(Viewer(1, "x", Role.ASSESSOR))
    (10, 5)
    """
    if viewer.is_operator or can(viewer, Action.SEE_RATINGS):
        return 1
    return K_INTERNAL if viewer.role is Role.ASSESSOR else K_UNIT


def with_small_cells_withheld(
    source: ReportSource, k: int, earlier: Sequence[Sequence[MetricValue]] = ()
) -> ReportSource:
    """The source without the numbers of units that would give fewer than k citizens away.

    Scores and the values they are made of become ranges where they would tell (`evaluation.uncertainty.ranges`).
    `earlier` are the values of assessments made before over the same days or a part of them: what differs from one of
    those by fewer than k answers is withheld, because the difference would tell those.
    """
    if k <= 1:
        return source
    close = near_earlier(source.values, earlier, k)
    values = [
        withheld(v) if (v.unit, v.metric) in close and not v.is_missing else v for v in protected(source.values, k)
    ]
    hidden = {(v.unit, v.metric) for v in values if v.reason == REASON}
    values = shown_totals(values)
    levels = {u: n for u, n in source.satisfaction.items() if not any((u, code) in hidden for code in LEVEL_CODES)}
    adjusted = _adjusted_of_groups(source, hidden)
    monthly = protected_months(source.monthly, k, hidden)
    told = {
        u: _without_few(own, {code for unit, code in hidden if unit == u}, k) for u, own in source.statistics.items()
    }
    return replace(
        source, assessment=_in_ranges(source, k, close), values=values, monthly=monthly, satisfaction=levels,
        adjusted=adjusted, statistics=told,
    )  # fmt: skip


def _adjusted_of_groups(source: ReportSource, hidden: set[tuple[str | None, str]]) -> list[dict[str, Any]]:
    """The adjusted rates of the peer groups in which nothing of a metric is withheld: each is made of all the peers."""
    group_of = {unit.unit: unit.group for unit in source.assessment.units}
    closed = {(group_of[unit], metric) for unit, metric in hidden if unit in group_of}
    return [rate for rate in source.adjusted if (group_of.get(rate["unit"]), rate["metric"]) not in closed]


def _in_ranges(source: ReportSource, k: int, close: Mapping[tuple[str, str], Sequence[MetricValue]]) -> Assessment:
    """The frozen result as ranges. A scheme that scores small counts in classes of k has done that already."""
    result = replace(source.assessment, units=[_in_one_scope(unit) for unit in source.assessment.units])
    scheme = from_document(source.scheme)
    if scheme.small_n.grouped >= k:
        return result
    hidden: dict[tuple[str, str], Sequence[MetricValue]] = {
        (unit, code): told for (unit, _, code), told in possible(source.values, k).items() if unit is not None
    }
    hidden.update(close)
    result = replace(result, units=[_without_hidden_beside(unit, hidden) for unit in result.units])
    return in_ranges(result, scheme, hidden, k)


def _without_hidden_beside(unit: UnitResult, hidden: Collection[tuple[str, str]]) -> UnitResult:
    """The result without hidden numbers that stand beside the score: those shown for information, those of a veto."""
    codes = {code for name, code in hidden if name == unit.unit}
    gone: dict[str, Any] = dict.fromkeys(("value", "numerator", "denominator", "n")) | {"reason": REASON}
    shown = [{**row, **gone} if row["code"] in codes else row for row in unit.information]
    vetoes = [
        {k: v for k, v in row.items() if k not in ("value", "bound")} if _code_of(row) in codes else row
        for row in unit.vetoes
    ]
    return replace(unit, information=shown, vetoes=vetoes)


def _code_of(veto: Mapping[str, Any]) -> str:
    return str(veto.get("rule") or "").partition(" ")[0]


def _in_one_scope(unit: UnitResult) -> UnitResult:
    """The result with citizens' answers in the scored scope only: the other scope differs by a few excluded cases."""
    bare: dict[str, Any] = dict.fromkeys(("other_value", "other_numerator", "other_denominator"))
    found = [replace(i, **bare) if i.code in VOICE_CODES else i for i in unit.indicators]
    other = None if any(i.code in VOICE_CODES for i in unit.indicators) else unit.other_score
    return replace(unit, indicators=found, other_score=other)


def _without_few(told: dict[str, Any], hidden: set[str], k: int) -> dict[str, Any]:
    """The statistics of a unit without the answers of a few citizens: withheld codes, and samples below k."""
    answers = {*RATING_CODES, *FOLLOW_UP_CODES, *ANSWERS}
    values = told.get("values", {})
    few = hidden | {code for code, row in values.items() if code in answers and 0 < row["n"] < k}
    few |= {"S7"} if few & {"S1a"} else set()  # the gap to a known sample would tell the own share
    few |= {code for code, c in told.get("change", {}).items() if code in answers and _has_few(c, k)}
    bare = dict.fromkeys(("value", "low", "high", "numerator", "denominator")) | {"n": 0, "reason": REASON}
    found = {**told, "values": {code: bare if code in few else row for code, row in values.items()}}
    found["change"] = {code: change for code, change in told.get("change", {}).items() if code not in few}
    if few & {"S1c", "S3"}:
        found.pop("weighted", None)
    return found


def _has_few(change: dict[str, Any], k: int) -> bool:
    pairs = ((change["y1"], change["n1"]), (change["y2"], change["n2"]))
    return any(0 < part < k for y, n in pairs for part in (y, n - y))


def with_what_protects(codes: list[str] | None, k: int) -> list[str] | None:
    """The codes to count so that single rating numbers can be judged: what is withheld must not depend on the question.

    >>> with_what_protects(["R5"], 10), "n_rating_1" in (with_what_protects(["S4"], 10) or [])
    (['R5'], True)
    """
    if codes is None or k <= 1 or not VOICE_CODES & {*codes}:
        return codes
    return [*codes, *(code for code in ("n_eligible", *RATING_CODES, *SATISFIED_CODES) if code not in codes)]
