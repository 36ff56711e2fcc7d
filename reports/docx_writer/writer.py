"""Blocks to Word paragraphs, tables and pictures."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING
from docx.shared import Cm, Pt

from reports import pdf_writer
from reports.blocks import Block, Document, Figure, Heading, Note, PageTurn, Paragraph, Table, Toc
from reports.charts.pen import clean
from reports.docx_writer import fields, styles, tables
from reports.texts import say
from reports.typesetting import chart_png

PICTURE_CM = 15.2


def write(document: Document, path: Path) -> Path:
    """Write the document to `path`; the page numbers of its contents come from the same blocks typeset by typst."""
    doc = docx.Document()
    styles.set_styles(doc)
    styles.set_page(doc.sections[0])
    doc.settings.odd_and_even_pages_header_footer = True
    _cover(doc, document)
    toc: list[fields.TocEntry] = []
    doc.add_section(WD_SECTION.NEW_PAGE)
    place = _front(doc, document)
    body = doc.add_section(WD_SECTION.NEW_PAGE)
    fields.start_numbering(body)
    fields.page_numbers(body)
    fields.running_header(body, document.footer or document.title)
    _body(doc, document, toc)
    if place is not None:
        pages = [entry["page"] for entry in pdf_writer.page_numbers(document) if entry["level"] <= 2]
        fields.fill_toc(doc, place, toc, pages)
    _properties(doc, document)
    doc.save(str(path))
    return path


def _cover(doc: Any, document: Document) -> None:
    _space(doc, 5)
    for line in document.title_lines:
        doc.add_paragraph(clean(line), style="Title")
    _space(doc, 9)
    for line in document.imprint:
        _centred(doc, line, styles.KAI, 16)


def _space(doc: Any, lines: int) -> None:
    for _ in range(lines):
        doc.add_paragraph()


def _centred(doc: Any, text: str, east: str, size: float) -> None:
    paragraph = doc.add_paragraph()
    paragraph.alignment = ALIGN.CENTER
    paragraph.paragraph_format.first_line_indent = Pt(0)
    run = paragraph.add_run(clean(text))
    run.font.size = Pt(size)
    styles.set_fonts(run._r, east)


def _front(doc: Any, document: Document) -> Any:
    """The pages before the body; returns the paragraph where the table of contents goes."""
    place = None
    for block in document.front:
        if isinstance(block, Toc):
            _centred(doc, say(document.language, "toc.title"), styles.TITLE, 22)
            place = doc.add_paragraph()
        else:
            _block(doc, block, [])
    return place


def _body(doc: Any, document: Document, toc: list[fields.TocEntry]) -> None:
    is_turned = False
    blocks = document.body
    for i, block in enumerate(blocks):
        wants_turned = isinstance(block, Table) and block.is_landscape
        if wants_turned != is_turned and (wants_turned or not _is_page_turn(block)):
            _turn_sheet(doc, is_landscape=wants_turned)
            is_turned = wants_turned
        elif is_turned and _is_page_turn(block) and i + 1 < len(blocks):
            following = blocks[i + 1]
            is_turned = isinstance(following, Table) and following.is_landscape
            _turn_sheet(doc, is_landscape=is_turned)
            continue
        _block(doc, block, toc)


def _is_page_turn(block: Block) -> bool:
    return isinstance(block, PageTurn)


def _turn_sheet(doc: Any, *, is_landscape: bool) -> None:
    section = doc.add_section(WD_SECTION.NEW_PAGE)
    section.orientation = WD_ORIENT.LANDSCAPE if is_landscape else WD_ORIENT.PORTRAIT
    styles.set_page(section, is_landscape=is_landscape)
    fields.continue_numbering(section)


def _block(doc: Any, block: Block, toc: list[fields.TocEntry]) -> None:
    if isinstance(block, Heading):
        fields.heading(doc, block.level, block.text, toc, is_listed=block.is_listed)
    elif isinstance(block, Paragraph):
        doc.add_paragraph(clean(block.text))
    elif isinstance(block, Note):
        doc.add_paragraph(clean(block.text), style="Reading note")
    elif isinstance(block, Figure):
        _picture(doc, block)
    elif isinstance(block, Table):
        _table(doc, block)
    elif isinstance(block, PageTurn):
        _break_page(doc)


def _break_page(doc: Any) -> None:
    """The next paragraph starts a page: an own paragraph with a break could leave an empty page behind."""
    paragraph = doc.add_paragraph()
    paragraph.paragraph_format.page_break_before = True
    form = paragraph.paragraph_format
    form.line_spacing_rule, form.line_spacing, form.first_line_indent = WD_LINE_SPACING.EXACTLY, Pt(1), Pt(0)


def _picture(doc: Any, figure: Figure) -> None:
    """A centred picture with its caption below; exact line spacing would clip it, so the paragraph is single."""
    paragraph = doc.add_paragraph()
    paragraph.alignment = ALIGN.CENTER
    form = paragraph.paragraph_format
    form.first_line_indent, form.line_spacing_rule, form.keep_with_next = Pt(0), WD_LINE_SPACING.SINGLE, True
    png = chart_png(figure.figure, figure.width, figure.height, figure.alt)
    shape = paragraph.add_run().add_picture(io.BytesIO(png), width=Cm(PICTURE_CM))
    shape._inline.docPr.set("descr", clean(figure.alt))
    caption = doc.add_paragraph(clean(figure.title), style="Caption")
    # Kept with the next, the caption would chain picture, headings and text over a whole page.
    caption.paragraph_format.keep_with_next = False


def _table(doc: Any, table: Table) -> None:
    doc.add_paragraph(clean(table.title), style="Caption")
    if table.unit_note:
        note = doc.add_paragraph(clean(table.unit_note), style="Reading note")
        note.alignment = ALIGN.RIGHT
        note.paragraph_format.keep_with_next = True
        note.paragraph_format.space_after = Pt(0)
    room = tables.LANDSCAPE_MM if table.is_landscape else tables.PORTRAIT_MM
    tables.add_table(doc, table.head, table.rows, table.widths, table.numeric, size=table.size, room_mm=room)
    after = doc.add_paragraph()
    form = after.paragraph_format
    form.line_spacing_rule, form.line_spacing, form.first_line_indent = WD_LINE_SPACING.EXACTLY, Pt(8), Pt(0)


def _properties(doc: Any, document: Document) -> None:
    info = doc.core_properties
    info.title, info.author = clean(document.title)[:255], clean(document.issuer)[:255]
    info.language = "zh-CN" if document.language == "zh" else "en-GB"
    info.keywords = clean(", ".join(document.keywords))[:255]
    parts = pdf_writer.date_parts(document.made_at)
    info.created = info.modified = dt.datetime(parts["year"], parts["month"], parts["day"])
