"""On which page of the Word file each heading stands, for its table of contents until Word updates it.

The blocks are set by the PDF writer's engine with the measures of this writer: lines, rows and pictures as high, and
letters as narrow, as Word makes them.
"""

from __future__ import annotations

from reports import pdf_writer
from reports.blocks import Document
from reports.docx_writer import styles, tables
from reports.typesetting import heading_pages

TEMPLATE = "word_pages.typ"
NARROWER = 0.078  # of a letter's height: Times New Roman against the stand-in, over the English annual report
PICTURE_MM = 152.0


def heading_places(document: Document) -> list[dict[str, int]]:
    """Level and page of each listed heading."""
    line, size = styles.body_measures(document.language)
    measures = {
        "line": line, "size": size, "narrower": NARROWER, "picture": PICTURE_MM, "kept_rows": tables.FIRST_ROWS + 1,
    }  # fmt: skip
    return heading_pages(TEMPLATE, {**pdf_writer.typst_data(document, has_pictures=False), "measures": measures})
