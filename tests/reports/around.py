"""What stands around the scores of the fictional city: cases, the period before, robustness, adjusted rates."""

from __future__ import annotations

from typing import Any

from evaluation.scores.result import UnitResult
from reports.source import UnitInfo


def _case(side: str, number: str, **changes: Any) -> dict[str, Any]:
    return {
        "side": side, "register": "12345", "case_no": number, "unit": "U003", "category": "物业管理",
        "title": "电梯多次停运", "content": "三号楼电梯一周停运四次，老人上下楼不便，请核查维保单位。",
        "reply_text": "经现场核查，曳引机磨损，已于4月8日更换并复检合格。", "received_at": "2024-04-02 09:10",
        "first_response_at": "2024-04-08 16:20", "closed_at": "2024-04-09 10:00", "reply_strict": 1, "resolved": "yes",
        "rating": 5, **changes,
    }  # fmt: skip


CASES = [
    _case("well", "HC2024000456"),
    _case("poorly", "HC2024000457", reply_text="已转有关部门处理。", reply_strict=2, resolved="no", rating=1),
    _case("well", "HC2024000458", category="噪声扰民", reply_text="长" * 700),
    _case("poorly", "HC2024000459", category="噪声扰民", resolved="no", rating=None, reply_strict=3),
]


def _variant(
    kind: str, name: str, shift: tuple[float, float, float], tau: tuple[float, float] | None, largest: int
) -> dict[str, Any]:
    """A change of the scheme: least, median and greatest mean shift, ends of the agreement, the largest move."""
    least, median, most = shift
    return {"kind": kind, "name": name, "mean_shift": median, "shift_ends": (least, most), "kendall_ends": tau,
            "largest": largest}  # fmt: skip


ROBUSTNESS = [
    _variant("aggregation", "geometric", (1.25, 1.25, 1.25), (0.912, 0.912), 6),
    _variant("weights", "equal", (2.1, 2.5, 2.75), (0.8, 0.8345), 11),
    _variant("normalisation", "minmax", (0.4, 0.4, 0.4), (0.98, 0.98), 3),
    _variant("left_out", "H2", (3.115, 3.115, 3.115), None, 14),
]


def previous_of(results: list[UnitResult]) -> dict[str, Any]:
    """The year before: every third unit clearly lower, every fourth clearly higher, the others about the same."""
    units = {}
    for i, unit in enumerate(results):
        if unit.score is None or unit.low is None or unit.high is None:
            continue
        shift = -30.0 if i % 3 == 0 else 30.0 if i % 4 == 0 else 0.5
        shift = min(shift, 99.5 - unit.high)  # no score above 100
        units[unit.unit] = {"score": unit.score + shift, "low": unit.low + shift, "high": unit.high + shift}
    return {"number": 1, "period": "2023", "units": units}


def adjusted_rates(units: list[UnitInfo]) -> list[dict[str, Any]]:
    """Two metrics with a rate before and after."""
    return [
        {"unit": unit.code, "metric": metric, "raw": 0.8 + i / 1000, "expected": 0.8, "value": 0.81 + i / 1000,
         "low": 0.7, "high": 0.9}
        for i, unit in enumerate(units)
        for metric in ("R5", "H2")
    ]  # fmt: skip
