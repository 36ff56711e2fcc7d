"""Word, PDF and sheets are read back: equal digits, whole tables, no formulas, nothing lost."""

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace

import docx
import pypdf
import pytest
from docx.oxml.ns import qn

from reports import evidence, numbers, scorecard, workbook
from reports.blocks import Heading, Toc
from reports.fonts import missing_characters
from reports.source import UnitInfo
from reports.texts import wordings
from tests.accusing_words import accusing
from tests.reports import kinds
from tests.reports.factory import make_source
from tests.reports.read_back import docx_text
from tests.reports.sheet_rows import read_book

NAUGHTY = '=HYPERLINK("http://x")&<b>#eval("1")$x$*n*\'\x0b\x00\ud800＝1+1'
SHOWN = '=HYPERLINK("http://x")&<b>#eval("1")$x$*n*\'＝1+1'


def flat(text):
    return re.sub(r"\s+", "", text)


def pdf_text(path):
    return flat("".join(page.extract_text() for page in pypdf.PdfReader(path).pages))


def cells_of(path):
    return "\n".join(str(c.value) for sheet in read_book(path) for row in sheet.iter_rows() for c in row)


@pytest.fixture(scope="module")
def pdf_texts(pdf_path):
    """The flat text of each page of the annual report."""
    return [flat(page.extract_text()) for page in pypdf.PdfReader(pdf_path).pages]


@pytest.mark.parametrize("kind", ["docx", "pdf", "xlsx"])
def test_no_document_holds_a_word_that_accuses(kind, docx_path, pdf_texts, xlsx_path):
    said = {
        "docx": lambda: docx_text(docx_path),
        "pdf": lambda: "".join(pdf_texts),
        "xlsx": lambda: cells_of(xlsx_path),
    }[kind]()
    assert "尚未核实" in said or kind == "xlsx"
    assert len(said) > 1000
    assert accusing(said) == []


def test_docx_references_have_their_bookmarks_and_pages(docx_path, document):
    xml = zipfile.ZipFile(docx_path).read("word/document.xml").decode()
    references = re.findall(r"PAGEREF (\w+)", xml)
    listed = [b for b in document.body if isinstance(b, Heading) and b.level <= 2]
    assert any(isinstance(b, Toc) for b in document.front)
    assert len(references) == len(listed)
    assert set(references) <= set(re.findall(r'bookmarkStart[^>]*w:name="(\w+)"', xml))
    pages = [int(n) for n in re.findall(r'separate"/></w:r><w:r><w:t>(\d+)</w:t>', xml)]
    assert len(pages) == len(listed)
    assert pages == sorted(pages)
    assert pages[0] == 1


def test_docx_layout_is_gb_t_9704(docx_path):
    document = docx.Document(str(docx_path))
    section = document.sections[0]
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(m.mm) for m in margins] == [37, 35, 28, 26]
    assert round(document.styles["Normal"].paragraph_format.line_spacing.pt, 2) == 28.95
    fonts = document.styles["Normal"].element.rPr.find(qn("w:rFonts"))
    assert fonts.get(qn("w:eastAsia")) == "仿宋_GB2312"
    assert document.settings.odd_and_even_pages_header_footer


def test_docx_pictures_have_alternative_texts(docx_path):
    properties = list(docx.Document(str(docx_path)).element.body.iter(qn("wp:docPr")))
    assert len(properties) > 30
    assert all(p.get("descr") for p in properties)


def test_pdf_prints_every_score_and_every_unit(pdf_texts, source):
    text = "".join(pdf_texts)
    for unit in source.assessment.units:
        assert flat(unit.name) in text
        if unit.score is not None:
            assert numbers.score(unit.score) in text


def test_pdf_outline_and_contents_lead_to_the_pages_of_their_headings(pdf_path, pdf_texts, document):
    reader = pypdf.PdfReader(pdf_path)

    def entries(outline):
        for entry in outline:
            yield from entries(entry) if isinstance(entry, list) else [entry]

    listed = [b for b in document.body if isinstance(b, Heading) and b.is_listed]
    found = [(flat(e.title), reader.get_destination_page_number(e)) for e in entries(reader.outline)]
    assert [title for title, _ in found] == [flat(block.text) for block in listed]
    for title, page in found:
        assert title in pdf_texts[page]
    first = found[0][1]
    contents = "".join(pdf_texts[:first])
    for (title, page), block in zip(found, listed, strict=True):
        if block.level > 2:
            continue
        assert re.search(rf"{re.escape(title)}\.*{page - first + 1}(?!\d)", contents), title


def test_xlsx_every_sheet_has_print_setup_and_frozen_head(xlsx_path):
    book = read_book(xlsx_path)
    assert book.sheetnames[:4] == ["总览", "得分与等次", "指标值矩阵", "指标得分矩阵"]
    assert len(book.sheetnames) == 14
    for sheet in book:
        assert sheet.freeze_panes
        assert sheet.print_title_rows == "$3:$3"
        assert sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert "方案" in sheet["A2"].value


@pytest.fixture(scope="module")
def naughty():
    source = make_source(count=24, cases=[])
    units = [replace(u, name=NAUGHTY) if u.code == "U000" else u for u in source.units]
    long = [
        {
            **source.exclusions[0],
            "reason": "鑫" * 40_000,
            "case_no": NAUGHTY,
            "applicant": "@SUM(1)",
            "approver": "-1+1|cmd",
        }
    ]
    return replace(source, units=units, exclusions=long, office=NAUGHTY, batches=[{"number": 1, "file": NAUGHTY}])


def test_xlsx_no_cell_is_a_formula(naughty, tmp_path):
    path = workbook.write(naughty, tmp_path / "n.xlsx")
    archive = zipfile.ZipFile(path)
    sheets = [archive.read(n).decode() for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
    cells = "".join(re.sub(r"<(conditionalFormatting|extLst).*?</\1>", "", sheet, flags=re.S) for sheet in sheets)
    assert "<f>" not in cells
    assert "<f " not in cells
    assert "<hyperlink" not in cells
    book = read_book(path)
    assert any(row[1].value == SHOWN for row in book["得分与等次"].iter_rows(min_row=4))
    assert len(next(book["剔除清单"].iter_rows(min_row=4))[2].value) == 32_767


def test_same_source_gives_same_bytes_on_another_day_in_another_zone_and_order_of_sets():
    found = []
    for days, zone, seed in (("0", "Asia/Shanghai", "1"), ("400", "America/Lima", "2")):
        settings = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-m", "tests.reports.prints", days]
        made = subprocess.run(command, env=settings, capture_output=True, check=True, text=True)
        found.append(json.loads(made.stdout))
    assert len(found[0]) == 2 * (1 + len(kinds.NAMES))
    assert found[0] == found[1]


def test_scorecard_prints_the_trace_in_both_formats(source, tmp_path):
    unit = next(u for u in source.assessment.units if u.unit == "U003")
    pdf = pdf_text(scorecard.write(source, "U003", tmp_path / "c.pdf", format="pdf"))
    word = docx.Document(str(scorecard.write(source, "U003", tmp_path / "c.docx", format="docx")))
    text = flat("".join(t.text or "" for t in word.element.body.iter(qn("w:t"))))
    for printed in (numbers.score(unit.score), *(numbers.score(i.points) for i in unit.indicators)):
        assert printed in pdf
        assert printed in text


def test_scorecard_names_no_peer(source, tmp_path):
    text = pdf_text(scorecard.write(source, "U003", tmp_path / "c.pdf", format="pdf"))
    others = [u.name for u in source.units if u.code != "U003" and u.name not in source.office]
    assert not [name for name in others if name in text]


def test_scorecard_unknown_unit_is_named(source, tmp_path):
    with pytest.raises(scorecard.UnknownUnit, match="nowhere"):
        scorecard.write(source, "nowhere", tmp_path / "c.pdf", format="pdf")


def test_scorecards_of_all_units_are_one_zip(tmp_path):
    source = make_source(count=6)
    told = []
    path = scorecard.write_all(source, tmp_path / "all.zip", format="pdf", progress=lambda *done: told.append(done))
    names = zipfile.ZipFile(path).namelist()
    assert len(names) == 6
    assert names[0] == "U000_市教育局.pdf"
    assert told[-1] == (6, 6)


def test_evidence_manifest_holds_the_hash_of_every_file(tmp_path):
    path = evidence.write(make_source(count=6, objections=[{"number": 1, "text": "=1+1"}]), tmp_path / "e.zip")
    archive = zipfile.ZipFile(path)
    manifest = json.loads(archive.read("manifest.json"))
    assert {f["name"] for f in manifest["files"]} == set(archive.namelist()) - {"manifest.json"}
    for entry in manifest["files"]:
        assert hashlib.sha256(archive.read(entry["name"])).hexdigest() == entry["sha256"]
    assert "'=1+1" in io.TextIOWrapper(archive.open("objections.csv"), "utf-8-sig").read()


def test_evidence_ledgers_without_rows_still_say_what_would_stand_in_them():
    empty = {"exclusions": [], "objections": [], "findings": [], "batches": [], "cases": []}
    found = {}
    for source in (make_source(count=2), make_source(count=2, **empty)):
        packed = evidence.files(source)
        ledgers = {name: content.decode("utf-8-sig").splitlines() for name, content in packed.items() if "csv" in name}
        found[len(source.batches)] = ledgers
    assert {name: len(lines) for name, lines in found[0].items() if name != "units.csv"} == dict.fromkeys(
        ("exclusions.csv", "objections.csv", "findings.csv", "batches.csv"), 1
    )
    for name, lines in found[0].items():
        head = lines[0].split(",")
        assert len(head) > 5
        assert found[2][name][0].split(",")[: len(head)] == head


def test_missing_characters_are_found_before_printing():
    assert missing_characters("海川市 ABC 𪚥") == ["𪚥"]


def test_fonts_every_wording_can_be_printed():
    assert missing_characters("".join(text for entry in wordings().values() for text in entry.values())) == []


def test_unit_names_of_the_factory_are_distinct():
    names = [u.name for u in make_source().units]
    assert len(set(names)) == 30
    assert isinstance(make_source().units[0], UnitInfo)


def test_every_column_of_the_value_matrix_is_coloured_with_and_without_targets(source, xlsx_path, tmp_path):
    open_scheme = {**source.scheme, "indicator": [{**i, "target": None} for i in source.scheme["indicator"]]}
    without = workbook.write(replace(source, scheme=open_scheme), tmp_path / "w.xlsx")
    for path, kind in ((xlsx_path, "cellIs"), (without, "colorScale")):
        rules = read_book(path)["指标值矩阵"].conditional_formatting
        columns = {
            next(iter(found.sqref.ranges)).min_col for found in rules if any(r.type == kind for r in found.rules)
        }
        assert columns == set(range(3, 3 + len(source.scheme["indicator"])))
