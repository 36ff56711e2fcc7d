"""Chapter 4, against the period before: which units changed by more than chance brings."""

from __future__ import annotations

from typing import Any

from evaluation.scores.result import UnitResult
from metrics.values.settling import are_comparable, seen_days
from reports import numbers
from reports.annual.facts import Facts
from reports.blocks import Block, Figure, Heading, Note, Paragraph, Table
from reports.charts import figures


def blocks(facts: Facts) -> list[Block]:
    """Every unit with a score in both periods; nothing without an earlier assessment under the same scheme."""
    earlier = facts.source.previous
    known = earlier.get("units", {})
    told = [unit for unit in facts.scored if unit.score is not None]  # a range is no interval
    rows = [(unit, known[unit.unit]) for unit in told if unit.unit in known]
    if not rows:
        return []
    readings = [reading(unit, before) for unit, before in rows]
    period = numbers.period(earlier["period"], facts.language)
    counts = {"up": readings.count("up"), "down": readings.count("down")}
    title = facts.say("change.heading" if any(counts.values()) else "change.heading_level", period=period, **counts)
    sentence = facts.say("change.sentence", period=period, number=earlier["number"], n=numbers.count(len(rows)))
    printed = tuple(_row(facts, *pair) for pair in rows)
    head = ("head.unit", "change.before", "head.interval", "change.now", "head.interval", "change.difference",
            "change.reading")  # fmt: skip
    table = Table(
        facts.say("change.table"), tuple(facts.say(h) for h in head), printed, (42, 16, 26, 16, 26, 16, 32),
        (False, True, True, True, True, True, False), size=9, fact="change",
    )  # fmt: skip
    begun: list[Block] = [Heading(2, title, fact="change"), Paragraph(sentence, "change"), *_unlike(facts)]
    return [*begun, _figure(facts, rows, readings), table]


def _unlike(facts: Facts) -> list[Block]:
    """That the two periods were not seen for equally long after their ends, and which indicators feel it."""
    source, earlier = facts.source, facts.source.previous
    before = seen_days(earlier["period"], earlier.get("as_of"), source.start_day)
    seen = before, source.seen_days(source.assessment.period)
    found = [i["code"] for i in facts.indicators if not are_comparable(i["code"], *seen)]
    if not found:
        return []
    names = facts.say("units.separator").join(facts.label(code).name for code in found)
    return [Note(facts.say("change.unlike", before=seen[0], now=seen[1], names=names))]


def _figure(facts: Facts, rows: list[tuple[UnitResult, dict[str, Any]]], readings: list[str]) -> Figure:
    earlier = facts.source.previous
    periods = (
        numbers.period(earlier["period"], facts.language),
        numbers.period(facts.source.assessment.period, facts.language),
    )
    figure = figures.slopes(
        [facts.short_names[unit.unit] for unit, _ in rows], [before["score"] for _, before in rows],
        [unit.score or 0.0 for unit, _ in rows], readings, periods=periods, language=facts.language,
    )  # fmt: skip
    title = facts.say("change.figure")
    return Figure(figure, title, title, 700, figure["layout"]["height"], "change")


def reading(unit: UnitResult, before: dict[str, Any]) -> str:
    """`up` or `down` where the 95 % intervals of the two periods do not touch, else `level`."""
    if unit.low is None or unit.high is None or before["low"] is None or before["high"] is None:
        return "level"
    if unit.low > before["high"]:
        return "up"
    return "down" if unit.high < before["low"] else "level"


def _row(facts: Facts, unit: UnitResult, before: dict[str, Any]) -> tuple[str, ...]:
    return (
        facts.names[unit.unit], numbers.score(before["score"]),
        numbers.span(numbers.score(before["low"]), numbers.score(before["high"])), numbers.score_of(unit),
        numbers.interval_of(unit), numbers.score_change(unit.score, before["score"]),
        facts.say(f"change.{reading(unit, before)}"),
    )  # fmt: skip
