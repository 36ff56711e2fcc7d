"""Chapter 6: one page per unit with scorecard, strong and weak points."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from evaluation.scores.result import IndicatorResult, UnitResult
from evaluation.uncertainty.ranges import SHOWN_AS_RANGE
from reports import numbers
from reports.annual import adjusted
from reports.annual.facts import Facts, PeerGroup, is_scored
from reports.annual.results import remark
from reports.blocks import Block, Figure, Heading, Note, PageTurn, Paragraph, Table
from reports.charts import figures

MOST_ON_PAGE = 8
MOST_STRIPS = 8
WIDTHS = {"zh": (40, 10, 21, 23, 13, 14, 11, 13, 15), "en": (36, 14, 20, 23, 12, 14, 12, 13, 16)}
MOST_NAMED = 2


def blocks(facts: Facts) -> list[Block]:
    """All units, group by group, each on its own page."""
    title = facts.say("units.title", units=numbers.count(len(facts.units)))
    answer: list[Block] = [PageTurn(), Heading(1, title, fact="units")]
    for group in facts.groups:
        answer.append(Heading(2, facts.say("units.group_heading", group=group.title, n=len(group.units))))
        for unit in group.units:
            answer += unit_blocks(facts, group, unit)
            answer.append(PageTurn())
    return answer


def unit_blocks(
    facts: Facts, group: PeerGroup, unit: UnitResult, *, most: int | None = MOST_ON_PAGE, is_numbered: bool = True
) -> list[Block]:  # fmt: skip
    """The page of one unit: what it reached, where it stands among its peers, its heaviest `most` indicators."""
    fact = f"unit.{unit.unit}"
    answer: list[Block] = [
        Heading(3, _heading(facts, unit), is_numbered=is_numbered, fact=fact),
        Paragraph(lead(facts, unit), fact),
    ]
    if is_scored(unit):
        answer += [Paragraph(note.text, note.fact or fact) for note in points_of_note(facts, unit)]
    answer += [Paragraph(sentence, fact) for sentence in adjusted.sentences(facts, unit)]
    answer.append(indicator_table(facts, unit, most=most))
    if most is not None and len(facts.results(unit)) > most:
        answer.append(Note(facts.say("units_page.more", n=most, all=len(facts.results(unit)))))
    if any(result.reason == SHOWN_AS_RANGE for result in heaviest(facts, unit, most)):
        answer.append(Note(facts.say("units_page.ranges")))
    figure = group_figure(facts, unit)
    return [*answer, figure] if figure else answer


def _heading(facts: Facts, unit: UnitResult) -> str:
    name = facts.names[unit.unit]
    if not is_scored(unit):
        return facts.say("units.heading_none", unit=name, reason=remark(facts, unit))
    grade = grade_words(facts, unit)
    return facts.say("units.heading", unit=name, score=numbers.score_of(unit), grade=grade)


def grade_words(facts: Facts, unit: UnitResult) -> str:
    """The proposed grade in words, or that it is open."""
    if not unit.grade:
        return facts.say("units.grade_open")
    return facts.say("units.grade_is", grade=facts.grade_title(unit.grade))


def lead(facts: Facts, unit: UnitResult) -> str:
    """The first sentence: cases, score, interval, peer median, and whether they differ."""
    n, median = numbers.count(facts.received(unit.unit)), numbers.score(facts.group_median(unit.group))
    if not is_scored(unit):
        return facts.say("units.lead_none", n=n, reason=remark(facts, unit))
    if unit.score is None:
        return facts.say("units.lead_range", n=n, score=numbers.score_of(unit), median=median)
    interval = numbers.interval_of(unit)
    return facts.say(
        "units.lead", n=n, score=numbers.score_of(unit), interval=interval, median=median,
        position=position(facts, unit),
    )  # fmt: skip


def position(facts: Facts, unit: UnitResult) -> str:
    """Where the unit stands: a difference is only named when the interval leaves the peer median out."""
    middle = facts.group_median(unit.group)
    if middle is None or unit.low is None or unit.high is None or unit.low <= middle <= unit.high:
        return facts.say("units.level")
    return facts.say("units.above" if unit.low > middle else "units.below")


def points_of_note(facts: Facts, unit: UnitResult) -> list[Paragraph]:
    """Two sentences with the facts of their values: the two indicators furthest above their target, the two below."""
    if not facts.has_targets:
        return _against_peers(facts, unit)
    gaps = [(gap, r) for r in unit.indicators if (gap := facts.gap(r)) is not None]
    met = sorted((g for g in gaps if g[0] >= 0), key=lambda g: -g[0])[:MOST_NAMED]
    missed = sorted((g for g in gaps if g[0] < 0), key=lambda g: g[0])[:MOST_NAMED]
    strong = facts.say("units.strong", list=_list(facts, met)) if met else facts.say("units.none_met")
    weak = facts.say("units.weak", list=_list(facts, missed)) if missed else facts.say("units.all_met")
    return [Paragraph(strong, _facts_of(unit, met)), Paragraph(weak, _facts_of(unit, missed))]


def _facts_of(unit: UnitResult, gaps: Iterable[tuple[Any, ...]]) -> str:
    """The facts of the values a sentence names: the second entry of each is the result of an indicator."""
    return "|".join(f"metric.{gap[1].code}.{unit.unit}" for gap in gaps)


def _against_peers(facts: Facts, unit: UnitResult) -> list[Paragraph]:
    """The same for schemes without targets: the points of the unit against the median of its peers."""
    pairs = [(r, middle) for r in facts.results(unit) if (middle := facts.peer_points(unit.group, r.code)) is not None]
    gaps = [(r.points - middle, r, middle) for r, middle in pairs if r.points is not None]
    ahead = sorted((g for g in gaps if g[0] > 0), key=lambda g: -g[0])[:MOST_NAMED]
    behind = sorted((g for g in gaps if g[0] < 0), key=lambda g: g[0])[:MOST_NAMED]
    answer = []
    for key, found in (("units.strong", ahead), ("units.weak", behind)):
        items = [
            facts.say(
                "units.item_points", name=facts.label(r.code).name, value=facts.spoken(r.code, r.value),
                points=numbers.score(r.points), median=numbers.score(middle),
            )
            for _, r, middle in found
        ]  # fmt: skip
        if items:
            text = facts.say(key, list=facts.say("units.separator").join(items))
            answer.append(Paragraph(text, _facts_of(unit, found)))
    return answer


def _list(facts: Facts, gaps: list[tuple[float, IndicatorResult]]) -> str:
    return facts.say("units.separator").join(_item(facts, gap, result) for gap, result in gaps)


def _item(facts: Facts, gap: float, result: IndicatorResult) -> str:
    label = facts.label(result.code)
    texts = {"name": label.name, "value": facts.spoken(result.code, result.value), "gap": gap_text(facts, result)}
    return facts.say("units.item" if label.unit == "rate" else "units.item_plain", **texts)


def gap_text(facts: Facts, result: IndicatorResult) -> str:
    """Value minus target as printed: + above, − below, whatever the direction of the indicator."""
    if result.value is None or result.target is None:
        return numbers.MISSING
    difference = numbers.exact(result.value), numbers.exact(result.target)
    if difference[0] is None or difference[1] is None:
        return numbers.MISSING
    if facts.label(result.code).unit == "rate":
        return numbers.percent_points(difference[0] - difference[1])
    return numbers.fixed(difference[0] - difference[1], 1, signed=True)


def heaviest(facts: Facts, unit: UnitResult, most: int | None = None) -> list[IndicatorResult]:
    """The indicators with most weight, in the order of the scheme; all of them without `most`."""
    found = facts.results(unit)
    kept = {r.code for r in sorted(found, key=lambda r: -r.weight)[:most]}
    return [r for r in found if r.code in kept]


def indicator_table(facts: Facts, unit: UnitResult, *, is_numbered: bool = True, most: int | None = None) -> Table:
    """Value, interval, target, points, weight and contribution of the unit's indicators, the heaviest `most`."""
    rows = tuple(_indicator_row(facts, result) for result in heaviest(facts, unit, most))
    head = ("head.indicator", "head.measure", "head.value", "head.interval", "head.target", "head.points",
            "head.weight", "head.contribution", "head.remark")  # fmt: skip
    table = Table(
        facts.say("units.table", unit=facts.names[unit.unit]), tuple(facts.say(h) for h in head), rows,
        WIDTHS.get(facts.language, WIDTHS["zh"]), (False, False, True, True, True, True, True, True, False), size=9,
        fact=f"unit.{unit.unit}", is_numbered=is_numbered,
    )  # fmt: skip
    return facts.fitting(table)


def _indicator_row(facts: Facts, result: IndicatorResult) -> tuple[str, ...]:
    label = facts.label(result.code)

    return (
        label.name, facts.say(f"unit_head.{label.unit}"), numbers.value_of(result, label.unit),
        numbers.value_interval_of(result, label.unit), numbers.of_metric(result.target, label.unit),
        numbers.score(result.points), numbers.weight(result.weight), numbers.score(result.contribution),
        status(facts, result),
    )  # fmt: skip


def status(facts: Facts, result: IndicatorResult) -> str:
    """Reached or not in a word, or why the value is missing."""
    if result.reason == SHOWN_AS_RANGE:
        return facts.say("units.as_range")  # the note below the table says why; here it would take five lines
    if result.value is None or result.points is None:
        return numbers.reason_text(result.reason or "missing", facts.language)
    gap = facts.gap(result)
    return "" if gap is None else facts.say("units.met" if gap >= 0 else "units.missed")


def group_figure(facts: Facts, unit: UnitResult) -> Figure | None:
    """Points by group beside the median of the peers; None for a unit without points."""
    points = {g.id: g.points for g in unit.groups}
    chosen = [g for g in facts.scheme_groups if points.get(g["id"]) is not None]
    if not is_scored(unit) or not chosen:
        return None
    names = [facts.group_title(g) for g in chosen]
    peers = [facts.peer_group_points(unit.group, g["id"]) for g in chosen]
    figure = figures.group_points(names, [points[g["id"]] for g in chosen], peers, language=facts.language)
    title = facts.say("units_page.group_figure", unit=facts.names[unit.unit])
    return Figure(figure, title, title, 700, figure["layout"]["height"], f"unit.{unit.unit}")


def peer_figure(facts: Facts, group: PeerGroup, unit: UnitResult) -> Figure | None:
    """The unit's rates among the dots of its peers; None where it has fewer than two rates or no peers."""
    rates = [r for r in heaviest(facts, unit, MOST_ON_PAGE) if _is_shown(facts, r)][:MOST_STRIPS]
    peers = [u for u in group.units if u.unit != unit.unit]
    if len(rates) < 2 or len(peers) < 3:
        return None
    dots = []
    for rate in rates:
        found = (u.indicator(rate.code) for u in peers)
        dots.append([r.value if r is not None else None for r in found])
    names = [facts.label(r.code).name for r in rates]
    figure = figures.peer_strip(names, [r.value for r in rates], dots, language=facts.language)
    title = facts.say("units.strip_figure", unit=facts.names[unit.unit])
    return Figure(figure, title, title, 760, 64 + 21 * len(rates), f"unit.{unit.unit}")


def _is_shown(facts: Facts, result: IndicatorResult) -> bool:
    """Rates where more is better: shares near 0 would press all others to the edge of the same scale."""
    label = facts.label(result.code)
    return label.unit == "rate" and label.is_higher_better and result.value is not None
