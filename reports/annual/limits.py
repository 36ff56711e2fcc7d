"""Chapter 12: limits, objections, versions."""

from __future__ import annotations

from reports import numbers
from reports.annual.facts import Facts
from reports.blocks import Block, Heading, Paragraph, Table
from reports.codes import document_code


def blocks(facts: Facts) -> list[Block]:
    """What the results cannot say, who objected, and how a copy is verified."""
    objections = numbers.count(len(facts.source.objections))
    sentence = "limits.objection" if facts.source.objections else "limits.objection_none"
    return [
        Heading(1, facts.say("limits.title"), fact="limits"),
        Heading(2, facts.say("limits.limit_heading")),
        Paragraph(facts.say("limits.limit")),
        *(Paragraph(warning) for warning in facts.warnings),
        Heading(2, facts.say("limits.objection_heading", n=objections)),
        Paragraph(facts.say(sentence, n=objections), "objections"),
        Heading(2, facts.say("limits.version_heading")),
        Paragraph(facts.say("limits.version")),
        version_table(facts),
    ]


def version_rows(facts: Facts, kind: str = "annual", unit: str | None = None) -> list[tuple[str, str]]:
    """What identifies this result: names and values, every hash in full."""
    source, assessment = facts.source, facts.source.assessment
    scheme = assessment.scheme
    rows = [
        ("limits.number", str(source.number)),
        ("limits.state", facts.say(f"state.{source.state}")),
        ("limits.scheme", f"{scheme.get('id', '')} {scheme.get('version', '')}"),
        ("limits.sha", scheme.get("sha256", "")),
        ("limits.scope", facts.say(f"scheme.scope_{source.scheme.get('scope', 'kept')}")),
        ("limits.as_of", assessment.as_of or numbers.MISSING),
        ("limits.made_at", source.made_at or numbers.MISSING),
        ("limits.seed", f"{assessment.seed} / {numbers.count(assessment.draws)}"),
        ("limits.code", source.verification_code or numbers.MISSING),
        ("limits.document_code", document_code(source.content_sha256, kind, unit) or numbers.MISSING),
        ("limits.content_sha", source.content_sha256 or numbers.MISSING),
    ]
    named = [(facts.say(key), value) for key, value in rows]
    return named + [(key, _plain(value)) for key, value in sorted(assessment.provenance.items())]


def version_table(facts: Facts, kind: str = "annual", unit: str | None = None) -> Table:
    """The same as a table of two columns."""
    head = (facts.say("head.item"), facts.say("head.content"))
    rows = tuple(version_rows(facts, kind, unit))
    return Table(facts.say("limits.table"), head, rows, (34, 122), (False, False), size=8.5, fact="versions")


def _plain(value: object) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{k} {_plain(v)}" for k, v in sorted(value.items()))
    if isinstance(value, list | tuple):
        return ", ".join(_plain(v) for v in value)
    return str(value)
