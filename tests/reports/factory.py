"""A seeded fictional city as a ReportSource: 60 units, 3 peer groups, 12 months; no real place."""

from __future__ import annotations

import random
from typing import Any

from evaluation.result import Assessment, GroupResult, IndicatorResult, UnitResult
from metrics.value import MetricValue
from reports.source import ReportSource, UnitInfo

BUREAUS = [
    "教育局",
    "科学技术局",
    "公安局",
    "民政局",
    "司法局",
    "财政局",
    "人力资源和社会保障局",
    "生态环境局",
    "住房和城乡建设局",
    "城市管理局",
    "交通运输局",
    "水务局",
    "农业农村局",
    "商务局",
    "文化和旅游局",
    "卫生健康委员会",
    "应急管理局",
    "市场监督管理局",
    "体育局",
    "医疗保障局",
]
STREETS = [
    "新华",
    "建设",
    "和平",
    "解放",
    "人民",
    "长江",
    "黄河",
    "翠屏",
    "凤鸣",
    "龙泉",
    "桃源",
    "柳林",
    "永安",
    "兴隆",
    "太平",
    "文昌",
    "临江",
    "高新",
    "云溪",
    "青原",
    "石桥",
    "南湖",
    "北山",
    "西岭",
    "东城",
]
COMPANIES = [
    "供电",
    "燃气",
    "自来水",
    "热力",
    "公共交通",
    "轨道交通",
    "供水",
    "环卫",
    "园林",
    "市政",
    "通信",
    "广电",
    "停车",
    "物业",
    "路灯",
]
PEER_GROUPS = {"bureau": "市直部门", "street": "街道", "company": "公共服务企业"}
MONTHS = [f"2024-{month:02d}" for month in range(1, 13)]

# code, group, weight, zero, full, target, typical value, spread
INDICATORS = [
    ("R1", "timeliness", 5.0, 0.80, 1.00, 0.95, 0.95, 0.03),
    ("R4.strict", "timeliness", 10.0, 0.40, 1.00, 0.90, 0.87, 0.06),
    ("R5", "timeliness", 5.0, 0.80, 1.00, 0.95, 0.96, 0.03),
    ("H1.allowed", "handling", 10.0, 0.70, 1.00, 0.90, 0.90, 0.05),
    ("H2", "handling", 20.0, 0.20, 0.92, 0.85, 0.82, 0.07),
    ("H4", "handling", 5.0, 0.20, 0.00, 0.03, 0.035, 0.02),
    ("H6", "handling", 5.0, 0.30, 0.00, 0.05, 0.05, 0.02),
    ("S1a", "satisfaction", 25.0, 0.40, 0.93, 0.90, 0.87, 0.05),
    ("S4", "satisfaction", 10.0, 0.50, 0.00, 0.08, 0.08, 0.03),
    ("T1", "data", 5.0, 0.80, 1.00, 0.95, 0.95, 0.03),
]
GROUPS = {
    "timeliness": ("响应时效", "Timeliness", 20.0),
    "handling": ("办理解决", "Handling", 40.0),
    "satisfaction": ("群众满意", "Satisfaction", 35.0),
    "data": ("数据可信", "Data", 5.0),
}
CUTS = [["A", 90], ["B", 80], ["C", 60], ["D", 0]]
SMALL_UNIT, EMPTY_UNIT = "U058", "U059"


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
            "cuts": CUTS,
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


def units(count: int = 60) -> list[UnitInfo]:
    """The directory: 20 bureaus, 25 streets, 15 companies, repeated with numbers when more are asked for."""
    names = [(f"市{n}", "bureau") for n in BUREAUS] + [(f"{n}街道办事处", "street") for n in STREETS]
    names += [(f"市{n}集团", "company") for n in COMPANIES]
    while len(names) < count:
        names += [(f"{n}（{len(names)}）", g) for n, g in names[:60]]
    return [UnitInfo(f"U{i:03d}", name, name, group) for i, (name, group) in enumerate(names[:count])]


def make_source(
    *, count: int = 60, seed: int = 20250107, language: str = "zh", state: str = "final", **changes: Any
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
        results.append(_result(rng, unit, own, size))
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
            units=_ranked(results),
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


def _result(rng: random.Random, unit: UnitInfo, own: list[MetricValue], size: int) -> UnitResult:
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


def _ranked(results: list[UnitResult]) -> list[UnitResult]:
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
