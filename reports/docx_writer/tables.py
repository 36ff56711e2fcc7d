"""Tables written as one piece of XML: python-docx's own cells need quadratic time."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from reports.blocks import Table
from reports.charts.pen import clean
from reports.docx_writer.styles import HEI, SONG
from reports.table_widths import fitted_widths

TWENTIETHS = 20  # of a point, the unit of widths in Word
LAST_ROWS = 3  # of any table, so that no total stands alone on a page
FIRST_ROWS = 3  # of a long table that stay together, so that it does not begin with one row at a page foot


def add_table(doc: Any, table: Table) -> None:
    """Append a table: head repeated on each page, rows never split."""
    columns = [round(width * TWENTIETHS) for width in fitted_widths(table)]
    edges = (("top", 12, "000000"), ("bottom", 12, "000000"), ("insideH", 4, "A0A0A0"))
    borders = "".join(f'<w:{e} w:val="single" w:sz="{z}" w:space="0" w:color="{c}"/>' for e, z, c in edges)
    parts = [
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(columns)}" w:type="dxa"/><w:jc w:val="center"/>'
        f'<w:tblBorders>{borders}</w:tblBorders><w:tblLayout w:type="fixed"/><w:tblCellMar>'
        '<w:left w:w="57" w:type="dxa"/><w:right w:w="57" w:type="dxa"/></w:tblCellMar></w:tblPr><w:tblGrid>',
        *(f'<w:gridCol w:w="{column}"/>' for column in columns),
        "</w:tblGrid>",
        _row(table.head, columns, ["center"] * len(columns), table.size, is_head=True),
    ]
    sides = ["right" if is_number else "left" for is_number in table.numeric]
    last = len(table.rows) - 1
    for place, row in enumerate(table.rows):
        is_kept = place < last and (table.is_kept_whole or place < FIRST_ROWS or place >= last - LAST_ROWS + 1)
        parts.append(_row(row, columns, sides, table.size, is_kept=is_kept))
    element = parse_xml("".join(parts) + "</w:tbl>")
    doc.element.body.insert(len(doc.element.body) - 1, element)


def _row(
    cells: Any, columns: list[int], sides: list[str], size: float, *, is_head: bool = False, is_kept: bool = False
) -> str:  # fmt: skip
    """One row; `is_kept` keeps it on the page of the next one, as a head always is."""
    font = HEI if is_head else SONG
    shade = '<w:shd w:val="clear" w:color="auto" w:fill="EDF2F7"/>' if is_head else ""
    line = round(size * 26)
    keep = "<w:keepNext/>" if is_head or is_kept else ""
    parts = ["<w:tr><w:trPr><w:cantSplit/>", "<w:tblHeader/>" if is_head else "", "</w:trPr>"]
    for text, width, side in zip(cells, columns, sides, strict=True):
        parts.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{shade}<w:vAlign w:val="center"/></w:tcPr>'
            f'<w:p><w:pPr>{keep}<w:spacing w:before="30" w:after="30" w:line="{line}" w:lineRule="exact"/>'
            f'<w:ind w:firstLine="0"/><w:jc w:val="{side}"/></w:pPr><w:r><w:rPr><w:rFonts w:ascii="Times New Roman" '
            f'w:hAnsi="Times New Roman" w:eastAsia="{font}"/><w:sz w:val="{round(size * 2)}"/></w:rPr>'
            f'<w:t xml:space="preserve">{escape(clean(text))}</w:t></w:r></w:p></w:tc>'
        )
    return "".join(parts) + "</w:tr>"
