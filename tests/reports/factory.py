"""A seeded fictional city as a ReportSource: 30 units, 3 peer groups, 12 months; no real place."""

from __future__ import annotations

import random
from typing import Any

from evaluation.scores.result import Assessment
from metrics.value import MetricValue
from reports.source import ReportSource, UnitInfo, WrittenText
from tests.reports.around import CASES, ROBUSTNESS, adjusted_rates, previous_of
from tests.reports.city import BUREAUS, COMPANIES, CUTS, GROUPS, INDICATORS, STREETS
from tests.reports.scores import ranked, result_of

PEER_GROUPS = {"bureau": "市直部门", "street": "街道", "company": "公共服务企业"}
WRITTEN = {
    "zh": "全市中位数为{results.median}分，{metric.H2}的诉求经回访确认解决。",
    "en": "The median is {results.median}; {metric.H2} of the cases were confirmed as resolved.",
}
MONTHS = [f"2024-{month:02d}" for month in range(1, 13)]

SMALL_UNIT, EMPTY_UNIT = "U028", "U029"
SIZE = 30


def scheme() -> dict[str, Any]:
    """The scheme as the plain data of its file."""
    return {
        "id": "integrated_test",
        "version": "2024.1",
        "title": {"zh": "综合评估（测试）", "en": "Integrated (test)"},
        "status": "proposal",
        "basis": ["国办函〔2025〕66号", "国办发〔2019〕51号"],
        "scope": "kept",
        "period_start_day": 1,
        "limits": {"default": "L03"},
        "small_n": {"suppress": 10, "rank": 30, "reliability": 0.7},
        "aggregate": {"across": "arithmetic", "missing_below": 0.8},
        "group": [{"id": g, "title": {"zh": zh, "en": en}, "weight": w} for g, (zh, en, w) in GROUPS.items()],
        "indicator": [
            {"code": c, "group": g, "weight": w, "method": "goalposts", "zero": z, "full": f, "target": t, "clip": True}
            for c, g, w, z, f, t, _, _ in INDICATORS
        ],
        "grades": {
            "cuts": [list(cut) for cut in CUTS],
            "ranks": False,
            "quota": {"A": 0.3},
            "titles": {
                "A": {"zh": "优秀", "en": "Excellent"},
                "B": {"zh": "良好", "en": "Good"},
                "C": {"zh": "一般", "en": "Fair"},
                "D": {"zh": "较差", "en": "Poor"},
            },
        },
        "uncertainty": {"draws": 200, "seed": 7, "certain": 0.95},
    }


def units(count: int = SIZE) -> list[UnitInfo]:
    """The directory: bureaus, streets and companies; above 60 names are repeated with numbers."""
    half = count // 2 if count < 60 else 60
    names = [(f"市{n}", "bureau") for n in BUREAUS[:half]] + [(f"{n}街道办事处", "street") for n in STREETS[:half]]
    names = names[: count * 4 // 5] if count < 45 else names
    names += [(f"市{n}集团", "company") for n in COMPANIES]
    while len(names) < count:
        names += [(f"{n}（{len(names)}）", g) for n, g in names[:60]]
    return [UnitInfo(f"U{i:03d}", name, name, group) for i, (name, group) in enumerate(names[:count])]


def make_source(
    *, count: int = SIZE, seed: int = 20250107, language: str = "zh", state: str = "final", **changes: Any
) -> ReportSource:
    """A whole source; the same arguments give the same source."""
    rng = random.Random(seed)
    directory = units(count)
    values: list[MetricValue] = []
    monthly: list[MetricValue] = []
    results = []
    satisfaction = {}
    for unit in directory:
        size = {SMALL_UNIT: 8, EMPTY_UNIT: 0}.get(unit.code, int(30 + rng.expovariate(1 / 900)))
        own = _unit_values(rng, unit.code, size)
        values += own
        monthly += [row for month in MONTHS for row in _month_values(rng, unit.code, month, own, size)]
        satisfaction[unit.code] = _levels(rng, size)
        results.append(result_of(rng, unit, own, size))
    values += _totals(values, "2024")
    for month in MONTHS:
        monthly += _totals([row for row in monthly if row.period == month], month)
    answer = {
        "number": 3,
        "state": state,
        "units": directory,
        "values": values,
        "monthly": monthly,
        "scheme": scheme(),
        "assessment": Assessment(
            scheme={
                "id": "integrated_test",
                "version": "2024.1",
                "sha256": "ab" * 32,
                "title_zh": "综合评估（测试）",
                "title_en": "Integrated (test)",
                "status": "proposal",
            },
            period="2024",
            as_of="2025-01-05T09:00:00+08:00",
            seed=7,
            draws=200,
            units=ranked(results),
            warnings=[],
            provenance={"calendar": "cd" * 32, "parts": "ef" * 32, "code": "0.1.0"},
        ),
        "peer_groups": PEER_GROUPS,
        "office": "海川市政务服务和数据管理局",
        "city": "海川市",
        "made_at": "2025-01-07T10:00:00+08:00",
        "verification_code": "WX3-7F2A-91C0",
        "satisfaction": satisfaction,
        "language": language,
        "batches": [
            {
                "number": 1,
                "kind": "responses",
                "file": "12345工单2024.xlsx",
                "rows": 60000,
                "sha256": "12" * 32,
                "first": "2024-01-01",
                "last": "2024-12-31",
            },
            {
                "number": 2,
                "kind": "surveys",
                "file": "满意度回访2024.csv",
                "rows": 12000,
                "sha256": "34" * 32,
                "first": "2024-01-02",
                "last": "2024-12-31",
            },
        ],
        "findings": [
            {
                "id": 1,
                "detector": "D08",
                "unit": "U003",
                "unit_name": "市民政局",
                "named": True,
                "count": 41,
                "n": 300,
                "value": 0.137,
                "expected": 0.042,
                "p_adjusted": 0.001,
                "case_nos": ["HC2024000123"],
                "state": "open",
                "sentence": {
                    "zh": "办结时间集中在时限最后一段，尚未核实，不影响得分。",
                    "en": "Closings cluster at the end of the limit; not verified, no effect on the score.",
                },
            },
        ],
        "demands": [
            {
                "title": "小区供暖温度不达标",
                "place": "翠屏街道",
                "people": 86,
                "cases": 131,
                "likes": 40,
                "first": "2024-11-15",
                "last": "2024-12-30",
                "example": "HC2024000456",
            },
        ],
        "backlog": {u.code: [i % 4, i % 3, 2, i % 2, 1, i % 5] for i, u in enumerate(directory[:50])},
        "adjusted": adjusted_rates(directory),
        "cases": CASES,
        "previous": previous_of(results),
        "robustness": ROBUSTNESS,
        "texts": {"results": WrittenText(WRITTEN[language], "2023")},
        "content_sha256": "ab" * 32,
        "exclusions": [
            {
                "case_no": "HC2024000789",
                "unit": "U005",
                "reason": "超出管辖范围",
                "applicant": "市财政局",
                "approver": "市考评办",
                "at": "2024-06-03",
            },
        ],
        "objections": [
            {
                "number": 1,
                "unit": "U010",
                "indicator": "H2",
                "text": "两件重复计入",
                "decision": "成立",
                "decided_at": "2025-01-06",
            },
        ],
    }
    return ReportSource(**{**answer, **changes})


def _unit_values(rng: random.Random, unit: str, size: int) -> list[MetricValue]:
    rows = [
        _count(unit, "n_received", size),
        _count(unit, "n_closed", int(size * 0.97)),
        _count(unit, "n_replied", int(size * 0.98)),
        _count(unit, "n_open", size - int(size * 0.97)),
        _count(unit, "n_excluded", int(size * 0.02)),
    ]
    quality = rng.gauss(0, 0.7)
    for code, _, _, zero, full, _, typical, spread in INDICATORS:
        lean = quality if full > zero else -quality
        rows.append(_rate(unit, "2024", code, size, typical + spread * (lean + rng.gauss(0, 0.6))))
    for code, typical in (
        ("S1b", 0.93),
        ("S1c", 0.86),
        ("S1d", 0.95),
        ("S1e", 0.35),
        ("H2s", 0.96),
        ("R4.allowed", 0.9),
    ):
        rows.append(_rate(unit, "2024", code, size, typical + 0.03 * rng.gauss(0, 1)))
    return rows


def _month_values(rng: random.Random, unit: str, month: str, own: list[MetricValue], size: int) -> list[MetricValue]:
    part = size // 12
    rows = [_count(unit, "n_received", part, month)]
    for row in own:
        if row.metric.startswith("n_"):
            continue
        base = row.value if row.value is not None else 0.8
        rows.append(_rate(unit, month, row.metric, part, base + 0.02 * rng.gauss(0, 1)))
    return rows


def _count(unit: str | None, code: str, number: float, period: str = "2024") -> MetricValue:
    return MetricValue(unit, period, code, number, None, number, None, None, int(number))


def _rate(unit: str, period: str, code: str, size: int, share: float) -> MetricValue:
    if size == 0:
        return MetricValue(unit, period, code, 0, 0, None, None, None, 0, "no_cases")
    good = round(size * min(max(share, 0), 1))
    value = good / size
    half = 1.96 * (value * (1 - value) / size) ** 0.5
    return MetricValue(unit, period, code, good, size, value, max(value - half, 0), min(value + half, 1), size)


def _totals(rows: list[MetricValue], period: str) -> list[MetricValue]:
    answer = []
    for code in dict.fromkeys(row.metric for row in rows):
        members = [r for r in rows if r.metric == code and r.value is not None]
        top = sum(r.numerator or 0 for r in members)
        if code.startswith("n_"):
            answer.append(MetricValue(None, period, code, top, None, top, None, None, int(top), total="pooled"))
            continue
        bottom = sum(r.denominator or 0 for r in members)
        pooled = top / bottom if bottom else None
        reason = None if bottom else "no_cases"
        answer.append(
            MetricValue(None, period, code, top, bottom, pooled, pooled, pooled, int(bottom), reason, total="pooled")
        )
        mean = sum(r.value or 0 for r in members) / len(members) if members else None
        answer.append(
            MetricValue(
                None,
                period,
                code,
                None,
                None,
                mean,
                None,
                None,
                len(members),
                None if members else "no_cases",
                total="mean_of_units",
            )
        )
    return answer


def _levels(rng: random.Random, size: int) -> dict[str, int]:
    rated = size // 2
    shares = {"5": 0.45, "4": 0.3, "3": 0.12, "2": 0.08, "1": 0.05}
    levels = {level: int(rated * share * rng.uniform(0.8, 1.2)) for level, share in shares.items()}
    levels["default"] = size // 6
    levels["unrated"] = max(size - sum(levels.values()), 0)
    return levels
