"""The annual report as a page, chapter by chapter, with the way from each sentence to what is behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from pipeline.paper.report_source import UnknownAssessment, require_documents, source_for
from records.access import Action
from reports import annual
from reports.annual.facts import Facts
from reports.annual.summary import running_line
from reports.blocks import Block, Document, Figure, Heading, Note, Paragraph, Table
from web.drawn import charts
from web.languages import language
from web.session import for_action, instance, viewer
from web.shown.report_facts import addresses

pages = Blueprint("report_preview", __name__, url_prefix="/reports/preview")
may_order = for_action(Action.MAKE_REPORTS)


@pages.get("/<int:number>")
@may_order
def show(number: int) -> ResponseReturnValue:
    """`?chapter=` chooses one, 0 is the summary; the same blocks as the Word and PDF files."""
    try:
        source = source_for(instance(), number, language=language(), viewer=viewer())
    except UnknownAssessment:
        abort(404)
    require_documents(viewer(), kind="annual", unit=None, state=source.state)
    document = annual.document(source)
    chapters = chapters_of(document)
    chosen = request.args.get("chapter", 0, type=int)
    if not 0 <= chosen < len(chapters):
        abort(404)
    codes = frozenset(str(indicator["code"]) for indicator in source.scheme.get("indicator", []))
    blocks = [_shown(block, place, number, codes) for place, block in enumerate(chapters[chosen])]
    titles = [chapter[0].text for chapter in chapters if isinstance(chapter[0], Heading)]
    return render_template(
        "report_preview/show.html", number=number, title=document.title, titles=titles, chosen=chosen, blocks=blocks,
        line=running_line(Facts(source), ""),
    )  # fmt: skip


def chapters_of(document: Document) -> list[list[Block]]:
    """The summary, then every chapter and annex: each begins with its heading of level 1."""
    found: list[list[Block]] = []
    for block in (*document.front, *document.body):
        if isinstance(block, Heading) and block.level == 1:
            found.append([])
        if found:
            found[-1].append(block)
    return found


def _shown(block: Block, place: int, number: int, codes: frozenset[str]) -> dict[str, Any]:
    """A block as the template prints it, with the addresses behind its facts."""
    fact = getattr(block, "fact", "")
    row: dict[str, Any] = {"id": f"b{place}", "hrefs": addresses(fact, number, codes), "kind": ""}
    if isinstance(block, Heading):
        return {**row, "kind": "heading", "text": block.text, "level": min(block.level + 1, 4)}
    if isinstance(block, Paragraph):
        return {**row, "kind": "paragraph", "text": block.text}
    if isinstance(block, Note):
        return {**row, "kind": "note", "text": block.text}
    if isinstance(block, Figure):
        size = (block.width, block.height)
        drawn = charts.chart(f"chart-{place}", block.figure, block.alt, wide=size, is_interactive=False)
        return {**row, "kind": "figure", "title": block.title, "chart": drawn}
    if isinstance(block, Table):
        return {**row, "kind": "table", "note": block.unit_note, "title": block.title, "table": _table(block)}
    return row


def _table(block: Table) -> charts.Table:
    columns: Sequence[tuple[str, bool]] = list(zip(block.head, block.numeric, strict=True))
    return charts.Table(block.title, columns, block.rows)
