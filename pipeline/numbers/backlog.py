"""Open cases of a period by age, counted once when an assessment is made."""

from __future__ import annotations

from itertools import pairwise

from metrics.clocks.daytable import day_number
from metrics.clocks.period import parse
from metrics.counting.backlog import AGE_DAYS, open_by_age_text
from pipeline.numbers.counting import build_facts
from pipeline.views.words import Words
from records.engine import Engine
from records.instance import Instance


def open_by_age(instance: Instance, period: str, *, scope: str = "kept", start_day: int = 1) -> dict[str, list[int]]:
    """Per unit the open cases of the period in the bands of `age_titles`; a unit without open cases has no entry."""
    facts = build_facts(instance)
    if facts.as_of is None:
        return {}
    asked = parse(period, start_day)
    text = open_by_age_text(day_number(asked.start), day_number(asked.end), day_number(facts.as_of.date()), scope)
    rows = Engine(instance).run(text, {"facts": facts.views["facts"]})
    return {unit: [int(n) for n in counts] for unit, *counts in rows if unit is not None}


def age_titles() -> tuple[Words, ...]:
    """What the bands are called, the youngest first.

    >>> [title.en for title in age_titles()][:2], age_titles()[-1].zh
    (['up to 7 days', '8–15 days'], '90天以上')
    """
    first, last = AGE_DAYS[0], AGE_DAYS[-1]
    between = [(low + 1, high) for low, high in pairwise(AGE_DAYS)]
    return (
        Words(f"{first}天以内", f"up to {first} days"),
        *(Words(f"{low}—{high}天", f"{low}–{high} days") for low, high in between),
        Words(f"{last}天以上", f"over {last} days"),
    )
