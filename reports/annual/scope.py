"""Chapter 2: units, scope and period."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.scores.result import UnitResult
from reports import numbers
from reports.annual.facts import Facts
from reports.blocks import Block, Heading, Paragraph, Table


def blocks(facts: Facts) -> list[Block]:
    """The period with its rules of counting, and the peer groups with their cases."""
    received = facts.pooled("n_received")
    cases = numbers.count(received.value if received else None)
    withheld = len(facts.unscored)
    sizes = {"units": numbers.count(len(facts.units)), "groups": len(facts.groups)}
    as_of = numbers.day(facts.source.assessment.as_of, facts.language)
    rest = "scope.some_scored" if withheld else "scope.all_scored"
    counted = {"scored": numbers.count(len(facts.units) - withheld), "withheld": numbers.count(withheld)}
    return [
        Heading(1, facts.say("scope.title", cases=cases, **sizes), fact="scope"),
        Heading(2, facts.say("scope.period_heading")),
        Paragraph(facts.say("scope.period", period=facts.period, as_of=as_of), "scope.period"),
        Heading(2, facts.say("scope.units_heading")),
        Paragraph(facts.say("scope.units", **sizes, rest=facts.say(rest, **counted)), "scope.units"),
        _table(facts, cases),
    ]


def _table(facts: Facts, cases: str) -> Table:
    rows = []
    for group in facts.groups:
        known = [v.value for u in group.units if (v := facts.value(u.unit, "n_received")) and v.value is not None]
        rows.append(
            _row(
                group.title, len(group.units), numbers.count(sum(known) if known else None), _judged(facts, group.units)
            )
        )
    rows.append(_row(facts.say("scope.total"), len(facts.units), cases, _judged(facts, facts.units)))
    head = ("head.group", "head.units", "scope.received", "scope.scored", "scope.withheld")
    return Table(
        facts.say("scope.table"), tuple(facts.say(h) for h in head), tuple(rows), (50, 24, 30, 26, 26),
        (False, True, True, True, True), fact="scope.units",
    )  # fmt: skip


def _judged(facts: Facts, units: Sequence[UnitResult]) -> int:
    return sum(unit not in facts.unscored for unit in units)


def _row(title: str, units: int, cases: str, scored: int) -> tuple[str, ...]:
    return (title, numbers.count(units), cases, numbers.count(scored), numbers.count(units - scored))
