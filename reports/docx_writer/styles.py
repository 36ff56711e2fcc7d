"""Fonts, styles and pages of GB/T 9704: A4, 37/35/28/26 mm, body 仿宋 16 pt on 28.95 pt lines."""

from __future__ import annotations

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

TITLE, BODY, KAI, HEI, SONG = "方正小标宋简体", "仿宋_GB2312", "楷体_GB2312", "黑体", "宋体"
FALLBACKS = [(TITLE, "STZhongsong", "roman"), (BODY, "仿宋", "modern"), (KAI, "楷体", "modern")]
LINE = 28.95
SIZE = 16.0
LATIN_LINE, LATIN_SIZE = 20.0, 14.0  # letters need less than full squares, and a unit keeps to its page
MARGINS = {"top": 37, "bottom": 35, "left": 28, "right": 26}


def set_fonts(element: Any, east: str, latin: str = "Times New Roman") -> None:
    """Name the East Asian and the Latin font; theme attributes must go, or Word ignores the names."""
    properties = element.get_or_add_rPr()
    fonts = properties.find(qn("w:rFonts"))
    if fonts is None:
        fonts = OxmlElement("w:rFonts")
        properties.insert(0, fonts)
    for name in list(fonts.attrib):
        del fonts.attrib[name]
    for name, value in (("eastAsia", east), ("ascii", latin), ("hAnsi", latin), ("hint", "eastAsia")):
        fonts.set(qn(f"w:{name}"), value)


def body_measures(language: str) -> tuple[float, float]:
    """Height of a line and of a letter in the text of a report, in points."""
    return (LINE, SIZE) if language == "zh" else (LATIN_LINE, LATIN_SIZE)


def set_styles(doc: Any, language: str) -> None:
    """Restyle Normal, Title, headings and Caption; add the styles of notes and of the table of contents."""
    line, size = body_measures(language)
    _style(doc, "Normal", BODY, size, indent=32, align=ALIGN.JUSTIFY, line=line)
    _style(doc, "Title", TITLE, 26, align=ALIGN.CENTER, line=44)
    border = doc.styles["Title"].element.pPr.find(qn("w:pBdr"))
    if border is not None:
        doc.styles["Title"].element.pPr.remove(border)
    _style(doc, "Heading 1", HEI, size, indent=32, keep=True, before=6, line=line)
    _style(doc, "Heading 2", KAI, size, indent=32, keep=True, line=line)
    _style(doc, "Heading 3", BODY, size, bold=True, indent=32, keep=True, line=line)
    _style(doc, "Caption", HEI, 12, align=ALIGN.CENTER, line=22, before=4, after=2, keep=True)
    doc.styles.add_style("Reading note", WD_STYLE_TYPE.PARAGRAPH)
    _style(doc, "Reading note", SONG, 10.5, line=18, before=4, after=6)
    for level in (1, 2):
        _toc_style(doc, level)
    _add_font_fallbacks(doc)


def add_missing_styles(doc: Any) -> None:
    """The styles an office's own template does not bring; those it brings stay as they are."""
    if "Caption" not in doc.styles:
        doc.styles.add_style("Caption", WD_STYLE_TYPE.PARAGRAPH)
        _style(doc, "Caption", HEI, 12, align=ALIGN.CENTER, line=22, before=4, after=2, keep=True)
    for level in (1, 2, 3):
        if f"Heading {level}" not in doc.styles:
            doc.styles.add_style(f"Heading {level}", WD_STYLE_TYPE.PARAGRAPH)
            _style(doc, f"Heading {level}", (HEI, KAI, BODY)[level - 1], 16, bold=level == 3, indent=32, keep=True)
    if "Reading note" not in doc.styles:
        doc.styles.add_style("Reading note", WD_STYLE_TYPE.PARAGRAPH)
        _style(doc, "Reading note", SONG, 10.5, line=18, before=4, after=6)
    for level in (1, 2):
        if f"TOC {level}" not in doc.styles:
            _toc_style(doc, level)


def _style(
    doc: Any, name: str, east: str, size: float, *, bold: bool = False, align: Any = None, indent: float = 0,
    line: float = LINE, before: float = 0, after: float = 0, keep: bool = False,
) -> None:  # fmt: skip
    style = doc.styles[name]
    style.font.size, style.font.bold, style.font.italic = Pt(size), bold, False
    style.font.color.rgb = RGBColor(0, 0, 0)
    set_fonts(style.element, east)
    form = style.paragraph_format
    form.space_before, form.space_after, form.first_line_indent = Pt(before), Pt(after), Pt(indent)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(line)
    form.keep_with_next, form.widow_control = keep, True
    if align is not None:
        form.alignment = align


def _toc_style(doc: Any, level: int) -> None:
    style = doc.styles.add_style(f"TOC {level}", WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = doc.styles["Normal"]
    style.font.size = Pt(14)
    form = style.paragraph_format
    form.alignment = ALIGN.LEFT
    form.left_indent, form.first_line_indent = Pt((level - 1) * 28), Pt(0)
    form.right_indent = Pt(28)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(25)
    tab = f'<w:tabs {nsdecls("w")}><w:tab w:val="right" w:leader="dot" w:pos="8845"/></w:tabs>'
    style.element.get_or_add_pPr().insert_element_before(
        parse_xml(tab), "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
    )


def _add_font_fallbacks(doc: Any) -> None:
    """altName: what Word shows where 方正小标宋 or the _GB2312 fonts are not installed."""
    entries = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/>'
        f'<w:family w:val="{family}"/><w:pitch w:val="auto"/></w:font>'
        for name, other, family in FALLBACKS
    )
    for relation in doc.part.rels.values():
        if relation.reltype.endswith("/fontTable"):
            xml = relation.target_part.blob.decode("utf-8")
            relation.target_part._blob = xml.replace("</w:fonts>", entries + "</w:fonts>").encode()


def set_page(section: Any, *, is_landscape: bool = False) -> None:
    """A4 with the margins of GB/T 9704; the landscape page is the same sheet turned."""
    sides = {side: Mm(value) for side, value in MARGINS.items()}
    section.page_width, section.page_height = Mm(210), Mm(297)
    if is_landscape:
        section.page_width, section.page_height = Mm(297), Mm(210)
        sides = {"top": sides["left"], "bottom": sides["right"], "left": sides["bottom"], "right": sides["top"]}
    section.top_margin, section.bottom_margin = sides["top"], sides["bottom"]
    section.left_margin, section.right_margin = sides["left"], sides["right"]
    section.footer_distance = Mm(18 if is_landscape else 28)
    section.header_distance = Mm(16 if is_landscape else 24)
