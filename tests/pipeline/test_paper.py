"""Paper around a stored assessment: codes and hashes, written texts, cases as a sheet, open data, evidence, notices."""

import csv
import hashlib
import io
import json
import re
import zipfile

import duckdb
import openpyxl
import pypdf
import pytest
from click.testing import CliRunner
from sqlalchemy import delete

from pipeline.commands import main
from pipeline.integrity.findings import store
from pipeline.judgement import assessing
from pipeline.paper import case_export, issued, open_data, reporting, text_editing
from pipeline.paper.text_editing import TextRefused
from records.access import Forbidden, Viewer
from records.models import AuditEntry, Finding
from records.vocabulary import Role
from reports import notice
from reports.annual.cases import MOST_TEXT
from reports.annual.facts import Facts
from reports.blocks import Table


@pytest.fixture(scope="module")
def numbers_of_states(demo_instance):
    return {row["state"]: row["assessment"] for row in assessing.list_assessments(demo_instance)}


@pytest.fixture(scope="module")
def number(numbers_of_states):
    return numbers_of_states["published"]


@pytest.fixture(scope="module")
def source(demo_instance, number):
    return reporting.source_for(demo_instance, number)


def viewer(role, *units):
    return Viewer(7, "x", role, frozenset(units), sign_in="x")


def test_cases_stand_in_pairs_and_name_no_unit(source):
    assert source.cases
    assert [case["side"] for case in source.cases] == ["well", "poorly"] * (len(source.cases) // 2)
    from reports.annual import cases

    printed = [cell for b in cases.blocks(Facts(source)) if isinstance(b, Table) for row in b.rows for cell in row]
    names = {unit.name for unit in source.units}
    assert not names & set(printed)
    assert all(len(cell) <= MOST_TEXT + 40 for cell in printed)


@pytest.mark.parametrize("role", [Role.ORG_DEPT, Role.UNIT_HEAD])
def test_cases_are_not_in_the_source_of_who_may_not_read_them(demo_instance, number, role):
    unit = reporting.source_for(demo_instance, number).units[0].code
    assert reporting.source_for(demo_instance, number, viewer=viewer(role, unit)).cases == []


def test_export_shows_a_unit_head_process_fields_of_the_own_unit_only(demo_instance, source, tmp_path):
    own, name = source.units[0].code, source.units[0].name
    head = viewer(Role.UNIT_HEAD, own)
    path = case_export.write(demo_instance, head, source, tmp_path / "c.xlsx", unit=own)
    rows = list(openpyxl.load_workbook(path).worksheets[0].iter_rows(min_row=3, values_only=True))
    assert {row[2] for row in rows[1:]} == {name}
    assert not {"标题", "评价"} & set(rows[0])
    with pytest.raises(Forbidden):
        case_export.write(demo_instance, head, source, tmp_path / "d.xlsx", unit=source.units[1].code)


def test_open_data_csv_equals_parquet_and_the_descriptor(demo_instance, source, tmp_path):
    archive = zipfile.ZipFile(open_data.write(demo_instance, source, tmp_path / "o.zip"))
    package = json.loads(archive.read("datapackage.json"))
    assert len(package["resources"]) == 8
    for resource in package["resources"]:
        content = archive.read(resource["path"])
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert resource["bytes"] == len(content)
    rows = list(csv.DictReader(io.StringIO(archive.read("results.csv").decode())))
    assert [row["unit"] for row in rows] == [u.unit for u in Facts(source).units]
    fields = next(r for r in package["resources"] if r["path"] == "results.csv")["schema"]["fields"]
    assert [field["name"] for field in fields] == list(rows[0])
    (tmp_path / "r.parquet").write_bytes(archive.read("results.parquet"))
    stored = duckdb.sql(f"SELECT unit, score FROM '{tmp_path / 'r.parquet'}'").fetchall()
    assert stored == [(u.unit, u.score) for u in Facts(source).units]


def test_open_data_of_an_unpublished_result_is_refused(demo_instance, numbers_of_states, tmp_path):
    draft = next(n for state, n in numbers_of_states.items() if state != "published")
    with pytest.raises(open_data.NotPublished, match="published"):
        open_data.write(demo_instance, reporting.source_for(demo_instance, draft), tmp_path / "o.zip")


def test_notice_names_only_units_clearly_off_with_enough_cases(source):
    facts = Facts(source)
    document = notice.document(source)
    assert document.title.startswith("关于")
    for code in notice.rates(facts):
        for row in notice.clearly_worse(facts, code, facts.months[-1]):
            assert row.n >= notice.LEAST_CASES
    annex = next(b for b in document.body if isinstance(b, Table))
    assert len(annex.rows) == len(facts.units)
    with pytest.raises(notice.NoMonth):
        notice.document(source, "1999-01")


def test_made_file_is_known_by_its_code_and_bytes_and_a_changed_one_is_not(demo_copy, number, tmp_path):
    out = reporting.make(demo_copy, number, kind="notice", format="pdf", out=tmp_path / "n.pdf")
    found = issued.find_file(demo_copy, out)
    assert [(entry.number, entry.kind, entry.is_current) for entry in found] == [(number, "notice", True)]
    assert issued.find(demo_copy, code=found[0].code.lower().replace("-", " ")) == found
    runner, folder = CliRunner(), str(demo_copy.folder)
    assert runner.invoke(main, ["--instance", folder, "verify", str(out)]).exit_code == 0
    assert found[0].code in runner.invoke(main, ["--instance", folder, "verify", found[0].code]).stdout
    changed = tmp_path / "changed.pdf"
    changed.write_bytes(out.read_bytes() + b" ")
    assert issued.find_file(demo_copy, changed) == []
    assert runner.invoke(main, ["--instance", folder, "verify", str(changed)]).exit_code == 1
    assert runner.invoke(main, ["--instance", folder, "verify", "AAAA-BBBB-CCCC", "--json"]).exit_code == 1


def code_on(content):
    """The code printed on the first page that carries one."""
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages[:8])
    return re.search(r"核验码：?([0-9A-F]{4}(-[0-9A-F]{4}){2})", re.sub(r"\s", "", text))[1]


def test_every_document_in_a_pack_is_known_by_the_code_it_prints_and_by_its_bytes(demo_copy, number, tmp_path):
    cards = {"kind": "scorecard", "all_units": True, "format": "pdf", "out": tmp_path / "cards.zip"}
    packs = [reporting.make(demo_copy, number, **cards)]
    packs.append(reporting.make(demo_copy, number, kind="evidence", format="zip", out=tmp_path / "e.zip"))
    kinds = []
    for pack in packs:
        with zipfile.ZipFile(pack) as archive:
            for name in (n for n in archive.namelist() if n.endswith((".pdf", ".docx", ".xlsx"))):
                content = archive.read(name)
                [entry] = issued.find(demo_copy, digest=hashlib.sha256(content).hexdigest())
                kinds.append(entry.kind)
                assert entry.unit is None or name.startswith(f"{entry.unit}_")
                if name.endswith(".pdf"):
                    assert code_on(content) == entry.code
                    assert entry in issued.find(demo_copy, code=entry.code)
    units = len(reporting.source_for(demo_copy, number).assessment.units)
    assert sorted(kinds) == sorted(["scorecard"] * units + ["annual", "evidence"] * 2 + ["workbook", "cases"])


def test_notices_of_two_months_have_two_codes(demo_copy, number, tmp_path):
    for month in ("2024-03", "2024-04", ""):
        out = tmp_path / f"n{month}.pdf"
        reporting.make(demo_copy, number, kind="notice", format="pdf", out=out, of=month)
    codes = [code_on((tmp_path / f"n{month}.pdf").read_bytes()) for month in ("2024-03", "2024-04", "")]
    assert len(set(codes)) == 3
    assert all(issued.find(demo_copy, code=code)[0].kind == "notice" for code in codes)


def test_evidence_pack_holds_records_statement_and_their_hashes(demo_copy, number, tmp_path):
    archive = zipfile.ZipFile(reporting.make(demo_copy, number, kind="evidence", format="zip", out=tmp_path / "e.zip"))
    assert {"records.xlsx", "statement.docx", "statement.pdf", "annual.pdf"} <= set(archive.namelist())
    for entry in json.loads(archive.read("manifest.json"))["files"]:
        assert hashlib.sha256(archive.read(entry["name"])).hexdigest() == entry["sha256"]


def test_written_text_is_printed_with_its_number_and_changes_the_code(demo_copy, number):
    before = reporting.source_for(demo_copy, number)
    person = Viewer(1, "a", Role.ASSESSOR, sign_in="assessor")
    settings = {"number": number, "language": "zh"}
    text_editing.write_text(demo_copy, person, place="results", text="中位数{results.median}分。", **settings)
    after = reporting.source_for(demo_copy, number)
    assert after.content_sha256 != before.content_sha256
    from reports import annual
    from reports.blocks import Paragraph

    median = Facts(after).median_score
    from reports import numbers

    texts = [b.text for b in annual.document(after).body if isinstance(b, Paragraph)]
    assert f"中位数{numbers.score(median)}分。" in texts
    refused = (("results", "{metric.NOTHING}", "unknown"), ("nowhere", "x", ""), ("results", "x" * 30_000, ""),
               ("results", "好😀", "missing"))  # fmt: skip
    for place, text, why in refused:
        with pytest.raises(TextRefused) as error:
            text_editing.write_text(demo_copy, person, place=place, text=text, **settings)
        assert error.value.why == why
    with pytest.raises(Forbidden):
        text_editing.write_text(demo_copy, viewer(Role.AUDITOR), place="results", text="x", **settings)


def test_character_no_font_has_is_told_before_printing(demo_copy, number, tmp_path):
    from records.models import Unit

    with demo_copy.session() as session:
        session.query(Unit).first().name = "𪚥龙局"
    for language, words in (("zh", "字体里没有 𪚥"), ("en", "no font has 𪚥")):
        with pytest.raises(reporting.MissingGlyphs, match=words):
            reporting.make(demo_copy, number, kind="notice", format="pdf", out=tmp_path / "n.pdf", language=language)
    assert list(tmp_path.glob("*.pdf")) == []


def test_the_organization_department_is_told_what_it_does_not_see_and_not_that_there_is_none(demo_instance, number):
    shown = reporting.source_for(demo_instance, number, viewer=viewer(Role.ORG_DEPT))
    assert {"findings", "exclusions", "batches"} == shown.hidden
    assert reporting.source_for(demo_instance, number).hidden == frozenset()
    assert reporting.source_for(demo_instance, number, viewer=viewer(Role.AUDITOR)).hidden == frozenset()


def test_a_report_knows_whether_its_period_was_searched_for_findings(demo_copy, number):
    with demo_copy.session() as session:
        session.execute(delete(Finding))
        session.execute(delete(AuditEntry).where(AuditEntry.action == "find_findings"))
    before = reporting.source_for(demo_copy, number)
    assert not before.is_searched
    store(demo_copy, before.assessment.period, [], by="wang")
    after = reporting.source_for(demo_copy, number)
    assert after.is_searched
    assert after.content_sha256 != before.content_sha256
