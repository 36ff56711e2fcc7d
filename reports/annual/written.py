"""Texts people wrote for a chapter or a unit, with the numbers in them filled from the facts of this result."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from reports import numbers
from reports.annual.facts import Facts
from reports.blocks import Block, Heading, Note, Paragraph

CHAPTERS = ("background", "scope", "scheme", "results", "parts", "units", "integrity", "cases", "problems",
            "rectification", "use", "limits")  # fmt: skip
EMBEDDED = re.compile(r"\{([A-Za-z0-9_.\-]+)\}")


def with_texts(facts: Facts, blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, with the written text of a chapter or unit right after its heading."""
    for block in blocks:
        yield block
        if isinstance(block, Heading) and block.fact in facts.source.texts:
            yield from paragraphs(facts, block.fact)


def paragraphs(facts: Facts, place: str) -> list[Block]:
    """The paragraphs written for a place (`results`, `unit.U001`), and from when they are when carried over."""
    written = facts.source.texts[place]
    lines = [line.strip() for line in written.text.splitlines()]
    answer: list[Block] = [
        Paragraph(filled(facts, line), "|".join([f"text.{place}", *embedded_facts(line)])) for line in lines if line
    ]
    if written.carried_from:
        period = numbers.period(written.carried_from, facts.language)
        answer.append(Note(facts.say("written.carried", period=period)))
    return answer


def filled(facts: Facts, text: str) -> str:
    """The text with `{metric.H2}` and the like replaced by the printed number; the dash where there is none."""
    return EMBEDDED.sub(lambda found: facts_value(facts, found.group(1)) or numbers.MISSING, text)


def unknown_facts(facts: Facts, text: str) -> list[str]:
    """The names in braces that stand for no number of this result, in order."""
    return [name for name in EMBEDDED.findall(text) if facts_value(facts, name) is None]


def embedded_facts(text: str) -> list[str]:
    """The facts of the numbers in braces, each once: what stands for several readings of one value opens that value.

    >>> embedded_facts("{unit.U1.score}、{unit.U1.n}，{metric.H2.mean}，{metric.H2.U1}，{period}")
    ['unit.U1', 'metric.H2', 'metric.H2.U1', 'scope']
    """
    found = (_fact_of(name) for name in EMBEDDED.findall(text))
    return list(dict.fromkeys(found))


def _fact_of(name: str) -> str:
    head, _, rest = name.partition(".")
    if head == "unit":
        return f"unit.{rest.rpartition('.')[0]}"
    return "scope" if head == "period" else name.removesuffix(".mean")


def facts_value(facts: Facts, name: str) -> str | None:
    """The printed number of a fact, None for an unknown one.

    Known are `period`, `results.median`, `results.scored`, `results.certain`, `scope.units`, `metric.CODE` (pooled),
    `metric.CODE.mean`, `metric.CODE.UNIT`, `unit.UNIT.score`, `unit.UNIT.n` and `unit.UNIT.grade`.
    """
    simple = {
        "period": lambda: facts.period,
        "results.median": lambda: numbers.score(facts.median_score),
        "results.scored": lambda: numbers.count(len(facts.scored)),
        "results.certain": lambda: numbers.count(sum(bool(u.grade) for u in facts.scored)),
        "scope.units": lambda: numbers.count(len(facts.units)),
    }
    if name in simple:
        return simple[name]()
    head, _, rest = name.partition(".")
    if head == "metric":
        return _metric(facts, rest)
    return _unit(facts, rest) if head == "unit" else None


def _metric(facts: Facts, rest: str) -> str | None:
    pooled = facts.pooled(rest)
    if pooled is not None:
        return facts.spoken(rest, pooled.value)
    code, _, whose = rest.rpartition(".")
    row = facts.mean(code) if whose == "mean" else facts.value(whose, code)
    return None if row is None else facts.spoken(code, row.value)


def _unit(facts: Facts, rest: str) -> str | None:
    code, _, what = rest.rpartition(".")
    unit = next((u for u in facts.units if u.unit == code), None)
    if unit is None:
        return None
    return {"score": numbers.score_of(unit), "n": numbers.count(facts.received(code)),
            "grade": facts.grade_title(unit.grade)}.get(what)  # fmt: skip
