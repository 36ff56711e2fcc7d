"""The statement of the evidence pack: method with versions and hashes, each leadership team, objections, signatures."""

from __future__ import annotations

from evaluation.scores.result import UnitResult
from reports import numbers
from reports.annual import summary
from reports.annual.annexes import decision
from reports.annual.facts import Facts
from reports.annual.limits import version_table
from reports.annual.results import remark
from reports.blocks import Block, Document, Heading, PageTurn, Paragraph, Table, numbered
from reports.source import ReportSource

KIND = "evidence"
ROLES = ("maker", "reviewer", "auditor", "org")


def document(source: ReportSource, *, has_records: bool) -> Document:
    """The statement as a document; `has_records` says whether the sheet of cases is enclosed."""
    facts = Facts(source)
    place = source.city or source.office
    title = facts.say("pack.title", city=place, period=facts.period)
    blocks = [*_method(facts), *_teams(facts), *_objections(facts), *_records(facts, has_records), *_signatures(facts)]
    return Document(
        title=title, title_lines=(f"{place}{facts.period}" if source.language == "zh" else f"{place} {facts.period}",
                                  facts.say("pack.title_name")),
        issuer=source.office or place, imprint=summary.imprint(facts, KIND), body=numbered(blocks, source.language),
        language=source.language, made_at=source.made_at, footer=summary.running_line(facts, title, KIND),
        keywords=(source.verification_code,), cover=summary.cover(facts, KIND),
    )  # fmt: skip


def _method(facts: Facts) -> list[Block]:
    sentence = facts.say(
        "pack.method_text", number=facts.source.number, state=facts.say(f"state.{facts.source.state}")
    )  # fmt: skip
    return [Heading(1, facts.say("pack.method")), Paragraph(sentence, "versions"), version_table(facts, KIND)]


def _teams(facts: Facts) -> list[Block]:
    head = ("head.group", "head.unit", "head.grade", "head.score", "head.interval", "pack.before", "annex.received",
            "pack.coverage", "head.remark")  # fmt: skip
    rows = tuple(
        (group.title, facts.names[unit.unit], facts.grade_title(unit.grade), numbers.score_of(unit),
         numbers.interval_of(unit), _change(facts, unit),
         numbers.count(facts.received(unit.unit)), numbers.percent(_coverage(facts, unit)), remark(facts, unit))
        for group in facts.groups for unit in group.units
    )  # fmt: skip
    n = numbers.count(len(rows))
    table = Table(
        facts.say("pack.teams_table"), tuple(facts.say(h) for h in head), rows, (26, 50, 20, 18, 30, 18, 18, 20, 24),
        (False, False, False, True, True, True, True, True, False), is_landscape=True, size=9, fact="teams",
    )  # fmt: skip
    return [PageTurn(), Heading(1, facts.say("pack.teams", n=n)), table, PageTurn()]


def _change(facts: Facts, unit: UnitResult) -> str:
    before = facts.source.previous.get("units", {}).get(unit.unit)
    return numbers.score_change(unit.score, before["score"] if before else None)


def _coverage(facts: Facts, unit: UnitResult) -> float | None:
    """The share of the weight of the scheme that this unit has values for."""
    measured = facts.results(unit)
    total = sum(r.weight for r in measured)
    return sum(r.weight for r in measured if r.value is not None) / total if total else None


def _objections(facts: Facts) -> list[Block]:
    found = facts.source.objections
    answer: list[Block] = [Heading(1, facts.say("pack.objections", n=len(found)))]
    if not found:
        return [*answer, Paragraph(facts.say("annex.objections_none"))]
    rows = tuple(
        (str(o.get("number") or ""), facts.names.get(str(o.get("unit")), str(o.get("unit") or "")),
         str(o.get("text") or ""), decision(facts, o))
        for o in found
    )  # fmt: skip
    head = ("head.number", "head.unit", "head.content", "annex.decision")
    table = Table(facts.say("annex.objections", n=len(rows)), tuple(facts.say(h) for h in head), rows,
                  (14, 40, 66, 40), (False,) * 4, size=9, fact="annex.objections")  # fmt: skip
    return [*answer, table]


def _records(facts: Facts, has_records: bool) -> list[Block]:
    text = facts.say("pack.records_text" if has_records else "pack.records_none")
    return [Heading(1, facts.say("pack.records")), Paragraph(text, "records")]


def _signatures(facts: Facts) -> list[Block]:
    head = tuple(facts.say(f"pack.{name}") for name in ("role", "name", "signature", "date"))
    # Two empty lines leave room for a signature and a seal.
    rows = tuple((f"\n{facts.say(f'pack.role_{role}')}\n ", "", "", "") for role in ROLES)
    return [
        PageTurn(), Heading(1, facts.say("pack.signatures")), Paragraph(facts.say("pack.signatures_text")),
        Table(facts.say("pack.signature_table"), head, rows, (46, 30, 50, 30), (False,) * 4, size=12,
              is_numbered=False),
    ]  # fmt: skip
