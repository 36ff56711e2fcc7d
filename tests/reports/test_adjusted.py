"""Bonuses, deductions and ceilings in Word, PDF and Excel: rule, document, and the result without each."""

from dataclasses import replace

import docx
import pypdf
import pytest

from reports import annual, docx_writer, pdf_writer, scorecard, workbook
from reports.annual import adjusted
from reports.annual.facts import Facts
from tests.reports.factory import make_source
from tests.reports.test_documents import flat, read_book

ITEMS = [
    {"code": "B1", "title": {"zh": "未诉先办", "en": "Acting first"}, "count": 1.0, "points": 1.0,
     "rule": {"per_item": 1.0, "cap": 5.0, "source": "bonus:B1", "document": "考核办法第八条"},
     "documents": ["bonus 7"], "score_without": 81.25},
    {"code": "D1", "title": {"zh": "经核实的问题", "en": "Confirmed findings"}, "count": 2.0, "points": -4.0,
     "rule": {"per_item": 2.0, "cap": 10.0, "source": "confirmed_finding", "document": None},
     "documents": ["finding 12", "finding 13"], "score_without": 86.25},
]  # fmt: skip
VETO = {"code": "V1", "title": {"zh": "超三个月未答复", "en": "Over 3 months"}, "cap_grade": "C",
        "document": "考核办法第十条",
        "rule": "R7 > 0", "value": 14.0, "bound": 6.0,
        "score_without": 82.25, "grade_without": ["B", "C"]}  # fmt: skip
WORDS = (
    "B1 未诉先办", "1项，+1.00分", "每项1.00分，最多5.00分（考核办法第八条）", "加分申请7", "81.25", "2项，−4.00分",
    "线索12、线索13", "86.25", "等次最高为一般",
    "R7 > 0：实测14件，单侧95%界6件（考核办法第十条）", "82.25，良好／一般",
)  # fmt: skip


@pytest.fixture(scope="module")
def source():
    found = make_source(count=6)
    first, *others = found.assessment.units
    first = replace(first, evidence=ITEMS, vetoes=[VETO])
    return replace(found, assessment=replace(found.assessment, units=[first, *others]))


def test_word_report_and_scorecard(source, tmp_path):
    unit = source.assessment.units[0].unit
    paths = (docx_writer.write(annual.document(source), tmp_path / "a.docx"),
             scorecard.write(source, unit, tmp_path / "s.docx", format="docx"))  # fmt: skip
    for path in paths:
        found = docx.Document(str(path))
        cells = [cell.text for table in found.tables for row in table.rows for cell in row.cells]
        text = flat("".join([*(paragraph.text for paragraph in found.paragraphs), *cells]))
        for words in WORDS:
            assert flat(words) in text, (path.name, words)


def test_pdf_report_and_scorecard(source, tmp_path):
    unit = source.assessment.units[0].unit
    paths = (pdf_writer.write(annual.document(source), tmp_path / "a.pdf"),
             scorecard.write(source, unit, tmp_path / "s.pdf", format="pdf"))  # fmt: skip
    for path in paths:
        pages = pypdf.PdfReader(path).pages
        text = flat("".join(page.extract_text() for page in pages))
        for words in ("未诉先办", "+1.00分", "81.25", "86.25", "82.25"):
            assert flat(words) in text, (path.name, words)
    assert len(pages) <= 2  # one page without such items


def test_workbook_has_a_sheet_of_them_only_where_there_are_some(source, tmp_path):
    sheet = read_book(workbook.write(source, tmp_path / "w.xlsx"))["加扣分与上限"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    found = {row[1]: row for row in rows if row[1]}
    assert found["D1 经核实的问题"][2] == -4
    assert found["D1 经核实的问题"][6] == 86.25
    assert found["V1 超三个月未答复"][7] == "良好／一般"
    plain = read_book(workbook.write(make_source(count=6), tmp_path / "p.xlsx"))
    assert "加扣分与上限" not in plain.sheetnames


def test_no_score_without_is_told_where_the_score_is_a_range(source):
    first = source.assessment.units[0]
    hidden = replace(first, evidence=[{**item, "score_without": None} for item in ITEMS],
                     vetoes=[{**VETO, "score_without": None, "grade_without": []}])  # fmt: skip
    facts = Facts(source)
    assert not any("没有此项时" in sentence for sentence in adjusted.sentences(facts, hidden))
    assert all("没有此项时" in sentence for sentence in adjusted.sentences(facts, first))
