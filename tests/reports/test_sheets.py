"""Every sheet of the workbook is read back: rows as many as they should be, every cell equal to the printed digit."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace

import pytest

from metrics.registry import REGISTRY
from reports import workbook
from reports.codes import document_code
from reports.texts import say
from tests.reports.factory import make_source, scheme
from tests.reports.sheet_rows import Wanted, printed_rows, read_book, shown

SHEETS = (
    "overview", "ranking", "matrix_values", "matrix_points", "months", "unit_months", "certainty", "counts",
    "satisfaction", "levels", "exclusions", "values",
)  # fmt: skip


def ranked_source():
    """A city whose scheme publishes ranks, with an indicator in hours, one without target, and an item that counted."""
    source = make_source(count=8, language="en")
    own = scheme()
    own["grades"]["ranks"] = True
    own["indicator"][0]["target"] = None
    own["indicator"][1]["title"] = {"zh": "自定", "en": "A title of the scheme"}
    units = list(source.assessment.units)
    [first, second] = [i for i, unit in enumerate(units) if unit.score is not None][:2]
    item = {"code": "B1", "title": {"en": "Award", "zh": "表彰"}, "points": 1.125, "count": 3, "documents": ["bonus 3"]}
    veto = {"code": "V1", "title": {"en": "Ceiling", "zh": "封顶"}, "cap_grade": "B", "rule": "H2 below 0.5"}
    units[first] = replace(units[first], evidence=[{**item, "score_without": 80.005}], bonus=1.125)
    units[second] = replace(units[second], vetoes=[veto])
    return replace(source, scheme=own, assessment=replace(source.assessment, units=units))


@pytest.fixture(scope="module", params=["zh", "ranked"])
def made(request, tmp_path_factory):
    """The source, its workbook, and the file."""
    source = make_source(count=30) if request.param == "zh" else ranked_source()
    path = workbook.write(source, tmp_path_factory.mktemp(request.param) / "book.xlsx")
    return source, read_book(path), path


def sheet_of(source, book, key):
    return book[say(source.language, f"sheet.{key}")]


@pytest.mark.parametrize("key", SHEETS)
def test_every_row_and_cell_of_a_sheet_is_that_of_the_frozen_result(made, key):
    source, book, _ = made
    wanted = Wanted(source).rows()[key]
    assert wanted
    assert printed_rows(sheet_of(source, book, key)) == wanted


@pytest.mark.parametrize("key", SHEETS)
def test_the_filter_and_the_head_span_all_rows_and_columns(made, key):
    source, book, _ = made
    sheet, wanted = sheet_of(source, book, key), Wanted(source).rows()[key]
    if key != "months":
        first, last = sheet.auto_filter.ref.split(":")
        assert first == "A3"
        assert int(re.sub(r"\D", "", last)) == 3 + len(wanted)
    head = [cell.value for cell in sheet[3]]
    assert all(head)
    assert len(head) == len(wanted[0])
    assert len(set(head)) == len(head)


@pytest.mark.parametrize("key", ["matrix_values", "matrix_points"])
def test_the_columns_of_a_matrix_are_named_in_their_order(made, key):
    source, book, _ = made
    wanted = Wanted(source)
    head = [cell.value for cell in sheet_of(source, book, key)[3]][2:]
    assert [name.split("\n")[0] for name in head] == [wanted.name_of(code) for code in wanted.codes]


def test_the_method_sheet_is_the_scheme_with_its_weights_targets_and_goalposts(made):
    source, book, _ = made
    wanted = Wanted(source)
    titles = {group["id"]: group["title"][source.language] for group in source.scheme["group"]}
    indicators = [row for group in titles for row in source.scheme["indicator"] if row["group"] == group]
    rows = printed_rows(sheet_of(source, book, "method"))
    assert len(rows) == len(indicators) == len(source.scheme["indicator"])
    for row, found in zip(indicators, rows, strict=True):
        metric = REGISTRY[row["code"]]
        ends = [f"{100 * row[end]:.1f}" for end in ("zero", "full")]
        assert found[:4] == [row["code"], wanted.name_of(row["code"]), titles[row["group"]], f"{row['weight']:.15g}"]
        assert re.findall(r"\d+\.\d", found[4]) == ends
        assert found[5] == ("—" if row["target"] is None else f"{100 * row['target']:.1f}")
        told = (metric.formula, metric.edge, metric.origin)
        assert found[6:] == [text(source.language) for text in told]


def test_the_provenance_sheet_names_every_hash_version_and_batch_in_full(made):
    source, book, _ = made
    rows = printed_rows(sheet_of(source, book, "provenance"))
    assessment = source.assessment
    told = dict(rows)
    assert len(told) == len(rows) == 11 + len(set(assessment.provenance) - {"parts"}) + len(source.batches)
    values = set(told.values())
    assert {
        str(source.number), f"{assessment.scheme['id']} {assessment.scheme['version']}", assessment.scheme["sha256"],
        assessment.as_of, source.made_at, source.verification_code, source.content_sha256,
        document_code(source.content_sha256, "workbook"), f"{assessment.seed} / {assessment.draws}",
        assessment.provenance["calendar"], assessment.provenance["code"],
    } <= values  # fmt: skip
    for batch in source.batches:
        cell = told[f"{say(source.language, 'scheme.batch')} {batch['number']}"]
        assert all(str(value) in cell for key, value in batch.items() if key != "number")


def test_the_sheet_of_bonuses_prints_points_and_the_score_without_each(tmp_path):
    source = ranked_source()
    book = read_book(workbook.write(source, tmp_path / "book.xlsx"))
    rows = printed_rows(sheet_of(source, book, "adjusted"))
    assert [[row[0], row[2], row[6]] for row in rows] == Wanted(source).rows()["adjusted"]
    assert [row[2] for row in rows] == ["1.13", "—"]
    assert ["3" in row[3] for row in rows] == [True, False]


def test_no_cell_of_any_sheet_is_a_formula_or_an_error(made):
    _, book, path = made
    kinds = {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert kinds == {"s", "n"}
    with zipfile.ZipFile(path) as archive:
        sheets = [archive.read(n).decode() for n in archive.namelist() if n.startswith("xl/worksheets/sheet")]
    assert len(sheets) == len(book.sheetnames)
    cells = [re.sub(r"<(conditionalFormatting|extLst).*?</\1>", "", sheet, flags=re.S) for sheet in sheets]
    assert not [cell for cell in cells if re.search(r"<f[ >]|<hyperlink", cell)]
    assert shown(book.worksheets[0]["A1"])
