"""Pages in the contents of a Word file follow the measures of Word; words are not torn by their columns."""

from __future__ import annotations

import re
from pathlib import Path

import docx
import pylopdf_fonts_zh_cn
import pytest
from docx.oxml.ns import qn
from fontTools.ttLib import TTFont

from reports import docx_writer
from reports.blocks import Document, Heading, Paragraph, Table, Toc
from reports.table_widths import LANDSCAPE_MM, MARGINS, PORTRAIT_MM, fitted_widths
from tests.reports import kinds
from tests.reports.factory import make_source

ROOM = 297 - 37 - 35  # mm of a page between its margins
MM = 25.4 / 72
MARK = Heading(1, "The end", is_numbered=False)


def page_of_end(tmp_path: Path, language: str, *blocks: object) -> int:
    """The page that the contents of a Word file name for a heading after these blocks."""
    document = Document(
        title="t", title_lines=("t",), issuer="i", imprint=(), front=(Toc(),), body=(*blocks, MARK, Paragraph("Text.")),
        language=language, made_at="2025-01-07",
    )  # fmt: skip
    made = docx.Document(str(docx_writer.write(document, tmp_path / "d.docx")))
    entry = next(p for p in made.paragraphs if p.style.name == "TOC 1")
    return int("".join(t.text for t in entry._p.iter(qn("w:t"))).removeprefix(MARK.text))


@pytest.mark.parametrize(("language", "line"), [("zh", 28.95), ("en", 20.0)])
def test_contents_count_the_lines_of_a_word_page(language, line, tmp_path):
    """The heading needs 6 points above it and stays with the line of text below."""
    most = int((ROOM - 6 * MM) / (line * MM)) - 2
    assert page_of_end(tmp_path, language, *[Paragraph("Line.")] * most) == 1
    assert page_of_end(tmp_path, language, *[Paragraph("Line.")] * (most + 1)) == 2


def test_contents_count_the_rows_of_a_word_table(tmp_path):
    """A row of 9 points is 11.7 high, with 3 points of space and half of a rule; a caption takes 28, the gap 8."""
    row = (1.3 * 9 + 3 + 0.5) * MM
    most = int((ROOM - (28 + 8 + 6 + 2 * 20) * MM) / row) - 1  # and the head

    def table(count: int) -> Table:
        return Table("t", ("a", "b"), (("1", "2"),) * count, (10, 10), (True, True), size=9)

    assert page_of_end(tmp_path, "en", table(most)) == 1
    assert page_of_end(tmp_path, "en", table(most + 1)) == 2


def test_contents_count_letters_as_narrow_as_those_of_word(tmp_path):
    """Forty paragraphs of 74 letters: one line each in Times New Roman, two in the wider stand-in."""
    text = "The median score is given with its interval of ninety-five per cent here."
    assert page_of_end(tmp_path, "en", *[Paragraph(text)] * 28) == 1


@pytest.fixture(scope="module")
def widths() -> tuple[dict[int, str], dict[str, tuple[int, int]], int]:
    font = TTFont(pylopdf_fonts_zh_cn.sans_path().parent / "NotoSerifSC-Regular.otf")
    return font.getBestCmap(), font["hmtx"].metrics, font["head"].unitsPerEm


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_column_is_narrower_than_its_longest_word(language, widths):
    names, metrics, units = widths
    seen, torn = 0, []
    source = make_source(count=12, language=language)
    for document in [kinds.document_of(source, name) for name in kinds.NAMES]:
        for table in [b for b in (*document.front, *document.body) if isinstance(b, Table)]:
            room = fitted_widths(table)
            assert sum(room) == pytest.approx((LANDSCAPE_MM if table.is_landscape else PORTRAIT_MM) / MM)
            for row in (table.head, *table.rows):
                for cell, width in zip(row, room, strict=True):
                    for word in re.findall(r"[!-\u02af]+?(?:[-/]|(?![!-\u02af]))", cell):
                        seen += 1
                        needed = sum(metrics[names[ord(c)]][0] for c in word) / units * table.size + MARGINS
                        if needed > width:
                            torn.append((table.title, word))
    assert seen > 1000
    assert torn == []
