"""Reading a trace: the waterfall from nothing to the score, what is better or worse beyond chance, the way up."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext
from markupsafe import Markup

from evaluation.movement import NextGrade, next_grade
from evaluation.rules.scheme import Scheme
from evaluation.scores.result import IndicatorResult, UnitResult
from evaluation.scores.told import told
from evaluation.uncertainty.ranges import SHOWN_AS_RANGE
from pipeline.views.definitions import definition
from pipeline.views.sentences import comparison_rule
from pipeline.views.words import Words
from reports import numbers
from web import formats
from web.drawn import drawings
from web.languages import in_language


@dataclass(frozen=True)
class Reading:
    """What stands beside the table of a trace."""

    waterfall: Markup
    better: list[str]
    worse: list[str]
    up: NextGrade | None
    grade_title: str
    sure: list[tuple[str, str]]  # how sure the score, the grade and the place are: what, figure
    compared: list[Compared]
    rule: Words  # what made "better" and "worse"
    has_ranges: bool  # an indicator is told as a range
    grades: dict[str, str]  # titles of the grades


@dataclass(frozen=True)
class Compared:
    """One indicator as comparisons use it: raw, with its interval, drawn to the peers, and how reliable it is."""

    code: str
    name: str
    value: str
    interval: str
    shrunk: str
    reliability: str
    n: str
    is_few: bool
    verdict: str | None


def of(unit: UnitResult, scheme: Scheme, rule: str | None) -> Reading:
    """The reading of one unit; `rule` is the `comparison_rule` of its result."""
    written = {row["code"]: row for row in scheme.document.get("indicator", ())}
    named = {row.code: in_language(definition(row.code, written.get(row.code)).name) for row in unit.indicators}
    up = next_grade(unit, scheme) if unit.rank_reason is None else None  # who is not graded has no grade above
    title = in_language(scheme.grades.titles.get(up.grade, {})) if up else ""
    return Reading(
        drawings.waterfall(steps(unit, named), _label(unit)),
        [named[row.code] for row in unit.indicators if row.comparison == "better"],
        [named[row.code] for row in unit.indicators if row.comparison == "worse"],
        up,
        title or (up.grade if up else ""),
        _sure(unit, scheme),
        [_compared(row, named[row.code], scheme) for row in unit.indicators if row.value is not None],
        comparison_rule(rule, scheme.document),
        any(row.reason == SHOWN_AS_RANGE for row in unit.indicators),
        {name: in_language(scheme.grades.titles.get(name, {})) or name for name, _ in scheme.grades.cuts},
    )


def _sure(unit: UnitResult, scheme: Scheme) -> list[tuple[str, str]]:
    """Interval, probabilities of grades and of the ends, intervals of the rank; empty for a unit that is not rated."""
    if unit.score is None:
        return []
    chance = scheme.uncertainty
    lines = [(gettext("得分与 95% 区间"), _with_interval(unit.score, unit.low, unit.high))]
    if unit.shrunk_score is not None:
        lines.append((gettext("收缩后得分（比较用）"), numbers.score(unit.shrunk_score)))
    if unit.grade_probability:
        names = {code: in_language(scheme.grades.titles.get(code, {})) or code for code in unit.grade_probability}
        shares = [f"{names[code]} {numbers.percent(p)}" for code, p in unit.grade_probability.items()]
        lines.append((gettext("各等次的可能性"), gettext("、").join(shares)))
    if unit.rank_reason is not None:
        return [*lines, (gettext("名次"), formats.reason(unit.rank_reason))]
    if unit.rank_low is not None:
        lines.append(
            (
                gettext("同类名次的 %(level)s 区间", level=numbers.level(chance.rank_interval)),
                _places(unit.rank_low, unit.rank_high),
            )
        )
    if unit.joint_rank_low is not None:
        text = gettext(
            "对本单位单独下结论时的名次区间（全组联合 %(level)s）", level=numbers.level(chance.joint_interval)
        )
        lines.append((text, _places(unit.joint_rank_low, unit.joint_rank_high)))
    if unit.probability_top is not None and unit.probability_bottom is not None:
        ends = gettext("前 %(share)s：%(top)s；后 %(share)s：%(bottom)s", share=numbers.level(chance.end_share),
                       top=numbers.percent(unit.probability_top),
                       bottom=numbers.percent(unit.probability_bottom))  # fmt: skip
        lines.append((gettext("位于同类两端的可能性"), ends))
    return [*lines, (gettext("得分的可信度"), _reliability(unit.reliability, scheme))]


def _compared(row: IndicatorResult, name: str, scheme: Scheme) -> Compared:
    measure = definition(row.code).measure
    is_few = row.n is not None and 0 <= row.n < scheme.small_n.rank
    verdicts = {"better": gettext("好于同类（超出偶然）"), "worse": gettext("差于同类（超出偶然）")}
    return Compared(
        row.code, name, numbers.value_of(row, measure), numbers.value_interval_of(row, measure),
        numbers.of_metric(row.shrunk, measure), _reliability(row.reliability, scheme), numbers.count(row.n), is_few,
        verdicts.get(row.comparison or ""),
    )  # fmt: skip


def _reliability(value: float | None, scheme: Scheme) -> str:
    """The share of the spread that is not chance; small peer groups have no estimate."""
    return (
        gettext("有数据的同类不足 %(n)s 家，不估计", n=scheme.comparison.least_units)
        if value is None
        else numbers.fixed(value, 2)
    )


def _places(low: int | None, high: int | None) -> str:
    return numbers.count(low) if low == high else numbers.span(numbers.count(low), numbers.count(high))


def _with_interval(value: float, low: float | None, high: float | None) -> str:
    text = numbers.score(value)
    return text if low is None else f"{text}（{numbers.span(numbers.score(low), numbers.score(high))}）"


def steps(unit: UnitResult, named: dict[str, str]) -> list[tuple[str, float]]:
    """Contributions from the largest to the smallest, then bonus and deduction; summing to the score."""
    found = [(f"{row.code} {named[row.code]}", row.contribution) for row in unit.indicators if row.contribution]
    ordered = sorted(((name, part) for name, part in found if part), key=lambda step: -step[1])
    hidden = any(row.reason == SHOWN_AS_RANGE for row in unit.indicators)
    if hidden and unit.score is not None:
        known = sum(part for _, part in ordered) + unit.bonus - unit.deduction
        ordered.append((gettext("只显示范围的指标合计"), told(unit.score - known, unit.score)))
    elif hidden:
        return []
    if unit.bonus:
        ordered.append((gettext("加分"), unit.bonus))
    if unit.deduction:
        ordered.append((gettext("扣分"), -unit.deduction))
    total = sum(part for _, part in ordered)
    if unit.score is not None and (total > 100 or total < 0):  # a score is clipped to 0..100
        ordered.append((gettext("超出 0—100 分的部分不计"), told(unit.score - total, unit.score)))
    return ordered


def _label(unit: UnitResult) -> str:
    return gettext("各指标贡献相加为得分 %(score)s", score=numbers.score(unit.score))
