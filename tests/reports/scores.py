"""Scores of the fictional units, by the plainest reading of goalposts."""

from __future__ import annotations

import random

from evaluation.scores.result import GroupResult, IndicatorResult, UnitResult
from metrics.value import MetricValue
from reports.source import UnitInfo
from tests.reports.city import CUTS, GROUPS, INDICATORS


def result_of(rng: random.Random, unit: UnitInfo, own: list[MetricValue], size: int) -> UnitResult:
    by_code = {row.metric: row for row in own}
    indicators = []
    for code, _, weight, zero, full, target, _, _ in INDICATORS:
        row = by_code[code]
        points = None if row.value is None else 100 * min(max((row.value - zero) / (full - zero), 0), 1)
        indicators.append(
            IndicatorResult(
                code,
                row.value,
                points,
                weight,
                weight / 100,
                None if points is None else points * weight / 100,
                row.reason,
                row.low,
                row.high,
                row.n,
                target,
                row.numerator,
                row.denominator,
            )
        )
    groups = [_group(gid, indicators) for gid in GROUPS]
    if size < 10:
        reason = "no_cases" if size == 0 else "small_n"
        return UnitResult(
            unit.code,
            unit.peer_group,
            None,
            reason=reason,
            groups=groups,
            indicators=indicators,
            n=size,
            name=unit.name,
        )
    score = sum(i.contribution or 0 for i in indicators)
    half = 60 / size**0.5
    grade = next(g for g, cut in CUTS if score >= cut)
    is_certain = all(not (score - half < cut <= score + half) for _, cut in CUTS)
    return UnitResult(
        unit.code,
        unit.peer_group,
        score,
        max(score - half, 0),
        min(score + half, 100),
        grade if is_certain else None,
        {grade: 0.97 if is_certain else round(rng.uniform(0.5, 0.94), 2)},
        is_certain,
        base_score=score,
        groups=groups,
        indicators=indicators,
        n=size,
        name=unit.name,
    )


def _group(gid: str, indicators: list[IndicatorResult]) -> GroupResult:
    codes = {code for code, group, *_ in INDICATORS if group == gid}
    members = [i for i in indicators if i.code in codes and i.points is not None]
    total = sum(i.weight for i in members)
    points = sum((i.points or 0) * i.weight for i in members) / total if total else None
    return GroupResult(gid, None, GROUPS[gid][2], points, None if total else "no_cases")


def ranked(results: list[UnitResult]) -> list[UnitResult]:
    answer = []
    for unit in results:
        peers = [r for r in results if r.group == unit.group and r.score is not None]
        if unit.score is None:
            answer.append(unit)
            continue
        rank = 1 + sum((r.score or 0) > unit.score for r in peers)
        fields = {**unit.__dict__, "rank": rank, "rank_low": max(rank - 3, 1), "rank_high": min(rank + 3, len(peers))}
        answer.append(UnitResult(**fields))
    return answer
