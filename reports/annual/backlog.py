"""Chapter 5, open cases: how long people have been waiting at the cut-off."""

from __future__ import annotations

from itertools import pairwise

from metrics.counting.backlog import AGE_DAYS
from reports import numbers
from reports.annual.facts import Facts
from reports.blocks import Block, Figure, Heading, Paragraph, Table
from reports.charts import figures

OLD = AGE_DAYS.index(30) + 1  # the first band of more than 30 days


def blocks(facts: Facts) -> list[Block]:
    """Open cases by age for all units, and by peer group as a table; nothing where no case is open."""
    totals = [sum(column) for column in zip(*facts.source.backlog.values(), strict=True)]
    if not sum(totals):
        return []
    old = {unit: sum(counts[OLD:]) for unit, counts in facts.source.backlog.items() if unit in facts.names}
    unit, most = max(old.items(), key=lambda pair: (pair[1], pair[0]), default=("", 0))
    count, older = numbers.count(sum(totals)), numbers.count(sum(totals[OLD:]))
    sentence = facts.say(
        "backlog.sentence", as_of=numbers.day(facts.source.assessment.as_of, facts.language), n=count,
        late=numbers.count(totals[-1]), unit=facts.names.get(unit, numbers.MISSING), most=numbers.count(most),
    )  # fmt: skip
    heading = "backlog.heading" if any(totals[:OLD]) else "backlog.heading_all"
    title = facts.say("backlog.figure")
    figure = figures.backlog(titles(facts), totals, language=facts.language)
    return [
        Heading(2, facts.say(heading, n=count, old=older), fact="backlog"),
        Paragraph(sentence, "backlog"),
        Figure(figure, title, title, 700, 260, "backlog"),
        _table(facts, totals),
    ]


def titles(facts: Facts) -> list[str]:
    """The bands of age, the youngest first."""
    between = [facts.say("backlog.band", low=low + 1, high=high) for low, high in pairwise(AGE_DAYS)]
    ends = facts.say("backlog.first", n=AGE_DAYS[0]), facts.say("backlog.last", n=AGE_DAYS[-1])
    return [ends[0], *between, ends[1]]


def _table(facts: Facts, totals: list[int]) -> Table:
    rows = []
    for group in facts.groups:
        own = [facts.source.backlog.get(unit.unit, [0] * len(totals)) for unit in group.units]
        counts = [sum(column) for column in zip(*own, strict=True)]
        rows.append((group.title, *(numbers.count(n) for n in counts), numbers.count(sum(counts))))
    total = facts.say("backlog.total")
    rows.append((total, *(numbers.count(n) for n in totals), numbers.count(sum(totals))))
    head = (facts.say("head.group"), *titles(facts), total)
    note = facts.say("head.note", units=facts.say("unit_head.count"))
    return Table(
        facts.say("backlog.table"), head, tuple(rows), (36, *[20] * len(totals), 18),
        (False, *[True] * (len(totals) + 1)), note, size=9, fact="backlog",
    )  # fmt: skip
