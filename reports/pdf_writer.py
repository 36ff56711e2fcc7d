"""A document as PDF/A-2b: fonts embedded, figures as vectors with text, the same bytes for the same document."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from reports.blocks import Block, Document, Figure, Heading, Note, PageTurn, Paragraph, Table
from reports.charts.pen import clean
from reports.dates import date_parts
from reports.fact_marks import marks, names_of
from reports.table_widths import fitted_widths
from reports.texts import say
from reports.typesetting import chart_svg, compile_pdf

TEMPLATE = "report.typ"
LONGEST_NAME = 2_000
"""PDF/A holds at most 32,767 bytes in one string: bookmarks, titles and alternative texts are such strings."""


def write(document: Document, path: Path) -> Path:
    """Typeset the document and write it to `path`."""
    path.write_bytes(compile_pdf(TEMPLATE, typst_data(document)))
    return path


def typst_data(document: Document, *, has_pictures: bool = True) -> dict[str, Any]:
    """The document as the plain data the template reads."""
    return {
        "title": _name(document.title), "title_lines": [clean(line) for line in document.title_lines],
        "issuer": _name(document.issuer), "imprint": [clean(line) for line in document.imprint],
        "keywords": [_name(word) for word in document.keywords], "language": document.language,
        "date": date_parts(document.made_at), "toc_title": say(document.language, "toc.title"),
        "header": clean(document.footer or document.title),
        "front": _body(document, document.front, has_pictures),
        "body": _body(document, document.body, has_pictures),
    }  # fmt: skip


def _name(text: str) -> str:
    """A text that becomes a string of the PDF itself."""
    text = clean(text)
    return text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}…"


def _body(document: Document, blocks: Sequence[Block], has_pictures: bool) -> list[dict[str, Any]]:
    """The blocks as data; a heading right before a wide table goes onto its landscape sheet."""
    answer: list[dict[str, Any]] = []
    waiting: dict[str, Any] | None = None
    known = marks(document)
    for block, following in zip_longest(blocks, blocks[1:]):
        data = {**_block(block, has_pictures), "marks": [known[name] for name in names_of(block) if name in known]}
        if isinstance(block, Heading) and isinstance(following, Table) and following.is_landscape:
            waiting = data
            continue
        if waiting is not None:
            data, waiting = {**data, "heading": waiting}, None
        answer.append(data)
    return answer


def _block(block: Block, has_pictures: bool) -> dict[str, Any]:
    if isinstance(block, Heading):
        return {"kind": "heading", "level": block.level, "text": _name(block.text), "listed": block.is_listed}
    if isinstance(block, Paragraph):
        return {"kind": "paragraph", "text": clean(block.text)}
    if isinstance(block, Note):
        return {"kind": "note", "text": clean(block.text)}
    if isinstance(block, Figure):
        svg = chart_svg(block.figure, block.width, block.height, block.alt) if has_pictures else ""
        shape = {"svg": svg, "ratio": block.height / block.width}
        return {"kind": "figure", "title": clean(block.title), "alt": _name(block.alt), **shape}
    if isinstance(block, Table):
        return _table(block)
    return {"kind": "turn" if isinstance(block, PageTurn) else "toc"}


def _table(table: Table) -> dict[str, Any]:
    return {
        "kind": "table", "title": clean(table.title), "unit_note": clean(table.unit_note),
        "landscape": table.is_landscape, "whole": table.is_kept_whole, "size": table.size,
        "widths": list(fitted_widths(table)),
        "numeric": list(table.numeric), "head": [clean(cell) for cell in table.head],
        "rows": [[clean(cell) for cell in row] for row in table.rows],
    }  # fmt: skip
