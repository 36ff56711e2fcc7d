"""Chapter 12: limits, objections, versions."""

from __future__ import annotations

from datetime import date, timedelta

from reports import numbers
from reports.annual.facts import Facts
from reports.blocks import Block, Heading, Paragraph, Table
from reports.codes import document_code

WITH_PARTS = ("annual", "evidence", "workbook")
"""Kinds that list the hash of every file of records; those of one unit leave it to them."""
OWN_LIMITS = "source, else "  # a limit the records state comes before that of the standard


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
    told = sorted(set(assessment.provenance) - {"scheme", "scope", "parts", "batches"})
    named += [
        (facts.say(f"provenance.{key}", otherwise=key), _plain(facts, assessment.provenance[key])) for key in told
    ]
    return [*named, *(_parts(facts) if kind in WITH_PARTS else ())]


def _parts(facts: Facts) -> list[tuple[str, str]]:
    """The hash of every file of records the result rests on, one row each."""
    parts = facts.source.assessment.provenance.get("parts")
    found = parts if isinstance(parts, list) else []
    return [
        (facts.say("provenance.part", n=part["batch"], kind=facts.say(f"kind.{part['kind']}", otherwise=part["kind"])),
         str(part["sha256"]))
        for part in found
    ]  # fmt: skip


def version_table(facts: Facts, kind: str = "annual", unit: str | None = None) -> Table:
    """The same as a table of two columns."""
    head = (facts.say("head.item"), facts.say("head.content"))
    rows = tuple(version_rows(facts, kind, unit))
    return Table(facts.say("limits.table"), head, rows, (34, 122), (False, False), size=8.5, fact="versions")


def _plain(facts: Facts, value: object) -> str:
    if isinstance(value, dict) and {"start", "end"} <= set(value):
        last = date.fromisoformat(str(value["end"])[:10]) - timedelta(days=1)
        return numbers.span(str(value["start"])[:10], last.isoformat())
    if isinstance(value, dict):
        return "; ".join(f"{_key(k)}{_plain(facts, v)}" for k, v in value.items() if v is not None)
    if isinstance(value, list | tuple):
        return ", ".join(_plain(facts, v) for v in value) or facts.say("provenance.none")
    if isinstance(value, str) and value.startswith(OWN_LIMITS):
        return facts.say("provenance.own_limits", standard=value.removeprefix(OWN_LIMITS))
    return facts.say("provenance.none") if value is None else str(value)


def _key(name: str) -> str:
    """What stands before a value: a name or a version needs no word."""
    return {"id": "", "version": "v", "used": "", "sha256": "SHA-256 "}.get(name, f"{name} ")
