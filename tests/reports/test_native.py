"""Charts Word can edit hold the numbers of the figure, and an office's own template keeps its look."""

from __future__ import annotations

import io
import zipfile

import docx
import openpyxl
import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Pt
from lxml import etree

from reports import annual, docx_writer, notice
from reports.blocks import Figure
from reports.charts import figures
from reports.codes import document_code
from reports.docx_writer import fields, native, templates
from reports.typesetting import chart_png
from reports.workbook import streaming
from reports.workbook.streaming import Column

C = {"c": "http://schemas.openxmlformats.org/drawingml/2006/chart"}


def native_figures(document):
    return [b for b in document.body if isinstance(b, Figure) and native.chart_type(b.figure) is not None]


def test_native_charts_hold_the_values_of_their_figures(docx_path, document):
    archive = zipfile.ZipFile(docx_path)
    charts = [name for name in archive.namelist() if name.startswith("word/charts/chart")]
    wanted = native_figures(document)
    assert len(charts) == len(wanted) > 30
    order = sorted(charts, key=lambda name: int("".join(c for c in name if c.isdigit())))
    for name, figure in zip(order, wanted, strict=True):
        root = etree.fromstring(archive.read(name))
        traces = [t for t in figure.figure["data"] if t["type"] == "bar" or "lines" in t.get("mode", "lines")]
        for series, trace in zip(root.iterfind(".//c:ser", C), traces, strict=False):
            drawn = [float(v.text) for v in series.iterfind("c:val//c:v", C)]
            key = "x" if trace.get("orientation") == "h" else "y"
            assert drawn == [v for v in trace[key] if v is not None]


def test_labels_of_native_axes_are_round_and_hold_every_value(docx_path):
    archive = zipfile.ZipFile(docx_path)
    limited = 0
    for name in (name for name in archive.namelist() if name.startswith("word/charts/chart")):
        root = etree.fromstring(archive.read(name))
        assert [e.get("val") for e in root.iterfind(".//c:autoTitleDeleted", C)] == ["1"]
        for axis in root.iterfind(".//c:valAx", C):
            ends = [axis.find(f"c:scaling/c:{end}", C) for end in ("min", "max")]
            if None in ends:
                continue
            limited += 1
            assert dict(axis.find("c:numFmt", C).attrib) == {"formatCode": "General", "sourceLinked": "0"}
            low, high = (float(end.get("val")) for end in ends)
            step = float(axis.find("c:majorUnit", C).get("val"))
            assert low / step == pytest.approx(round(low / step), abs=1e-6)
            assert len(f"{step:g}") <= 4
            drawn = [float(v.text) for v in root.iterfind(".//c:val//c:v", C)]
            assert low <= min(drawn)
            assert max(drawn) <= high
            tags = [etree.QName(child).localname for child in axis]
            earlier = [tag for tag in ("crossAx", "crosses", "crossBetween") if tag in tags]
            assert tags.index("majorUnit") == max(map(tags.index, earlier)) + 1
    assert limited > 10


def test_native_chart_data_can_be_opened_as_a_sheet(docx_path):
    archive = zipfile.ZipFile(docx_path)
    name = next(n for n in archive.namelist() if n.startswith("word/embeddings/"))
    rows = list(openpyxl.load_workbook(io.BytesIO(archive.read(name))).active.iter_rows(values_only=True))
    assert len(rows) > 1


@pytest.mark.parametrize(
    "figure",
    [
        figures.funnel([10, 20], [0.5, 0.6], 0.55, names=["a", "b"]),
        figures.peer_strip(["x"], [0.5], [[0.4, 0.6]]),
    ],
)
def test_other_kinds_stay_pictures(figure):
    assert native.chart_type(figure) is None


def test_own_heads_feet_and_margins_hold_on_every_page_of_the_body(source, tmp_path):
    own = docx.Document()
    first = own.sections[0]
    first.different_first_page_header_footer = True  # of the cover alone
    logo = chart_png(figures.peer_strip(["x"], [0.5], [[0.4, 0.6]]), 40, 20, "x")
    head = first.header.paragraphs[0]
    head.add_run().add_picture(io.BytesIO(logo))
    head.add_run("Office {ti")
    head.add_run("tle}")
    first.footer.paragraphs[0].text = "internal"
    first.left_margin, first.top_margin = Pt(120), Pt(94)
    own.save(str(tmp_path / "own.docx"))
    document = annual.document(source)
    made = docx.Document(str(docx_writer.write(document, tmp_path / "a.docx", template=tmp_path / "own.docx")))
    assert not made.settings.odd_and_even_pages_header_footer
    cover, front, *body = made.sections
    assert cover.different_first_page_header_footer
    assert front.header.is_linked_to_previous
    assert not any(section.different_first_page_header_footer for section in (front, *body))
    heads = [p.text for p in body[0].header.paragraphs]
    assert heads == [f"Office {document.title}", document.footer]
    picture = body[0].header._element.find(f".//{qn('a:blip')}").get(qn("r:embed"))
    assert body[0].header.part.rels[picture].target_part is cover.header.part.rels[picture].target_part
    assert body[0].footer.paragraphs[0].text == "internal"
    assert all(section.header.is_linked_to_previous for section in body[1:])
    turned = [s for s in body if s.orientation == WD_ORIENT.LANDSCAPE]
    assert turned
    assert {(s.top_margin, s.right_margin) for s in turned} == {(Pt(120), Pt(94))}
    assert {(s.left_margin, s.top_margin) for s in body if s not in turned} == {(Pt(120), Pt(94))}


def test_pages_of_an_own_template_are_not_guessed(source, tmp_path):
    """How they fall is known once Word has set them: a number from other pages would be wrong."""
    docx.Document().save(str(tmp_path / "own.docx"))
    document = annual.document(source)
    made = docx.Document(str(docx_writer.write(document, tmp_path / "a.docx", template=tmp_path / "own.docx")))
    entries = [p.text for p in made.paragraphs if p.style.name == "TOC 1"]
    assert len(entries) > 10
    assert not any(text.split("\t")[1] for text in entries)


def test_a_foot_that_counts_pages_itself_is_kept_alone(source, tmp_path):
    own = docx.Document()
    fields.add_field(own.sections[0].footer.paragraphs[0], " PAGE ", "1")
    own.save(str(tmp_path / "own.docx"))
    made = docx_writer.write(notice.document(source), tmp_path / "n.docx", template=tmp_path / "own.docx")
    assert docx.Document(str(made)).sections[-1].footer.is_linked_to_previous


def test_own_template_keeps_cover_and_styles_and_is_filled(source, tmp_path):
    own = docx.Document()
    own.add_paragraph("{issuer}文件")
    own.add_paragraph("{title}")
    own.add_paragraph("{date} {state} {code}")
    own.styles["Normal"].font.name = "Office Own"
    own.save(str(tmp_path / "own.docx"))
    document = notice.document(source)
    made = docx.Document(str(docx_writer.write(document, tmp_path / "n.docx", template=tmp_path / "own.docx")))
    assert made.paragraphs[0].text == f"{source.office}文件"
    assert made.paragraphs[1].text == document.title
    assert made.paragraphs[2].text == "2025年1月7日 定稿 " + document_code(source.content_sha256, "notice")
    assert made.styles["Normal"].font.name == "Office Own"
    captions = [p for p in made.paragraphs if p.text.startswith("表")]
    assert captions
    assert all(p.paragraph_format.keep_with_next for p in captions)
    (tmp_path / "no.docx").write_text("no")
    with pytest.raises(templates.TemplateUnusable, match=r"no\.docx"):
        templates.check(tmp_path / "no.docx")


def test_streamed_sheet_keeps_texts_as_texts_and_every_row(tmp_path):
    columns = [Column("a", 10, "text"), Column("b", 10, "tenth"), Column("c", 16, "time")]
    rows = [("=1+1", 1.5, 45_000.25), ("<b>&\x01", None, None), ("字" * 40_000, -2, 45_001)]
    path = streaming.write(
        tmp_path / "s.xlsx", columns, [rows[:2], rows[2:]], name="s", title="t", line="l", count=len(rows), office="o",
        made_at="2025-01-07T09:00:00+08:00",
    )  # fmt: skip
    sheet = openpyxl.load_workbook(path).active
    found = list(sheet.iter_rows(min_row=4, values_only=True))
    assert len(found) == 3
    assert found[0][:2] == ("=1+1", 1.5)
    assert found[0][2].isoformat() == "2023-03-15T06:00:00"
    assert found[1] == ("<b>&", None, None)
    assert len(found[2][0]) == 32_767
    assert b"<f>" not in zipfile.ZipFile(path).read(streaming.SHEET)


def test_chart_of_monthly_rates_ends_at_a_hundred_percent(xlsx_path):
    """Programs that choose the end themselves draw up to 120 %."""
    archive = zipfile.ZipFile(xlsx_path)
    charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) == 1
    assert '<c:max val="100"/>' in charts[0]
