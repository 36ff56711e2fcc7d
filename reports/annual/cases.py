"""Chapter 8: cases side by side, masked, without the names of units."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from reports import numbers
from reports.annual.facts import Facts
from reports.blocks import Block, Heading, Note, Paragraph, Table

MOST_TEXT = 600  # characters of one text; what is longer is cut and says so


def blocks(facts: Facts) -> list[Block]:
    """One table per category: a case answered well beside one that was not."""
    cases = facts.source.cases
    if not cases:
        title = facts.say("integrity.cases_none_title")
        return [Heading(1, title, fact="cases"), Paragraph(facts.say("integrity.cases_none"))]
    pairs = [(category, list(found)) for category, found in groupby(cases, key=lambda case: str(case["category"]))]
    answer: list[Block] = [
        Heading(1, facts.say("cases.title", n=len(pairs)), fact="cases"),
        Paragraph(facts.say("cases.intro"), "cases"),
    ]
    for category, found in pairs:
        answer += [Heading(2, facts.say("cases.pair", category=category)), _table(facts, category, found)]
    return [*answer, Note(facts.say("integrity.cases_note"))]


def _table(facts: Facts, category: str, cases: list[dict[str, Any]]) -> Table:
    columns = [_column(facts, case) for case in cases]
    names = [facts.say(f"cases.{name}") for name in ("number", "peers", "demand", "reply", "times", "follow_up")]
    rows = tuple((name, *(column[i] for column in columns)) for i, name in enumerate(names))
    head = (facts.say("head.item"), *(facts.say(f"cases.{case['side']}") for case in cases))
    facts_of = "|".join(f"case.{case['register']}/{case['case_no']}" for case in cases)
    return Table(
        facts.say("cases.table", category=category), head, rows, (24, *[66] * len(cases)),
        (False,) * (1 + len(cases)), size=9, fact=facts_of,
    )  # fmt: skip


def _column(facts: Facts, case: dict[str, Any]) -> tuple[str, ...]:
    unit = next((u for u in facts.units if u.unit == case["unit"]), None)
    group = facts.source.peer_groups.get(unit.group or "") if unit else None
    demand = "\n".join(part for part in (case.get("title"), case.get("content")) if part)
    in_time = {1: "in_time", 2: "late"}.get(case.get("reply_strict") or 0, "undecided")
    times = (case.get(name) or numbers.MISSING for name in ("received_at", "first_response_at"))
    rating = case.get("rating")
    rated = facts.say("cases.rating", rating=rating) if rating else facts.say("cases.unrated")
    resolved = facts.say(f"cases.resolved_{case.get('resolved') or 'no'}")
    separator = facts.say("units.separator")
    return (
        str(case["case_no"]), group or facts.say("facts.no_group"), shortened(facts, demand),
        shortened(facts, case.get("reply_text") or numbers.MISSING),
        separator.join((numbers.span(*times), facts.say(f"cases.{in_time}"))), separator.join((resolved, rated)),
    )  # fmt: skip


def shortened(facts: Facts, text: str) -> str:
    """A text as it is, or its beginning with the words that say how long it was."""
    return text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + facts.say("cases.cut", n=numbers.count(len(text)))
