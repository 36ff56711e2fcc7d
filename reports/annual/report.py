"""The annual report put together: cover, summary, contents, chapters and annexes."""

from __future__ import annotations

from reports.annual import (
    advice,
    annexes,
    background,
    cases,
    indicator_results,
    integrity,
    limits,
    results,
    scheme,
    scope,
    summary,
    unit_pages,
)
from reports.annual.facts import Facts
from reports.annual.written import with_texts
from reports.blocks import Block, Document, PageTurn, Toc, numbered
from reports.fact_marks import marked
from reports.source import ReportSource


def document(source: ReportSource) -> Document:
    """The whole annual report of a source."""
    facts = Facts(source)
    place = source.city or source.office
    title = facts.say("annual.title", city=place, period=facts.period)
    issuer = source.office or place
    front = (*summary.blocks(facts), PageTurn(), Toc())
    body = blocks(source)
    made = Document(
        title=title,
        title_lines=(facts.say("annual.title_line", city=place, period=facts.period), facts.say("annual.title_name")),
        issuer=issuer,
        imprint=summary.imprint(facts),
        cover=summary.cover(facts),
        front=front,
        body=numbered([*body, *annexes.fact_index(facts, (*front, *body))], source.language),
        language=source.language,
        made_at=source.made_at,
        footer=summary.running_line(facts, title),
        keywords=(source.verification_code, source.assessment.scheme.get("id", "")),
    )
    return marked(facts, made)


def blocks(source: ReportSource) -> list[Block]:
    """The numbered chapters and annexes, without cover, summary and contents."""
    facts = Facts(source)
    chapters = (background, scope, scheme, results, indicator_results, unit_pages, integrity, cases, advice, limits)
    made = [block for chapter in (*chapters, annexes) for block in chapter.blocks(facts)]
    return list(with_texts(facts, made))
