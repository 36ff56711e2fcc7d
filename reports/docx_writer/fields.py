"""What Word computes by itself: page numbers, bookmarks, the table of contents."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph

from reports.charts.pen import clean
from reports.docx_writer.paragraphs import add_paragraph, set_style
from reports.docx_writer.styles import SONG, set_fonts

TocEntry = tuple[int, str, str]  # level, text, bookmark


def add_field(paragraph: Any, instruction: str, shown: str = "", *, is_dirty: bool = False) -> None:
    """A field such as PAGE; `shown` is what a reader sees before Word updates it."""
    field_char(paragraph, "begin", is_dirty=is_dirty)
    _instruction(paragraph, instruction)
    field_char(paragraph, "separate")
    paragraph.add_run(shown)
    field_char(paragraph, "end")


def field_char(paragraph: Any, kind: str, *, is_dirty: bool = False) -> None:
    element = OxmlElement("w:fldChar")
    element.set(qn("w:fldCharType"), kind)
    if is_dirty:
        element.set(qn("w:dirty"), "true")
    paragraph.add_run()._r.append(element)


def _instruction(paragraph: Any, instruction: str) -> None:
    text = OxmlElement("w:instrText")
    text.set(qn("xml:space"), "preserve")
    text.text = instruction
    paragraph.add_run()._r.append(text)


def start_numbering(section: Any, at: int = 1) -> None:
    """Pages of this section count from `at`."""
    section._sectPr.append(parse_xml(f'<w:pgNumType {nsdecls("w")} w:start="{at}"/>'))


def continue_numbering(section: Any) -> None:
    """A new section copies pgNumType of the one before: without this its pages start at 1 again."""
    for element in section._sectPr.findall(qn("w:pgNumType")):
        section._sectPr.remove(element)


def page_numbers(section: Any) -> None:
    """— 1 — right on odd pages, left on even ones; needs settings.odd_and_even_pages_header_footer."""
    for footer, side in ((section.footer, ALIGN.RIGHT), (section.even_page_footer, ALIGN.LEFT)):
        footer.is_linked_to_previous = False
        paragraph = footer.paragraphs[0]
        paragraph.alignment = side
        form = paragraph.paragraph_format
        form.first_line_indent = Pt(0)
        form.left_indent, form.right_indent = Pt(14 if side == ALIGN.LEFT else 0), Pt(14 if side == ALIGN.RIGHT else 0)
        paragraph.add_run("— ")
        add_field(paragraph, " PAGE ", "1")
        paragraph.add_run(" —")
        for run in paragraph.runs:
            run.font.size = Pt(14)
            set_fonts(run._r, SONG, SONG)


def running_header(section: Any, text: str) -> None:
    """The same line with a thin rule on every page of the section."""
    rule = f'<w:pBdr {nsdecls("w")}><w:bottom w:val="single" w:sz="4" w:space="1" w:color="808080"/></w:pBdr>'
    for header in (section.header, section.even_page_header):
        header.is_linked_to_previous = False
        paragraph = header.paragraphs[0]
        paragraph.alignment = ALIGN.CENTER
        paragraph.paragraph_format.first_line_indent = Pt(0)
        run = paragraph.add_run(clean(text))
        run.font.size = Pt(9)
        set_fonts(run._r, SONG)
        properties = paragraph._p.get_or_add_pPr()
        properties.insert_element_before(parse_xml(rule), "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def heading(doc: Any, level: int, text: str, toc: list[TocEntry], *, is_listed: bool = True) -> None:
    """A heading with a bookmark; listed ones of level 1 and 2 are added to `toc`."""
    paragraph = add_paragraph(doc, text, f"Heading {level}")
    if not is_listed or level > 2:
        return
    number = len(toc) + 1
    name = f"_Toc{100000 + number}"
    start = parse_xml(f'<w:bookmarkStart {nsdecls("w")} w:id="{number}" w:name="{name}"/>')
    paragraph._p.insert(1, start)
    paragraph._p.append(parse_xml(f'<w:bookmarkEnd {nsdecls("w")} w:id="{number}"/>'))
    toc.append((level, clean(text), name))


def fill_toc(doc: Any, place: Any, toc: list[TocEntry], pages: list[int]) -> None:
    """Write the linked entries into `place`, with the pages as they were counted.

    The field is marked dirty, so Word offers to update it; other programs show what stands here.
    """
    current = place
    for i, (level, text, name) in enumerate(toc):
        if i == 0:
            field_char(place, "begin", is_dirty=True)
            _instruction(place, ' TOC \\o "1-2" \\h \\z \\u ')
            field_char(place, "separate")
        else:
            element = OxmlElement("w:p")
            current._p.addnext(element)
            current = Paragraph(element, place._parent)
        set_style(doc, current, f"TOC {level}")
        page = str(pages[i]) if i < len(pages) else ""
        current._p.append(parse_xml(_entry(text, name, page)))
    if toc:
        field_char(current, "end")


def _entry(text: str, name: str, page: str) -> str:
    return (
        f'<w:hyperlink {nsdecls("w")} w:anchor="{name}" w:history="1"><w:r><w:t>{escape(text)}</w:t></w:r>'
        '<w:r><w:tab/></w:r><w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> PAGEREF {name} \\h </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
        f'<w:r><w:t>{page}</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:hyperlink>'
    )
