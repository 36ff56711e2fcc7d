"""A made-up city for page tests: three peer groups, two years of months, a real assessment by a shipped scheme.

The numbers are drawn, the judgement is real: `evaluation.assess` scores them, so that pages meet every kind of result.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from random import Random

from evaluation import assess
from evaluation.rules import scheme
from evaluation.scores.observations import AssessedUnit
from evaluation.scores.result import Assessment
from metrics.registry import REGISTRY
from metrics.statistics.interval import wilson
from metrics.value import MetricValue
from pipeline.views.prepared import Prepared
from reports.source import ReportSource, UnitInfo

SCHEMES = Path(scheme.__file__).parents[1] / "schemes"
GROUPS = {"bureau": "市直部门", "county": "县（区）", "town": "乡镇街道"}
MONTHS = [f"{year}-{month:02d}" for year in (2023, 2024) for month in range(1, 13)]
NAMES = "教育 人力资源和社会保障 住房和城乡建设 城市管理 水务 民政 卫生健康 交通运输 市场监督管理 生态环境".split()  # noqa: SIM905
PLACES = ["东湖", "西岭", "临江", "云溪", "青原", "南桥", "北苑", "石桥", "柳湾", "桂花"]
COUNTS = {"n_received": 1, "n_open": 12, "n_overdue_open": 40, "n_excluded": 50}  # each one in so many cases
SHAPES = {"bureau": "市{name}局", "county": "{place}县", "town": "{place}街道"}


def city(size: int) -> list[UnitInfo]:
    """Units of the three groups in turn."""
    found = []
    for i in range(size):
        group = list(GROUPS)[i % 3]
        name = SHAPES[group].format(name=NAMES[i // 3 % 10], place=PLACES[i // 3 % 10])
        found.append(UnitInfo(f"{group[0].upper()}{i:02d}", name + ("" if i < 30 else "二处"), peer_group=group))
    return sorted(found, key=lambda unit: unit.code)


def _value(rng: Random, unit: str, period: str, code: str, n: int, level: float) -> MetricValue:
    """A value around `level`: a rate of drawn hits, or a plain number."""
    if n == 0:
        return MetricValue(unit, period, code, 0, 0, None, None, None, 0, "no_cases")
    metric = REGISTRY.get(code)
    if metric is None or metric.unit != "rate":
        value = max(level, 0)
        return MetricValue(unit, period, code, None, None, value, value * 0.96, value * 1.04, n)
    rate = min(max(level, 0.004), 0.996)
    hits = sum(rng.random() < rate for _ in range(n)) if n < 400 else round(n * rate)
    low, high = (float(end) for end in wilson(hits, n))
    return MetricValue(unit, period, code, hits, n, hits / n, low, high, n)


def _level(rng: Random, indicator: object, skill: float) -> float:
    """Where a unit of this skill stands between the goalposts of an indicator."""
    zero, full = getattr(indicator, "zero", None), getattr(indicator, "full", None)
    zero, full = (0.4, 1.0) if zero is None or full is None else (zero, full)
    return zero + (full - zero) * (0.84 + skill + rng.gauss(0, 0.05))


def _count(unit: str | None, period: str, code: str, n: int) -> MetricValue:
    return MetricValue(unit, period, code, n, None, float(n), None, None, n)


@lru_cache(maxsize=4)
def source(
    size: int = 30, scheme_id: str = "integrated_third_party@2025.1", state: str = "final", draws: int = 200
) -> ReportSource:
    """The city as the pipeline would hand it in. The eighth unit has no cases at all."""
    chosen = scheme.load(SCHEMES / f"{scheme_id}.toml")
    rng, units = Random(20250101), city(size)
    indicators = {**dict.fromkeys(("H2", "H2s", "T1", "S3")), **{i.code: i for i in chosen.indicators}}
    values, monthly, satisfaction = [], [], {}
    for place, unit in enumerate(units):
        skill, volume = rng.gauss(0, 0.09), 0 if place == 7 else rng.choice((40, 180, 700, 1500))
        levels = {code: _level(rng, indicator, skill) for code, indicator in indicators.items()}
        values += [_value(rng, unit.code, "2024", code, volume, level) for code, level in levels.items()]
        values += [_count(unit.code, "2024", code, volume // share) for code, share in COUNTS.items()]
        drift = rng.choice((-0.015, 0, 0, 0, 0.012))
        for i, month in enumerate(MONTHS):
            monthly.append(_count(unit.code, month, "n_received", volume // 12))
            for code, level in levels.items():
                monthly.append(_value(rng, unit.code, month, code, volume // 12, level * (1 + drift * (i - 12))))
        satisfaction[unit.code] = _answers(volume)
    units_in = [AssessedUnit(unit.code, unit.name, unit.peer_group) for unit in units]
    result: Assessment = assess.assess(
        chosen, values, units_in, period="2024", as_of="2025-01-05T18:00:00", seed=1, draws=draws
    )
    return ReportSource(
        number=3, state=state, assessment=result, units=units, values=[*values, *_totals(values)],
        monthly=[*monthly, *_totals(monthly)], scheme=dict(chosen.document), peer_groups=GROUPS,
        satisfaction=satisfaction, batches=[{"number": 1}], backlog={u.code: [5, 3, 2, 1, 0, 4] for u in units},
        adjusted=[_adjusted(value) for value in values if value.metric == "H2" and value.value is not None],
        demands=[{"topic": "电梯故障", "place": "三号院", "people": 9, "cases": 11, "units": ["B00", "B03"],
                  "growth": 0.5, "first": "2024-03-01", "last": "2024-03-20"}],
        findings=[_finding("B00", is_named=True), _finding("B06", is_named=False)],
        statistics={"B00": STATISTICS},
    )  # fmt: skip


def _adjusted(value: MetricValue) -> dict:
    raw = float(value.value or 0)
    mix = {"expected": raw, "z": 0.0, "overlap": 0.4 if value.unit == "B00" else 0.9}
    return {"unit": value.unit, "metric": "H2", "raw": raw, "value": raw, "low": raw - 0.01, "high": raw + 0.01, **mix}


def _told(value: float | None, reason: str | None = None) -> dict:
    return {
        "value": value,
        "low": None,
        "high": None,
        "n": 40,
        "numerator": None,
        "denominator": None,
        "reason": reason,
    }


STATISTICS: dict = {
    "values": {f"{code}.{kind}": _told(12.5) for code in ("R3", "H1") for kind in ("median", "median_km", "rmst")}
    | {"R3.p90_km": _told(None, "not_reached"), "H1.p90_km": _told(61.0)}
    | {"S1c": {**_told(0.9), "numerator": 36, "denominator": 40}, "S7": {**_told(0.12), "low": 0.05, "high": 0.19}},
    "ends": [[5, 0.5, 0.25, 0.125, 0.125]],
    "speed": {"observed": 30.0, "expected": 20.0, "cases": 40.0, "ratio": 1.5, "interval": [1.06, 1.94]},
    "weighted": {
        "answers": 40,
        "raw": 0.9,
        "stratified": 0.8,
        "raked": 0.81,
        "low": 0.6,
        "high": 0.92,
        "design_effect": 1.25,
        "effective": 32.0,
        "merged": 1,
    },
    "change": {
        code: {
            "then": "2023",
            "y1": 66,
            "n1": 70,
            "y2": 40,
            "n2": 70,
            "expected": 0.905,
            "sd": 0.05,
            "p": 0.0001,
            "p_adjusted": 0.0004,
        }
        for code in ("R4.strict", "R5")
    },
}
"""What the statistics page of one unit rests on; made up, with a value that is not reached and one beyond chance."""


def _finding(unit: str, *, is_named: bool) -> dict:
    sentence = {"zh": f"{unit}的答复雷同", "en": f"replies of {unit} are alike"}
    return {"id": 1, "detector": "D01", "unit": unit, "named": is_named, "state": "open", "sentence": sentence}


def _answers(volume: int) -> dict[str, int]:
    rated = volume // 3
    levels = {"5": rated // 2, "4": rated // 4, "3": rated // 8, "2": rated // 16, "1": rated // 30}
    return {**levels, "default": rated // 5, "unrated": volume - rated} if volume else {}


def _totals(values: list[MetricValue]) -> list[MetricValue]:
    """The sums of the plain counts by period."""
    sums: dict[tuple[str, str], int] = {}
    for value in values:
        if value.metric in COUNTS:
            key = value.period, value.metric
            sums[key] = sums.get(key, 0) + int(value.value or 0)
    return [_count(None, period, code, n) for (period, code), n in sums.items()]


def prepared(size: int = 30, **choices: str) -> Prepared:
    """The city as the pages read it."""
    return Prepared(source(size, **choices))
