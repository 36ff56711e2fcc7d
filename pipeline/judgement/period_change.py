"""From one frozen result to the next under the same scheme: each indicator before and after, and whether chance
explains the difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace

from evaluation.scores.result import Assessment, IndicatorResult
from metrics.values.settling import is_telling, seen_days
from pipeline.numbers.unit_statistics import against_last_year
from pipeline.views.definitions import definition

SURE = 0.05  # adjusted probability below which chance is no explanation
VERDICTS = ("better", "worse", "within_chance", "no_value", "no_interval", "unsettled", "other_scheme")
JUDGED = ("better", "worse", "within_chance")


@dataclass(frozen=True)
class Change:
    """An indicator of a unit in two periods.

    `verdict` is better or worse where the change goes beyond chance, within_chance, no_value where a side is missing,
    no_interval where chance is not known, unsettled where it may come from one of the periods having been seen for less
    time after its end (`metrics.values.settling`), or other_scheme where the two were not counted by the same version.
    `p_adjusted` is known for rates with enough peers; elsewhere two 95 % intervals that do not touch are the mark.
    """

    unit: str
    code: str
    before: IndicatorResult | None
    after: IndicatorResult | None
    verdict: str
    p_adjusted: float | None = None


def is_rate(row: IndicatorResult) -> bool:
    """Is the value a share of cases?"""
    if row.value is None or not row.denominator or row.numerator is None:
        return False
    return abs(row.numerator / row.denominator - row.value) < 1e-9 and 0 <= row.value <= 1


def changes(first: Assessment, second: Assessment) -> dict[tuple[str, str], Change]:
    """Every indicator of every unit of the second result against the first, by unit and code.

    A rate is set against what the first period leads one to expect (so that an extreme unit is expected to come back
    towards its peers), with p-values adjusted for all units of the peer group at once.
    """
    earlier = {unit.unit: unit for unit in first.units}
    is_same = first.scheme.get("sha256") == second.scheme.get("sha256")
    # A frozen result does not say on which day its months begin; without it both look seen for less time, alike.
    seen = [seen_days(result.period, result.as_of) for result in (first, second)]
    found: dict[tuple[str, str], Change] = {}
    by_group: dict[tuple[str | None, str], dict[str, tuple[IndicatorResult, IndicatorResult]]] = defaultdict(dict)
    for unit in second.units:
        for after in unit.indicators:
            before = earlier[unit.unit].indicator(after.code) if unit.unit in earlier else None
            verdict = _without_peers(before, after) if is_same else "other_scheme"
            found[unit.unit, after.code] = Change(unit.unit, after.code, before, after, verdict)
            if is_same and before is not None and is_rate(before) and is_rate(after):
                by_group[unit.group, after.code][unit.unit] = before, after
    for (_, code), pairs in by_group.items():
        found |= _judged(code, pairs)
    return {key: _if_telling(change, *seen) for key, change in found.items()}


def _if_telling(change: Change, before: int, after: int) -> Change:
    """The change without its verdict where unequal time may have brought it, given the days each period was seen."""
    first, second = change.before, change.after
    if change.verdict not in JUDGED or first is None or first.value is None or second is None or second.value is None:
        return change
    is_kept = is_telling(change.code, second.value - first.value, before, after)
    return change if is_kept else replace(change, verdict="unsettled")


def _judged(code: str, pairs: Mapping[str, tuple[IndicatorResult, IndicatorResult]]) -> dict[tuple[str, str], Change]:
    """The rates of one peer group judged together; empty where too few peers make no expectation."""
    is_higher_better = definition(code).is_higher_better
    answer = {}
    for unit, told in against_last_year(pairs).items():
        before, after = pairs[unit]
        now, then = told["y2"] / told["n2"], told["y1"] / told["n1"]
        goes_on = (now > told["expected"]) == (now > then) and now != then
        verdict = "within_chance"
        if told["p_adjusted"] < SURE and goes_on:
            verdict = "better" if (now > then) == is_higher_better else "worse"
        answer[unit, code] = Change(unit, code, before, after, verdict, told["p_adjusted"])
    return answer


def _without_peers(before: IndicatorResult | None, after: IndicatorResult) -> str:
    """The verdict from the two intervals alone."""
    if before is None or before.value is None or after.value is None:
        return "no_value"
    if before.low is None or before.high is None or after.low is None or after.high is None:
        return "no_interval"
    if after.low <= before.high and after.high >= before.low:
        return "within_chance"
    return "better" if (after.value > before.value) == definition(after.code).is_higher_better else "worse"
