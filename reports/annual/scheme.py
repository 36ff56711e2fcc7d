"""Chapter 3: indicators, weights, formulas, data and exclusions."""

from __future__ import annotations

from typing import Any

from evaluation.rules.parameters import parameters
from reports import numbers
from reports.annual.facts import Facts
from reports.blocks import Block, Heading, Note, Paragraph, Table


def blocks(facts: Facts) -> list[Block]:
    """The scheme as two tables, then where the data come from and what was left out."""
    sizes = {"groups": len(facts.scheme_groups), "indicators": len(facts.indicators)}
    total = numbers.weight(sum(float(i["weight"]) for i in facts.indicators))
    has_groups, is_linear = bool(facts.scheme_groups), all(i.get("method") == "goalposts" for i in facts.indicators)
    answer: list[Block] = [
        Heading(1, facts.say("scheme.title" if has_groups else "scheme.title_flat", **sizes), fact="scheme"),
        Heading(2, facts.say("scheme.weights_heading")),
        Paragraph(
            facts.say("scheme.weights" if has_groups else "scheme.weights_flat", total=total, **sizes)
            + facts.say("scheme.linear" if is_linear else "scheme.by_table"),
            "scheme.weights",
        ),
        weights_table(facts),
        Heading(2, facts.say("scheme.formula_heading")),
        formula_table(facts),
        Heading(2, facts.say("scheme.source_heading")),
        Paragraph(_source(facts), "scheme.source"),
    ]
    small = facts.source.scheme.get("small_n", {})
    if small:
        sizes_text = {"suppress": numbers.count(small.get("suppress")), "rank": numbers.count(small.get("rank"))}
        answer.append(Paragraph(facts.say("scheme.small", **sizes_text)))
    if facts.source.batches:
        answer.append(_batches(facts))
    answer += [parameters_table(facts), Note(facts.say("parameter.fixed"))]
    answer += [Note(warning) for warning in facts.warnings]
    return answer


def weights_table(facts: Facts) -> Table:
    """Every indicator with its group, weight, scoring and target."""
    rows = []
    for group in facts.sections:
        for indicator in facts.group_indicators(group["id"]):
            label = facts.label(indicator["code"])
            target = numbers.of_metric(indicator.get("target"), label.unit)
            rows.append(
                (facts.group_title(group), f"{label.name}（{indicator['code']}）" if facts.language == "zh" else
                 f"{label.name} ({indicator['code']})", numbers.weight(indicator["weight"]),
                 scoring(facts, indicator), target, facts.say(f"unit_head.{label.unit}"))
            )  # fmt: skip
    head = ("scheme.group_column", "head.indicator", "head.weight", "head.method", "head.target")
    table = Table(
        facts.say("scheme.weights_table"), (*(facts.say(h) for h in head), facts.say("head.measure")), tuple(rows),
        (20, 54, 12, 40, 14, 14), (False, False, True, False, True, False), size=9, fact="scheme.weights",
    )  # fmt: skip
    table = facts.fitting(table)
    return table if facts.scheme_groups else table.without(facts.say("scheme.group_column"))


def scoring(facts: Facts, indicator: dict[str, Any]) -> str:
    """How a value becomes points, in a few words."""
    if indicator.get("method") != "goalposts":
        method = str(indicator.get("method", ""))
        return facts.say("scheme.method_other", method=facts.say(f"method.{method}"))
    unit = facts.label(indicator["code"]).unit
    ends = {end: numbers.of_metric(indicator.get(end), unit) for end in ("zero", "full")}
    return facts.say("scheme.goalposts", **ends)


def formula_table(facts: Facts) -> Table:
    """Every indicator with formula and edge cases from the registry."""
    labels = [facts.label(i["code"]) for i in facts.indicators]
    rows = tuple((lb.code, lb.name, lb.formula or numbers.MISSING, lb.edge or numbers.MISSING) for lb in labels)
    head = tuple(facts.say(h) for h in ("head.code", "head.indicator", "head.formula", "head.edge"))
    return Table(facts.say("scheme.formula_table"), head, rows, (21, 32, 61, 42), (False,) * 4, size=9)


def parameters_table(facts: Facts) -> Table:
    """Every parameter of the method with its value, and the default beside it."""
    rows = tuple(
        (facts.say(f"parameter.{row.name}"), row.name, _plain(facts, row.value), _plain(facts, row.default))
        for row in parameters(facts.source.scheme)
    )
    head = tuple(facts.say(f"parameter.{key}") for key in ("head", "key", "value", "default"))
    return Table(
        facts.say("parameter.table"), head, rows, (84, 48, 24, 24), (False, False, True, True), size=9,
        fact="scheme.parameters",
    )  # fmt: skip


def _plain(facts: Facts, value: Any) -> str:
    """A parameter as the scheme file writes it; the ways of combining levels in words."""
    if value is None:
        return facts.say("parameter.none")
    return facts.say(f"parameter.{value}") if isinstance(value, str) else f"{value:.12g}"


def _source(facts: Facts) -> str:
    batches = facts.source.batches
    received, excluded = facts.pooled("n_received"), facts.pooled("n_excluded")
    share = None
    if received and excluded and received.value and excluded.value is not None:
        share = excluded.value / received.value
    rows = [b["rows"] for b in batches if isinstance(b.get("rows"), int)]
    scope = facts.source.scheme.get("scope", "kept")
    key = "scheme.source" if batches else "scheme.source_unlisted"
    return facts.say(
        key, batches=numbers.count(len(batches)), rows=numbers.count(sum(rows) if rows else None),
        received=numbers.count(received.value if received else None), share=numbers.percent(share),
        excluded=numbers.count(excluded.value if excluded else None), scope=facts.say(f"scheme.scope_{scope}"),
    )  # fmt: skip


def _batches(facts: Facts) -> Table:
    rows = []
    for batch in facts.source.batches:
        dates = numbers.span(
            str(batch.get("first") or numbers.MISSING)[:10], str(batch.get("last") or numbers.MISSING)[:10]
        )
        kind = facts.say(f"kind.{batch.get('kind')}", otherwise=str(batch.get("kind") or ""))
        name = str(batch.get("file") or batch.get("name") or numbers.MISSING)
        rows.append((str(batch.get("number") or ""), kind, name, numbers.count(batch.get("rows")), dates))
    head = ("scheme.batch", "scheme.kind", "scheme.file", "scheme.rows", "scheme.span")
    return Table(
        facts.say("scheme.batches_table"), tuple(facts.say(h) for h in head), tuple(rows), (10, 18, 68, 18, 46),
        (True, False, False, True, False), fact="scheme.source",
    )  # fmt: skip
