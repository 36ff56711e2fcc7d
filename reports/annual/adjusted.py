"""Bonuses, deductions and vetoes: what changed, by which rule and document, and what stood without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from evaluation.scores.result import UnitResult
from reports import numbers
from reports.annual.facts import Facts
from reports.blocks import Table

KINDS = ("finding", "bonus")


@dataclass(frozen=True)
class Entry:
    """One item of a unit in words. `points` and `score_without` stay numbers for the workbook; None is not told."""

    unit: str
    name: str
    points: float | None  # added or taken, None for a veto
    effect: str
    rule: str
    documents: str
    score_without: float | None
    grade_without: str


def entries(facts: Facts, units: Iterable[UnitResult]) -> list[Entry]:
    """Every item and veto of some units, in the order of the units."""
    found = []
    for unit in units:
        found += [_item(facts, unit, item) for item in unit.evidence]
        found += [_veto(facts, unit, veto) for veto in unit.vetoes]
    return found


def sentences(facts: Facts, unit: UnitResult) -> list[str]:
    """One sentence for each item and veto of a unit."""
    found = []
    for entry in entries(facts, [unit]):
        parts = [facts.say("adjusted.what", name=entry.name, effect=entry.effect)]
        parts += [facts.say("adjusted.rule", rule=entry.rule)] if entry.rule else []
        parts += [facts.say("adjusted.documents", documents=entry.documents)] if entry.documents else []
        parts += [facts.say("adjusted.without", without=without(facts, entry))] if without(facts, entry) else []
        found.append(facts.say("adjusted.separator").join(parts) + facts.say("adjusted.stop"))
    return found


def table(facts: Facts, units: Iterable[UnitResult]) -> Table | None:
    """All of them as a table; None where there is nothing."""
    rows = tuple(
        (facts.names[e.unit], e.name, e.effect, e.rule, e.documents or numbers.MISSING,
         without(facts, e) or numbers.MISSING)
        for e in entries(facts, units)
    )  # fmt: skip
    if not rows:
        return None
    head = ("head.unit", "adjusted.item", "adjusted.effect", "adjusted.rule_head", "adjusted.documents_head",
            "adjusted.without_head")  # fmt: skip
    return Table(
        facts.say("adjusted.table"), tuple(facts.say(key) for key in head), rows, (34, 30, 24, 40, 24, 22),
        (False,) * 6, size=9, fact="results.adjusted",
    )  # fmt: skip


def without(facts: Facts, entry: Entry) -> str:
    """The score without the item, and the grade without the veto; empty where neither may be told."""
    told = [] if entry.score_without is None else [numbers.score(entry.score_without)]
    return facts.say("adjusted.comma").join([*told, *([entry.grade_without] if entry.grade_without else [])])


def _item(facts: Facts, unit: UnitResult, item: Mapping[str, Any]) -> Entry:
    points = float(item["points"])
    rule = item.get("rule") or {}
    words = (
        facts.say("adjusted.item_rule", points=numbers.score(rule["per_item"]), cap=numbers.score(rule["cap"]))
        if rule
        else ""
    )
    effect = facts.say("adjusted.points", n=numbers.count(item["count"]), points=numbers.fixed(points, 2, signed=True))
    return Entry(
        unit.unit, _name(facts, item), points, effect, _sourced(facts, words, rule.get("document")),
        _documents(facts, item.get("documents", ())), item.get("score_without"), "",
    )  # fmt: skip


def _veto(facts: Facts, unit: UnitResult, veto: Mapping[str, Any]) -> Entry:
    words = ""
    if veto.get("value") is not None:
        code = str(veto["rule"]).partition(" ")[0]
        value, bound = (facts.spoken(code, veto[key]) for key in ("value", "bound"))
        words = facts.say("adjusted.veto_rule", rule=veto["rule"], value=value, bound=bound)
    grades = facts.say("adjusted.or").join(facts.grade_title(grade) for grade in veto.get("grade_without") or ())
    return Entry(
        unit.unit, _name(facts, veto), None,
        facts.say("adjusted.capped", grade=facts.grade_title(veto["cap_grade"])),
        _sourced(facts, words, veto.get("document")), _documents(facts, veto.get("documents", ())),
        veto.get("score_without"), grades,
    )  # fmt: skip


def _name(facts: Facts, row: Mapping[str, Any]) -> str:
    title = row.get("title") or {}
    return f"{row['code']} {title.get(facts.language) or title.get('zh') or ''}".strip()


def _sourced(facts: Facts, words: str, document: str | None) -> str:
    if not document:
        return words
    return facts.say("adjusted.sourced", words=words, document=document) if words else document


def _documents(facts: Facts, names: Iterable[str]) -> str:
    """ "finding 12" and "bonus 3" in words; any other name as it is."""
    told = []
    for name in names:
        kind, _, number = name.partition(" ")
        told.append(facts.say(f"adjusted.{kind}", number=number) if kind in KINDS else name)
    return facts.say("units.separator").join(told)
