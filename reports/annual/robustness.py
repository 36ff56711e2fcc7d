"""Annex on robustness: what the order of units owes to the choices of the scheme, and to the mix of cases."""

from __future__ import annotations

from typing import Any

from evaluation.rules.parameters import comparison_of
from evaluation.uncertainty.imputation import IMPUTATIONS
from reports import numbers
from reports.annual.facts import Facts
from reports.blocks import Block, Note, Paragraph, Table

ALONE = "*"  # behind an adjusted rate that does not compare


def blocks(facts: Facts) -> list[Block]:
    """The single changes with their shift of places, then rates adjusted for the mix of cases."""
    variants = others(facts)
    if not variants:
        return [Paragraph(facts.say("robust.none")), *_adjusted(facts)]
    worst = max(variants, key=lambda v: float(v["mean_shift"]))
    sentence = facts.say("robust.sentence", name=_spoken(facts, worst), shift=numbers.ends(worst["shift_ends"], 2))
    rows = tuple(
        (facts.say(f"robust.kind_{v['kind']}"), _name(facts, v), numbers.ends(v["shift_ends"], 2),
         numbers.ends(v["kendall_ends"], 3), numbers.count(v["largest"]))
        for v in variants
    )  # fmt: skip
    head = tuple(facts.say(f"robust.{name}") for name in ("kind", "variant", "shift", "kendall", "largest"))
    table = Table(facts.say("robust.table"), head, rows, (32, 52, 22, 28, 22), (False, False, True, True, True), size=9,
                  fact="robustness")  # fmt: skip
    drawn = [Note(facts.say("robust.drawn", n=numbers.count(IMPUTATIONS)))] if facts.ranges else []
    return [Paragraph(sentence, "robustness"), table, *drawn, *_adjusted(facts)]


def others(facts: Facts) -> list[dict[str, Any]]:
    """The single changes without the scheme's own way of combining, which changes nothing."""
    own = ("aggregation", facts.source.scheme.get("aggregate", {}).get("across"))
    return [v for v in facts.source.robustness if (v["kind"], v["name"]) != own]


def _name(facts: Facts, variant: dict[str, Any]) -> str:
    if variant["kind"] == "left_out":
        return facts.label(variant["name"]).name
    return facts.say(f"robust.name_{variant['name']}", otherwise=variant["name"])


def _spoken(facts: Facts, variant: dict[str, Any]) -> str:
    name = _name(facts, variant)
    return facts.say("robust.without", name=name) if variant["kind"] == "left_out" else name


def _adjusted(facts: Facts) -> list[Block]:
    """Raw and adjusted rates of every unit, metric by metric beside each other."""
    rates = {(rate["unit"], rate["metric"]): rate for rate in facts.source.adjusted}
    codes = list(dict.fromkeys(rate["metric"] for rate in facts.source.adjusted))
    if not codes:
        return []
    rows, least = [], comparison_of(facts.source.scheme).least_overlap
    for unit in facts.units:
        own = [rates.get((unit.unit, code)) for code in codes]
        cells = [_cell(rate, key, least) for rate in own for key in ("raw", "value")]
        rows.append((facts.names[unit.unit], *cells))
    keys = ("robust.adjusted_note", "robust.adjusted_value")
    names = [facts.say(key, name=facts.label(code).name) for code in codes for key in keys]
    table = Table(facts.say("robust.adjusted_table"), (facts.say("head.unit"), *names), tuple(rows),
                  (46, *[20] * len(names)), (False, *[True] * len(names)), size=9, fact="adjusted")  # fmt: skip
    alone = any(_is_alone(rate, least) for rate in rates.values())
    note = [Note(facts.say("robust.adjusted_alone", mark=ALONE, least=numbers.level(least)))] if alone else []
    return [Note(facts.say("robust.adjusted")), table, *note]


def _cell(rate: dict[str, Any] | None, key: str, least: float) -> str:
    """A rate as text; an adjusted one of a mix that is too unlike the others' carries a mark."""
    text = numbers.rate(rate[key] if rate else None)
    return f"{text}{ALONE}" if rate and key == "value" and _is_alone(rate, least) else text


def _is_alone(rate: dict[str, Any], least: float) -> bool:
    return bool(rate.get("overlap", 1.0) < least)
