"""Blocks to Word paragraphs, tables and pictures."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING
from docx.oxml.shape import CT_Inline
from docx.shared import Cm, Emu, Pt

from reports.blocks import Block, Document, Figure, Heading, Note, PageTurn, Paragraph, Table, Toc
from reports.charts.pen import clean
from reports.dates import made_on
from reports.docx_writer import fields, native, paging, styles, tables, templates
from reports.docx_writer.marks import Marks
from reports.docx_writer.paragraphs import add_paragraph
from reports.texts import say
from reports.typesetting import chart_png

PICTURE_CM = paging.PICTURE_MM / 10


@dataclass
class Made:
    """What the writer has put down so far: entries for the table of contents, and how many figures.

    `is_own` says that the pages are those of an office's own template.
    """

    marks: Marks
    is_own: bool = False
    toc: list[fields.TocEntry] = field(default_factory=list)
    figures: int = 0


def write(document: Document, path: Path, *, template: Path | None = None) -> Path:
    """Write the document to `path`; the page numbers of its contents come from the same blocks set with its measures.

    `template` is an office's own Word file: its styles, margins, heads, feet and cover are kept, `{title}`, `{issuer}`,
    `{date}`, `{state}`, `{code}` in its text are filled, and the document begins after its last page. How its pages
    fall is known to Word alone: the contents have their numbers once Word has updated them.
    """
    if template is not None:
        _written(document, template, list).save(str(path))
        return path
    with ThreadPoolExecutor(1) as beside:  # the pages are counted in a thread of their own meanwhile
        pages = beside.submit(_pages, document)
        doc = _written(document, None, pages.result)
    doc.save(str(path))
    return path


def _pages(document: Document) -> list[int]:
    """The page of each entry of the table of contents, nothing where there is none."""
    if not any(isinstance(block, Toc) for block in document.front):
        return []
    return [entry["page"] for entry in paging.heading_places(document) if entry["level"] <= 2]


def _written(document: Document, template: Path | None, pages: Callable[[], list[int]]) -> Any:
    doc = docx.Document(str(template) if template else None)
    made = Made(Marks(doc, document), is_own=template is not None)
    if template is None:
        doc.settings.odd_and_even_pages_header_footer = True
        styles.set_styles(doc, document.language)
        styles.set_page(doc.sections[0])
        _cover(doc, document)
    else:
        templates.prepare(doc, document)
    if document.front:
        doc.add_section(WD_SECTION.NEW_PAGE).different_first_page_header_footer = False
    place = _front(doc, document, made)
    body = doc.add_section(WD_SECTION.NEW_PAGE)
    body.different_first_page_header_footer = False
    fields.start_numbering(body)
    if not templates.has_page_numbers(doc):
        fields.page_numbers(body)
    fields.running_header(body, document.footer or document.title)
    if template is not None:
        templates.carry_heads(doc.sections[0], body)
    _body(doc, document, made)
    if place is not None:
        fields.fill_toc(doc, place, made.toc, pages())
    _properties(doc, document)
    return doc


def _cover(doc: Any, document: Document) -> None:
    _space(doc, 5)
    for line in document.title_lines:
        add_paragraph(doc, line, "Title")
    _space(doc, 9)
    for line in document.imprint:
        _centred(doc, line, styles.KAI, 16)


def _space(doc: Any, lines: int) -> None:
    for _ in range(lines):
        add_paragraph(doc)


def _centred(doc: Any, text: str, east: str, size: float) -> None:
    paragraph = add_paragraph(doc)
    paragraph.alignment = ALIGN.CENTER
    paragraph.paragraph_format.first_line_indent = Pt(0)
    run = paragraph.add_run(clean(text))
    run.font.size = Pt(size)
    styles.set_fonts(run._r, east)


def _front(doc: Any, document: Document, made: Made) -> Any:
    """The pages before the body; returns the paragraph where the table of contents goes."""
    place = None
    for block in document.front:
        if isinstance(block, Toc):
            _centred(doc, say(document.language, "toc.title"), styles.TITLE, 22)
            place = add_paragraph(doc)
        else:
            _block(doc, block, made)
    return place


def _body(doc: Any, document: Document, made: Made) -> None:
    is_turned = False
    for i, block in enumerate(document.body):
        wants_turned = is_on_turned_sheet(document.body, i)
        if wants_turned != is_turned:
            _turn_sheet(doc, is_landscape=wants_turned, is_own=made.is_own)
            is_turned = wants_turned
            if isinstance(block, PageTurn):
                continue
        _block(doc, block, made)


def is_on_turned_sheet(blocks: Sequence[Block], place: int) -> bool:
    """Whether a block stands on a landscape sheet: wide tables, and the heading and page turn right before one."""
    block = blocks[place]
    if isinstance(block, Heading | PageTurn):
        return place + 1 < len(blocks) and is_on_turned_sheet(blocks, place + 1)
    return isinstance(block, Table) and block.is_landscape


def _turn_sheet(doc: Any, *, is_landscape: bool, is_own: bool) -> None:
    section = doc.add_section(WD_SECTION.NEW_PAGE)
    # The paragraph that holds the break is as low as can be, or it would start a page of its own after a full one.
    form = doc.paragraphs[-1].paragraph_format
    form.line_spacing_rule, form.line_spacing, form.first_line_indent = WD_LINE_SPACING.EXACTLY, Pt(1), Pt(0)
    section.orientation = WD_ORIENT.LANDSCAPE if is_landscape else WD_ORIENT.PORTRAIT
    if is_own:
        templates.turn_page(section, is_landscape=is_landscape)
    else:
        styles.set_page(section, is_landscape=is_landscape)
    fields.continue_numbering(section)


def _block(doc: Any, block: Block, made: Made) -> None:
    if isinstance(block, Heading):
        fields.heading(doc, block.level, block.text, made.toc, is_listed=block.is_listed)
    elif isinstance(block, Paragraph):
        made.marks.add(add_paragraph(doc, block.text), block)
    elif isinstance(block, Note):
        add_paragraph(doc, block.text, "Reading note")
    elif isinstance(block, Figure):
        made.figures += 1
        made.marks.add(_picture(doc, block, made.figures), block)
    elif isinstance(block, Table):
        made.marks.add(_table(doc, block), block)
    elif isinstance(block, PageTurn):
        _break_page(doc)


def _break_page(doc: Any) -> None:
    """The next paragraph starts a page: an own paragraph with a break could leave an empty page behind."""
    paragraph = add_paragraph(doc)
    paragraph.paragraph_format.page_break_before = True
    form = paragraph.paragraph_format
    form.line_spacing_rule, form.line_spacing, form.first_line_indent = WD_LINE_SPACING.EXACTLY, Pt(1), Pt(0)


def _picture(doc: Any, figure: Figure, number: int) -> Any:
    """A chart Word can edit, else a picture, centred with its caption below, which is returned.

    Exact line spacing would clip it, so the paragraph is single.
    """
    paragraph = add_paragraph(doc)
    paragraph.alignment = ALIGN.CENTER
    form = paragraph.paragraph_format
    form.first_line_indent, form.line_spacing_rule, form.keep_with_next = Pt(0), WD_LINE_SPACING.SINGLE, True
    size = (int(Cm(PICTURE_CM)), int(Cm(PICTURE_CM * figure.height / figure.width)))
    if not native.add_chart(doc, paragraph, figure.figure, number, size=size, alt=figure.alt):
        _drawn(doc, paragraph, figure, number, size)
    caption = add_paragraph(doc, figure.title, "Caption")
    # Kept with the next, the caption would chain picture, headings and text over a whole page.
    caption.paragraph_format.keep_with_next = False
    return caption


def _drawn(doc: Any, paragraph: Any, figure: Figure, number: int, size: tuple[int, int]) -> None:
    """A picture under a number of our own: python-docx would search the whole document for a free one."""
    png = chart_png(figure.figure, figure.width, figure.height, figure.alt)
    place, image = doc.part.get_or_add_image(io.BytesIO(png))
    inline = CT_Inline.new_pic_inline(
        200_000 + number, place, image.filename or "figure.png", Emu(size[0]), Emu(size[1])
    )
    inline.docPr.set("descr", clean(figure.alt))
    paragraph.add_run()._r.add_drawing(inline)


def _table(doc: Any, table: Table) -> Any:
    """A table below its caption, which is returned."""
    caption = add_paragraph(doc, table.title, "Caption")
    caption.paragraph_format.keep_with_next = True  # the caption style of an own template may not
    if table.unit_note:
        note = add_paragraph(doc, table.unit_note, "Reading note")
        note.alignment = ALIGN.RIGHT
        note.paragraph_format.keep_with_next = True
        note.paragraph_format.space_after = Pt(0)
    tables.add_table(doc, table)
    after = add_paragraph(doc)
    form = after.paragraph_format
    form.line_spacing_rule, form.line_spacing, form.first_line_indent = WD_LINE_SPACING.EXACTLY, Pt(8), Pt(0)
    return caption


def _properties(doc: Any, document: Document) -> None:
    info = doc.core_properties
    info.title, info.author = clean(document.title)[:255], clean(document.issuer)[:255]
    info.language = "zh-CN" if document.language == "zh" else "en-GB"
    info.keywords = clean(", ".join(document.keywords))[:255]
    info.created = info.modified = made_on(document.made_at)
