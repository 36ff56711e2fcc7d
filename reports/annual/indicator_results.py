"""Chapter 5: results by group of indicators, satisfaction in all definitions, shared demands."""

from __future__ import annotations

from statistics import median
from typing import Any

from evaluation.rules.parameters import comparison_of
from evaluation.scores.result import UnitResult
from evaluation.uncertainty.funnel import between_units
from reports import numbers
from reports.annual import backlog, heat_map, spread
from reports.annual.facts import Facts
from reports.blocks import Block, Figure, Heading, Note, Paragraph, Table
from reports.charts import figures

MOST_DEMANDS = 30
SATISFACTION = ("S1a", "S1b", "S1c", "S1d", "S1e")


def blocks(facts: Facts) -> list[Block]:
    """One section per group of the scheme, then satisfaction side by side and the shared demands."""
    medians = [(m, facts.group_title(g)) for g in facts.scheme_groups if (m := group_points(facts, g)) is not None]
    title = facts.say("parts.title_plain", n=len(facts.indicators))
    if len(medians) > 1:
        best, worst = max(medians), min(medians)
        title = facts.say("parts.title", n=len(facts.scheme_groups), best=best[1], worst=worst[1])
    answer: list[Block] = [Heading(1, title, fact="parts")]
    for group in facts.sections:
        answer += _section(facts, group)
    return [*answer, *heat_map.blocks(facts), *spread.blocks(facts), *backlog.blocks(facts), *_demands(facts)]


def group_points(facts: Facts, group: dict[str, Any]) -> float | None:
    """The median over units of the points of a group; of their scores where the scheme has no groups."""
    if not facts.scheme_groups:
        scores = [u.score for u in facts.scored if u.score is not None]
        return median(scores) if scores else None
    points = [g.points for u in facts.scored for g in u.groups if g.id == group["id"] and g.points is not None]
    return median(points) if points else None


def _section(facts: Facts, group: dict[str, Any]) -> list[Block]:
    title, fact = facts.group_title(group), f"parts.{group['id']}"
    indicators = [i for i in facts.group_indicators(group["id"]) if i["code"] not in facts.unmeasured]
    if not indicators:
        return []
    points = group_points(facts, group)
    heading = "parts.heading_ranges" if points is None and facts.ranges else "parts.heading"
    answer: list[Block] = [Heading(2, facts.say(heading, group=title, median=numbers.score(points)), fact=fact)]
    answer += [Paragraph(_sentence(facts, i), f"metric.{i['code']}") for i in indicators]
    answer.append(_table(facts, title, indicators, fact))
    heaviest = max(indicators, key=lambda i: float(i["weight"]))
    answer += _trend(facts, heaviest)
    answer += _funnel(facts, heaviest)
    codes = {str(i["code"]).split(".")[0] for i in indicators}
    if codes & set(SATISFACTION):
        answer += satisfaction(facts)
    if "H2" in codes:
        answer += _claimed(facts)
    return answer


def _results(facts: Facts, code: str) -> list[float]:
    found = (u.indicator(code) for u in facts.units)
    return [r.value for r in found if r is not None and r.value is not None]


def _short(facts: Facts, code: str) -> int:
    rows = [r for u in facts.units if (r := u.indicator(code))]
    gaps = [g for r in rows if (g := facts.gap(r)) is not None]
    return sum(g < 0 for g in gaps)


def _sentence(facts: Facts, indicator: dict[str, Any]) -> str:
    code = indicator["code"]
    known = _results(facts, code)
    pooled, mean = facts.pooled(code), facts.mean(code)
    texts = {
        "name": facts.label(code).name,
        "pooled": facts.spoken(code, pooled.value if pooled else None),
        "mean": facts.spoken(code, mean.value if mean else None),
        "median": facts.spoken(code, median(known) if known else None),
        "known": numbers.count(len(known)),
    }
    if indicator.get("target") is None:
        return facts.say("parts.sentence_no_target", **texts)
    short, target = numbers.count(_short(facts, code)), facts.spoken(code, indicator["target"])
    return facts.say("parts.sentence", short=short, target=target, **texts)


def _table(facts: Facts, title: str, indicators: list[dict[str, Any]], fact: str) -> Table:
    rows = []
    for indicator in indicators:
        code = indicator["code"]
        label, known = facts.label(code), _results(facts, code)
        spread = [median(known), min(known), max(known)] if known else [None] * 3
        has_target = indicator.get("target") is not None
        rows.append(
            (label.name, facts.say(f"unit_head.{label.unit}"), facts.printed(facts.pooled(code)),
             facts.printed(facts.mean(code)), *(numbers.of_metric(v, label.unit) for v in spread),
             numbers.of_metric(indicator.get("target"), label.unit),
             numbers.count(_short(facts, code)) if has_target else numbers.MISSING)
        )  # fmt: skip
    head = ("head.indicator", "head.measure", "head.pooled", "head.mean", "head.median", "head.lowest", "head.highest",
            "head.target", "parts.short")  # fmt: skip
    table = Table(
        facts.say("parts.table", group=title), tuple(facts.say(h) for h in head), tuple(rows),
        (36, 12, 17, 17, 15, 14, 14, 14, 17), (False, False, *[True] * 7), size=9, fact=fact,
    )  # fmt: skip
    return facts.fitting(table, "head.target", "parts.short")


def _trend(facts: Facts, indicator: dict[str, Any]) -> list[Block]:
    code, label = indicator["code"], facts.label(indicator["code"])
    series = facts.series(None, code)
    if label.unit != "rate" or sum(v is not None for v in series) < 2:
        return []
    figure = figures.trend(
        facts.month_names(), series, name=facts.say("parts.city"), target=indicator.get("target"),
        is_higher_better=label.is_higher_better, unsettled=facts.unsettled(code), language=facts.language,
    )  # fmt: skip
    title = facts.say("parts.trend_figure", name=label.name)
    return [Figure(figure, title, title, 700, 280, f"monthly.{code}")]


def _funnel(facts: Facts, indicator: dict[str, Any]) -> list[Block]:
    code, pooled = indicator["code"], facts.pooled(indicator["code"])
    label = facts.label(code)
    rows = [(u.unit, v) for u in facts.units if (v := facts.value(u.unit, code)) and v.value is not None and v.n >= 10]
    if label.unit != "rate" or pooled is None or pooled.value is None or len(rows) < 10:
        return []
    used, cases, shares = (
        comparison_of(facts.source.scheme),
        [float(v.n) for _, v in rows],
        [v.value or 0.0 for _, v in rows],
    )
    hits = [n * share for n, share in zip(cases, shares, strict=True)]
    figure = figures.funnel(
        cases, [*shares], pooled.value, names=[facts.names[u] for u, _ in rows], language=facts.language,
        between=between_units(hits, cases, used.funnel_winsor).tau2, levels=used.funnel_levels,
    )  # fmt: skip
    title = facts.say("parts.funnel_figure", name=label.name)
    return [Figure(figure, title, title, 700, 320, f"metric.{code}"), Note(facts.say("parts.funnel_note"))]


def satisfaction(facts: Facts) -> list[Block]:
    """The levels of each peer group with default and unrated, and the five definitions side by side."""
    groups = [(g.title, level_counts(facts, g.units)) for g in facts.groups if facts.has_all_levels(g.units)]
    groups = [(title, counts) for title, counts in groups if sum(counts.values())]
    answer: list[Block] = []
    if groups:
        figure = figures.satisfaction([t for t, _ in groups], [c for _, c in groups], language=facts.language)
        title = facts.say("parts.satisfaction_figure")
        answer.append(Figure(figure, title, title, 700, figure["layout"]["height"], "satisfaction.levels"))
    present = [code for code in SATISFACTION if facts.pooled(code)]
    rows = []
    for code in present:
        label, pooled = facts.label(code), facts.pooled(code)
        formula = label.formula or numbers.MISSING
        base = numbers.count(pooled.denominator if pooled else None)
        rows.append((code, formula, base, facts.printed(pooled), facts.printed(facts.mean(code))))
    if rows:
        head = ("head.code", "head.formula", "head.n", "head.pooled", "head.mean")
        answer.append(
            Table(facts.say("parts.satisfaction_table"), tuple(facts.say(h) for h in head), tuple(rows),
                  (16, 70, 24, 23, 23), (False, False, True, True, True), facts.say("head.note", units="%"),
                  fact="satisfaction.variants")
        )  # fmt: skip
        answer.append(Note(facts.say("parts.satisfaction_note")))
    return answer


def level_counts(facts: Facts, units: tuple[UnitResult, ...] | list[UnitResult]) -> dict[str, int]:
    """Satisfaction counts of several units added up."""
    counts: dict[str, int] = {}
    for unit in units:
        for level, number in facts.source.satisfaction.get(unit.unit, {}).items():
            counts[level] = counts.get(level, 0) + number
    return counts


def _claimed(facts: Facts) -> list[Block]:
    names, claimed, confirmed = [], [], []
    for group in facts.groups:
        codes = [u.unit for u in group.units]
        said = _share(facts, codes, "H2s")
        heard = _share(facts, codes, "H2")
        if said is not None or heard is not None:
            names.append(group.title)
            claimed.append(said)
            confirmed.append(heard)
    if not any(v is not None for v in claimed):
        return []
    figure = figures.claimed_confirmed(names, claimed, confirmed, language=facts.language)
    title = facts.say("parts.claimed_figure")
    return [Figure(figure, title, title, 700, figure["layout"]["height"], "metric.H2s")]


def _share(facts: Facts, units: list[str], code: str) -> float | None:
    rows = [v for u in units if (v := facts.value(u, code)) and v.numerator is not None and v.denominator]
    bottom = sum(v.denominator or 0 for v in rows)
    return sum(v.numerator or 0 for v in rows) / bottom if bottom else None


def _demands(facts: Facts) -> list[Block]:
    demands = sorted(facts.source.demands, key=lambda d: -int(d.get("people") or 0))
    if not demands:
        return [Heading(2, facts.say("parts.demands_none_heading")), Paragraph(facts.say("parts.demands_none"))]
    most = numbers.count(demands[0].get("people"))
    known = max(facts.source.demand_count or 0, len(demands))
    rows = tuple(
        (str(d.get("title") or d.get("topic") or d.get("example") or numbers.MISSING),
         str(d.get("place") or numbers.MISSING), numbers.count(d.get("people")), numbers.count(d.get("cases")),
         numbers.span(str(d.get("first") or numbers.MISSING)[:10], str(d.get("last") or numbers.MISSING)[:10]))
        for d in demands[:MOST_DEMANDS]
    )  # fmt: skip
    head = ("parts.demand", "parts.place", "parts.people", "parts.cases", "parts.span")
    title = facts.say("parts.demands_table", n=len(rows), all=numbers.count(known))
    return [
        Heading(2, facts.say("parts.demands_heading", n=numbers.count(known), people=most), fact="demands"),
        Table(title, tuple(facts.say(h) for h in head), rows,
              (50, 30, 14, 14, 48), (False, False, True, True, False), fact="demands"),
    ]  # fmt: skip
