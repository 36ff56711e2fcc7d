"""Chapter 7: how far the numbers can be relied on."""

from __future__ import annotations

from typing import Any

from reports import numbers
from reports.annual.facts import Facts
from reports.blocks import Block, Heading, Paragraph, Table

DECIDED = ("confirmed", "explained", "data_error")


def blocks(facts: Facts) -> list[Block]:
    """Reported against confirmed, and the leads with their state."""
    findings = facts.source.findings
    count = numbers.count(len(findings))
    title = facts.say("integrity.title", n=count) if findings else facts.say(f"integrity.title_{_none(facts)}")
    answer: list[Block] = [Heading(1, title, fact="integrity"), *_gap(facts)]
    answer.append(Heading(2, facts.say("integrity.leads_heading")))
    if findings:
        sentence = facts.say("integrity.leads", n=count) + _states(facts, findings)
        answer += [Paragraph(sentence, "integrity.leads"), _table(facts, findings)]
    else:
        answer.append(Paragraph(facts.say(f"integrity.leads_{_none(facts)}"), "integrity.leads"))
    return answer


def _none(facts: Facts) -> str:
    """Why no lead is listed: nobody looked, this reader gets none, or there is none."""
    if "findings" in facts.source.hidden:
        return "hidden"
    return "none" if facts.source.is_searched else "not_searched"


def _states(facts: Facts, findings: list[dict[str, Any]]) -> str:
    """How many leads people have decided and how, and how many are open."""
    counts = {state: sum(f.get("state") == state for f in findings) for state in DECIDED}
    counts["open"] = len(findings) - sum(counts.values())
    parts = [facts.say(f"findings.{state}", n=numbers.count(n)) for state, n in counts.items() if n]
    return facts.say("findings.states", parts=facts.say("units.separator").join(parts))


def _gap(facts: Facts) -> list[Block]:
    claimed, confirmed = facts.pooled("H2s"), facts.pooled("H2")
    if claimed is None or confirmed is None or claimed.value is None or confirmed.value is None:
        return [Heading(2, facts.say("integrity.gap_plain")), Paragraph(facts.say("integrity.gap_missing"))]
    gap = numbers.percent_points(claimed.value - confirmed.value, signed=False)
    rates = {"claimed": numbers.percent(claimed.value), "confirmed": numbers.percent(confirmed.value)}
    title = "integrity.gap_heading" if claimed.value > confirmed.value else "integrity.gap_plain"
    return [
        Heading(2, facts.say(title, gap=gap), fact="metric.H2s"),
        Paragraph(facts.say("integrity.gap", gap=gap.lstrip(numbers.MINUS), **rates), "metric.H2s"),
    ]


def _table(facts: Facts, findings: list[dict[str, Any]]) -> Table:
    head = ("integrity.detector", "head.unit", "integrity.fact", "integrity.count", "integrity.value",
            "integrity.expected", "integrity.state")  # fmt: skip
    return Table(
        facts.say("integrity.table"), tuple(facts.say(h) for h in head), tuple(_row(facts, f) for f in findings),
        (14, 34, 60, 14, 18, 16, 16), (False, False, False, True, True, True, False), size=9, fact="integrity.leads",
    )  # fmt: skip


def _row(facts: Facts, finding: dict[str, Any]) -> tuple[str, ...]:
    sentence = finding.get("sentence") or {}
    if isinstance(sentence, dict):
        sentence = sentence.get(facts.language) or sentence.get("zh") or ""
    name = str(finding.get("unit_name") or facts.names.get(str(finding.get("unit")), ""))
    unit = name if finding.get("named") else facts.say("integrity.unnamed")
    state = str(finding.get("state") or "open")
    return (
        str(finding.get("detector", "")), unit, str(sentence), numbers.count(finding.get("count")),
        numbers.rate(finding.get("value")), numbers.rate(finding.get("expected")),
        facts.say(f"integrity_state.{state}", otherwise=state),
    )  # fmt: skip
