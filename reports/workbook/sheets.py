"""What stands on each sheet: heads, rows, widths and colour rules as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from evaluation.rules.parameters import uncertainty_of
from reports import numbers
from reports.annual import adjusted
from reports.annual.annexes import COUNTS, ground
from reports.annual.facts import Facts
from reports.annual.indicator_results import SATISFACTION, level_counts
from reports.annual.limits import version_rows
from reports.annual.results import remark, shown_order
from reports.annual.scheme import scoring
from reports.charts.figures.shares import LEVELS
from reports.workbook.cells import Number, count, exact, of_metric, score

Cell = str | Number


@dataclass(frozen=True)
class Rule:
    """A conditional format of one column."""

    column: int
    settings: dict[str, Any]
    form: str = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet as data."""

    name: str
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[float]
    frozen: int = 1
    wrapped: frozenset[int] = frozenset()
    rules: Sequence[Rule] = field(default_factory=tuple)


def all_sheets(facts: Facts) -> list[Sheet]:
    """The sheets before the monthly ones."""
    return [overview(facts), ranking(facts), matrix(facts, "values"), matrix(facts, "points")]


def closing_sheets(facts: Facts) -> list[Sheet]:
    """The sheets after the monthly ones."""
    return [
        certainty(facts), *adjustments(facts), raw_counts(facts), satisfaction(facts), levels(facts),
        *exclusions(facts), stored_values(facts), method(facts), provenance(facts),
    ]  # fmt: skip


def _sheet(facts: Facts, key: str, head: Sequence[str], rows: Sequence[Sequence[Cell]], widths: Sequence[float],
           **more: Any) -> Sheet:  # fmt: skip
    return Sheet(facts.say(f"sheet.{key}"), facts.say(f"sheet.{key}_title"), head, rows, widths, **more)


def overview(facts: Facts) -> Sheet:
    """Main indicators: pooled, mean of units, target."""
    head = [facts.say(f"head.{h}") for h in ("indicator", "code", "measure", "pooled", "mean", "target", "n")]
    rows: list[list[Cell]] = []
    for indicator in facts.indicators:
        code = indicator["code"]
        label, pooled, mean = facts.label(code), facts.pooled(code), facts.mean(code)
        values = [pooled.value if pooled else None, mean.value if mean else None, indicator.get("target")]
        unit = facts.say(f"unit_head.{label.unit}")
        rows.append([label.name, code, unit, *(of_metric(v, label.unit) for v in values),
                     count(pooled.n if pooled else None)])  # fmt: skip
    return _sheet(facts, "overview", head, rows, (34, 14, 12, 14, 14, 12, 14))


def ranking(facts: Facts) -> Sheet:
    """Every unit with score, interval and proposed grade; ranks only where the scheme publishes them."""
    keys = ["head.group", "head.unit", "annex.received", "head.score", "head.low", "head.high", "head.grade",
            "head.remark"]  # fmt: skip
    head = [facts.say(key) for key in keys]
    if facts.has_ranks:
        head += [facts.say(f"head.{h}") for h in ("rank", "rank_low", "rank_high")]
    rows: list[list[Cell]] = []
    for group in facts.groups:
        for unit in shown_order(facts, group):
            received = count(facts.received(unit.unit))
            row: list[Cell] = [group.title, facts.names[unit.unit], received, score(unit.score), score(unit.low),
                               score(unit.high), facts.grade_title(unit.grade), remark(facts, unit)]  # fmt: skip
            if facts.has_ranks:
                row += [count(unit.rank), count(unit.rank_low), count(unit.rank_high)]
            rows.append(row)
    bar = {"type": "data_bar", "bar_color": "#9DC3E6", "bar_solid": True, "min_type": "num", "min_value": 0,
           "max_type": "num", "max_value": 100}  # fmt: skip
    rules = [Rule(3, bar)]
    if facts.grades:
        ends = ((facts.grades[0], "good"), (facts.grades[-1], "bad"))
        rules += [Rule(6, {"type": "cell", "criteria": "==", "value": f'"{_quoted(facts.grade_title(g))}"'}, form)
                  for g, form in ends]  # fmt: skip
    widths = (18, 32, 11, 11, 11, 11, 12, 22, 9, 9, 9)[: len(head)]
    return _sheet(facts, "ranking", head, rows, widths, frozen=2, rules=rules)


def certainty(facts: Facts) -> Sheet:
    """How sure score, grade and place are: drawn to the peers, probability of each grade and of the ends, intervals of
    the rank alone and for claims about one named unit, reliability."""
    names = [facts.say("certainty.grade", grade=facts.grade_title(grade)) for grade in facts.grades]
    keys = ("rank_low", "rank_high", "joint_low", "joint_high", "top", "bottom", "reliability", "shrunk")
    head = [facts.say("head.group"), facts.say("head.unit"), *names]
    head += [facts.say(f"certainty.{key}", **_levels(facts)) for key in keys]
    rows: list[list[Cell]] = []
    for group in facts.groups:
        for unit in group.units:
            shares = [of_metric(unit.grade_probability.get(grade), "rate") for grade in facts.grades]
            places = (unit.rank_low, unit.rank_high, unit.joint_rank_low, unit.joint_rank_high)
            ends = (unit.probability_top, unit.probability_bottom, unit.reliability)
            rows.append([group.title, facts.names[unit.unit], *shares, *(count(place) for place in places),
                         *(of_metric(share, "rate") for share in ends), score(unit.shrunk_score)])  # fmt: skip
    widths = (18, 32, *[12] * (len(head) - 2))
    return _sheet(facts, "certainty", head, rows, widths, frozen=2)


def _levels(facts: Facts) -> dict[str, str]:
    """The levels that the heads of intervals and ends name."""
    chance = uncertainty_of(facts.source.scheme)
    shares = {"level": chance.rank_interval, "joint": chance.joint_interval, "share": chance.end_share}
    return {name: numbers.level(share) for name, share in shares.items()}


def _quoted(text: str) -> str:
    return text.replace('"', '""')


def matrix(facts: Facts, what: str) -> Sheet:
    """Units by indicators: values with those short of target coloured, or points on a colour scale."""
    labels = [facts.label(i["code"]) for i in facts.indicators]
    names = [f"{lb.name}\n({facts.say(f'unit_head.{lb.unit}') if what == 'values' else facts.say('unit_head.points')})"
             for lb in labels]  # fmt: skip
    head = [facts.say("head.group"), facts.say("head.unit"), *names]
    rows: list[list[Cell]] = []
    for group in facts.groups:
        for unit in group.units:
            results = [unit.indicator(lb.code) for lb in labels]
            if what == "values":
                cells = [of_metric(r.value if r else None, lb.unit) for r, lb in zip(results, labels, strict=True)]
            else:
                cells = [score(r.points if r else None) for r in results]
            rows.append([group.title, facts.names[unit.unit], *cells])
    rules = _target_rules(facts) if what == "values" else _scale_rules(len(labels))
    widths = (18, 32, *[13] * len(labels))
    return _sheet(facts, f"matrix_{what}", head, rows, widths, frozen=2, rules=rules)


def _target_rules(facts: Facts) -> list[Rule]:
    rules = []
    for column, indicator in enumerate(facts.indicators, 2):
        label = facts.label(indicator["code"])
        target = numbers.sheet_value(indicator.get("target"), label.unit)
        if target is None:
            rules.append(Rule(column, _spread(is_higher_better=label.is_higher_better)))
        else:
            criteria = "<" if label.is_higher_better else ">"
            rules.append(Rule(column, {"type": "cell", "criteria": criteria, "value": target}, "bad"))
            # Excel takes text to be larger than any number: the dash must not look like a miss.
            stop = {"type": "text", "criteria": "containing", "value": numbers.MISSING, "stop_if_true": True}
            rules.insert(len(rules) - 1, Rule(column, stop))
    return rules


def _spread(*, is_higher_better: bool) -> dict[str, Any]:
    """Colours by the place among all units, for an indicator without a target: the middle one is white."""
    worst, best = "#F3C4BC", "#BBD3EA"
    low, high = (worst, best) if is_higher_better else (best, worst)
    return {"type": "3_color_scale", "min_color": low, "mid_type": "percentile", "mid_value": 50,
            "mid_color": "#FFFFFF", "max_color": high}  # fmt: skip


def _scale_rules(columns: int) -> list[Rule]:
    scale = {"type": "3_color_scale", "min_type": "num", "min_value": 0, "mid_type": "num", "mid_value": 60,
             "max_type": "num", "max_value": 100, "min_color": "#F3C4BC", "mid_color": "#FFFFFF",
             "max_color": "#BBD3EA"}  # fmt: skip
    return [Rule(column, scale) for column in range(2, columns + 2)]


def adjustments(facts: Facts) -> list[Sheet]:
    """Bonuses, deductions and ceilings with rule, document and the result without each; no sheet where none is."""
    rows: list[list[Cell]] = [
        [facts.names[e.unit], e.name, score(e.points), e.effect, e.rule, e.documents, score(e.score_without),
         e.grade_without]
        for e in adjusted.entries(facts, [unit for group in facts.groups for unit in group.units])
    ]  # fmt: skip
    keys = ("head.unit", "adjusted.item", "adjusted.sheet_points", "adjusted.effect", "adjusted.rule_head",
            "adjusted.documents_head", "adjusted.sheet_without", "adjusted.sheet_grade")  # fmt: skip
    head, widths = [facts.say(key) for key in keys], (32, 28, 10, 22, 44, 24, 16, 16)
    return [_sheet(facts, "adjusted", head, rows, widths, wrapped=frozenset({4}))] if rows else []


def raw_counts(facts: Facts) -> Sheet:
    """Counts and, per indicator, numerator and denominator."""
    codes = [i["code"] for i in facts.indicators]
    head = [facts.say("head.unit"), *(facts.say(f"annex.{word}") for _, word in COUNTS)]
    for code in codes:
        name = facts.label(code).name
        head += [f"{name}\n{facts.say('head.numerator')}", f"{name}\n{facts.say('head.denominator_short')}"]
    rows: list[list[Cell]] = []
    for unit in facts.units:
        found = [facts.value(unit.unit, code) for code, _ in COUNTS]
        row: list[Cell] = [facts.names[unit.unit], *(count(v.value if v else None) for v in found)]
        for code in codes:
            result = unit.indicator(code)
            row += [exact(result.numerator if result else None), exact(result.denominator if result else None)]
        rows.append(row)
    return _sheet(facts, "counts", head, rows, (32, *[11] * (len(head) - 1)))


def satisfaction(facts: Facts) -> Sheet:
    """Every unit by the five definitions of satisfaction."""
    codes = [code for code in SATISFACTION if facts.pooled(code)]
    head = [facts.say("head.unit"), *(f"{code}\n{facts.label(code).name}(%)" for code in codes)]
    rows: list[list[Cell]] = []
    for unit in facts.units:
        found = [facts.value(unit.unit, code) for code in codes]
        rows.append([facts.names[unit.unit], *(of_metric(v.value if v else None, "rate") for v in found)])
    return _sheet(facts, "satisfaction", head, rows, (32, *[22] * len(codes)))


def levels(facts: Facts) -> Sheet:
    """Satisfaction counts per level with default and unrated."""
    head = [facts.say("head.unit"), *(facts.say(f"satisfaction.{level}") for level in LEVELS)]
    rows: list[list[Cell]] = []
    for unit in facts.units:
        counts = level_counts(facts, [unit])
        known = unit.unit in facts.source.satisfaction
        rows.append([facts.names[unit.unit], *(count(counts.get(level, 0) if known else None) for level in LEVELS)])
    return _sheet(facts, "levels", head, rows, (32, *[13] * 7))


def exclusions(facts: Facts) -> list[Sheet]:
    """The ledger of exclusions; no sheet for who does not see it, an empty one would say that there are none."""
    if "exclusions" in facts.source.hidden:
        return []
    keys = ("head.case_no", "head.unit", "head.reason", "annex.applicant", "annex.approver", "annex.date")
    rows = [
        [str(e.get("case_no") or ""), facts.names.get(str(e.get("unit")), str(e.get("unit") or "")),
         ground(facts, e), str(e.get("applicant") or ""),
         str(e.get("approver") or e.get("approved_by") or ""), str(e.get("at") or "")]
        for e in facts.source.exclusions
    ]  # fmt: skip
    return [_sheet(facts, "exclusions", [facts.say(k) for k in keys], rows, (24, 30, 40, 24, 24, 20))]


def stored_values(facts: Facts) -> Sheet:
    """Every metric value as stored, unrounded, one row each."""
    keys = ("unit", "code", "indicator", "numerator", "denominator_short", "stored", "low", "high", "n", "reason")
    rows: list[list[Cell]] = []
    for v in facts.source.values:
        name = (
            facts.names.get(v.unit, v.unit)
            if v.unit
            else facts.say(f"head.{'mean' if v.total == 'mean_of_units' else 'pooled'}")
        )
        reason = numbers.reason_text(v.reason, facts.language)
        parts = [exact(x) for x in (v.numerator, v.denominator, v.value, v.low, v.high)]
        code = v.metric if v.group is None else f"{v.metric} [{v.group}]"
        rows.append([name, code, facts.label(v.metric).name, *parts, count(v.n), reason])
    return _sheet(facts, "values", [facts.say(f"head.{k}") for k in keys], rows,
                  (30, 14, 28, 12, 12, 16, 16, 16, 10, 22))  # fmt: skip


def method(facts: Facts) -> Sheet:
    """The scheme: group, weight, scoring, target, formula, source."""
    keys = ("head.code", "head.indicator", "scheme.group_column", "head.weight", "head.method", "head.target",
            "head.formula", "head.edge", "head.source")  # fmt: skip
    rows: list[list[Cell]] = []
    for group in facts.sections:
        for indicator in facts.group_indicators(group["id"]):
            label = facts.label(indicator["code"])
            rows.append(
                [label.code, label.name, facts.group_title(group), exact(float(indicator["weight"])),
                 scoring(facts, indicator), of_metric(indicator.get("target"), label.unit), label.formula,
                 label.edge, label.source]
            )  # fmt: skip
    wrapped = frozenset({4, 6, 7, 8})
    return _sheet(facts, "method", [facts.say(k) for k in keys], rows, (14, 26, 14, 8, 28, 10, 46, 34, 34),
                  frozen=2, wrapped=wrapped)  # fmt: skip


def provenance(facts: Facts) -> Sheet:
    """What identifies the result and the batches behind it."""
    rows: list[list[Cell]] = [[name, value] for name, value in version_rows(facts, "workbook")]
    for batch in facts.source.batches:
        parts = [f"{key}: {value}" for key, value in batch.items() if value is not None and key != "number"]
        rows.append([f"{facts.say('scheme.batch')} {batch.get('number', '')}", "; ".join(parts)])
    head = [facts.say("head.item"), facts.say("head.content")]
    return _sheet(facts, "provenance", head, rows, (28, 110), wrapped=frozenset({1}))
