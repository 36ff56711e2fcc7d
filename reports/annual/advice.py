"""Chapters 9 to 11: problems, rectification list, use of the results."""

from __future__ import annotations

from reports import numbers
from reports.annual.facts import Facts, PeerGroup, is_scored
from reports.annual.shortfalls import Shortfall, shortfalls
from reports.blocks import Block, Heading, Note, Paragraph, Table


def blocks(facts: Facts) -> list[Block]:
    """What falls short, what is to be put right by whom, and what the results may be used for."""
    found = shortfalls(facts)
    return [*_problems(facts, found), *_rectification(facts, found), *_use(facts)]


def _problems(facts: Facts, found: list[Shortfall]) -> list[Block]:
    answer: list[Block] = [Heading(1, facts.say("advice.problems_title", n=len(found)), fact="problems")]
    if not found:
        return [*answer, Paragraph(facts.say("advice.no_problem"))]
    answer.append(Paragraph(facts.say("advice.causes")))
    for item in sorted(found, key=lambda s: -s.share):
        name, count = facts.label(item.code).name, numbers.count(len(item.units))
        kind = "problem" if item.target is not None else "problem_points"
        title = facts.say(f"advice.{kind}_heading", name=name, n=count, share=numbers.percent(item.share))
        worst, result = item.units[0]
        sentence = facts.say(
            f"advice.{kind}", name=name, n=count, known=numbers.count(item.known), unit=facts.names[worst.unit],
            target=facts.spoken(item.code, item.target), value=facts.spoken(item.code, result.value),
        )  # fmt: skip
        answer += [Heading(2, title, fact=f"problem.{item.code}"), Paragraph(sentence, f"problem.{item.code}")]
    return answer


def _rectification(facts: Facts, found: list[Shortfall]) -> list[Block]:
    rows = []
    still_open = facts.say("advice.deadline_open")
    dues = {(task["unit"], task["indicator"]): task["due"] for task in facts.source.rectifications}
    place = {unit.unit: i for i, unit in enumerate(facts.units)}
    pairs = [(place[u.unit], item, u, r) for item in found for u, r in item.units]
    for number, (_, item, unit, result) in enumerate(sorted(pairs, key=lambda p: p[0]), 1):
        label = facts.label(item.code)
        rows.append(
            (str(number), facts.names[unit.unit], label.name, numbers.of_metric(result.value, label.unit),
             numbers.of_metric(item.target, label.unit), numbers.score(result.points),
             dues.get((unit.unit, item.code), still_open))
        )  # fmt: skip
    answer: list[Block] = [Heading(1, facts.say("advice.advice_title", n=len(rows)), fact="rectification")]
    if not rows:
        return [*answer, Paragraph(facts.say("advice.none"))]
    head = ("head.number", "head.responsible", "head.indicator", "head.value", "head.target", "head.points",
            "advice.deadline")  # fmt: skip
    table = Table(
        facts.say("advice.table"), tuple(facts.say(h) for h in head), tuple(rows), (12, 50, 38, 18, 16, 18, 20),
        (True, False, False, True, True, True, False), size=9, fact="rectification",
    )  # fmt: skip
    return [*answer, Paragraph(facts.say("advice.advice")), facts.fitting(table)]


def _use(facts: Facts) -> list[Block]:
    certain = sum(bool(u.grade) for u in facts.scored)
    answer: list[Block] = [
        Heading(1, facts.say("advice.use_title", n=numbers.count(certain)), fact="use"),
        Paragraph(facts.say("advice.use")),
        *(_bands(facts, group) for group in facts.groups),
    ]
    quota = facts.source.scheme.get("grades", {}).get("quota", {})
    for grade, limit in quota.items():
        allowed = int(numbers.exact(limit) * len(facts.scored)) if numbers.exact(limit) is not None else 0  # type: ignore[operator]
        actual = facts.grade_counts(facts.scored).get(grade, 0)
        sentence = facts.say(
            "advice.quota", grade=facts.grade_title(grade), limit=numbers.percent(limit), allowed=allowed, actual=actual
        )
        answer.append(Note(sentence))
    return answer


def _bands(facts: Facts, group: PeerGroup) -> Table:
    bands = []
    for grade in [*facts.grades, ""]:
        title = facts.grade_title(grade) if grade else facts.say("results.none")
        bands.append((title, [u for u in group.scored if (u.grade or "") == grade]))
    unscored = [u for u in group.units if not is_scored(u)]
    bands += [(facts.say("results.unscored"), unscored)] if unscored else []
    rows = []
    for title, units in bands:
        names = facts.say("units.separator").join(facts.short_names[u.unit] for u in units) or numbers.MISSING
        rows.append((title, numbers.count(len(units)), names))
    head = (facts.say("head.grade"), facts.say("head.units"), facts.say("advice.members"))
    return Table(
        facts.say("advice.bands_table", group=group.title), head, tuple(rows), (24, 16, 116), (False, True, False),
        fact=f"use.{group.code}",
    )  # fmt: skip
