"""The sheets of a frozen result of the city are read back: the workbook against the result, cases against parts."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta

import openpyxl
import pytest

from metrics.clocks.daytable import day_number
from metrics.clocks.period import parse
from pipeline.judgement import assessing
from pipeline.numbers.counting import build_facts
from pipeline.paper import case_export, case_source, report_source, reporting
from records.access import OPERATOR, Viewer
from records.engine import Engine
from records.parts import accepted_parts
from records.tables import files_view
from records.vocabulary import Kind, Role
from reports.texts import say
from tests.pipeline.plain_facts import newest
from tests.reports.sheet_rows import Wanted, printed_rows, read_book

TEXTS = ("register", "case_no", "unit", "channel", "case_type", "category", "title")
TIMES = ("received_at", "first_response_at", "closed_at")
LIMITED, UNLIMITED = ("reply", "close"), ("sign", "contact")
WORDS = {1: "按时", 2: "逾期", 3: "逾期未完成", 4: "未到期"}
SINCE = datetime(1970, 1, 1)


@pytest.fixture(scope="module")
def number(demo_instance):
    rows = assessing.list_assessments(demo_instance)
    return next(row["assessment"] for row in rows if row["state"] == "published")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sheet_of_the_workbook_equals_the_frozen_result(demo_instance, number, language, tmp_path):
    settings = {"kind": "workbook", "format": "xlsx", "language": language, "out": tmp_path / "book.xlsx"}
    book = read_book(reporting.make(demo_instance, number, **settings))
    wanted = Wanted(reporting.source_for(demo_instance, number, language=language)).rows()
    adjusted = wanted.pop("adjusted")
    found = {key: printed_rows(book[say(language, f"sheet.{key}")]) for key in wanted}
    assert {key: len(rows) for key, rows in found.items()} == {key: len(rows) for key, rows in wanted.items()}
    for key, rows in wanted.items():
        assert found[key] == rows, key
    assert adjusted == [[r[0], r[2], r[6]] for r in printed_rows(book[say(language, "sheet.adjusted")])]
    assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row if cell.value} <= {"s", "n"}


@pytest.fixture(scope="module")
def exported(demo_instance, number, tmp_path_factory):
    """The head, the rows and their cells of one row per case."""
    source = reporting.source_for(demo_instance, number, has_variants=False)
    path = tmp_path_factory.mktemp("cases") / "cases.xlsx"
    case_export.write(demo_instance, reporting.OPERATOR, source, path)
    head, *rows = openpyxl.load_workbook(path).worksheets[0].iter_rows(min_row=3)
    return source, [cell.value for cell in head], rows


def test_every_cell_of_every_case_equals_the_newest_observation_of_the_parts(demo_instance, exported):
    source, head, rows = exported
    wanted = wanted_rows(demo_instance, source)
    assert head[: len(TEXTS) + len(TIMES)] == [
        "来源", "诉求编号", "单位", "渠道", "类型", "类别", "标题", "受理时间", "首次答复", "办结时间"
    ]  # fmt: skip
    assert len(rows) == len(wanted) > 100
    assert {"按时", "逾期", "已完成", "是"} <= {cell for row in wanted for cell in row if isinstance(cell, str)}
    assert [[told(cell.value) for cell in row] for row in rows] == wanted


def told(value):
    """A time to the second: a sheet keeps parts of a day."""
    return (value + timedelta(milliseconds=500)).replace(microsecond=0) if isinstance(value, datetime) else value


def test_a_sheet_of_cases_carries_the_day_of_its_result(demo_instance, number, tmp_path):
    """Made again a year later it has the same bytes."""
    made = reporting.make(demo_instance, number, kind="cases", format="xlsx", out=tmp_path / "cases.xlsx")
    properties = openpyxl.load_workbook(made).properties
    source = reporting.source_for(demo_instance, number, has_variants=False)
    assert properties.created.date().isoformat() == source.made_at[:10]
    assert properties.creator == source.office


def test_a_sheet_of_cases_loads_no_other_kind_of_document(demo_instance, number, tmp_path):
    """What the process holds is mostly what it has loaded."""
    program = (
        "import sys; from pathlib import Path; from pipeline.paper import reporting; "
        "from records.instance import Instance; instance = Instance.open(Path(sys.argv[1])); "
        "reporting.make(instance, int(sys.argv[2]), kind='cases', format='xlsx', out=Path(sys.argv[3])); "
        "print(*sys.modules)"
    )
    command = [sys.executable, "-c", program, str(demo_instance.folder), str(number), str(tmp_path / "cases.xlsx")]
    loaded = set(subprocess.run(command, capture_output=True, check=True, text=True).stdout.split())
    assert "pipeline.paper.case_export" in loaded
    heavy = {"scipy", "pandas", "docx", "typst", "lxml", "openpyxl", "fontTools", "urllib.request", "pyarrow"}
    own = {"pipeline.paper.writing", "reports.annual.report", "reports.charts.figures", "reports.workbook.sheets"}
    assert not loaded & (heavy | own)


def test_a_sheet_of_cases_reads_no_number_of_the_assessment(demo_instance, number, tmp_path, monkeypatch):
    """They would fill the memory and are not printed: with 500 units they take 50 MB."""

    def refused(*_, **__):
        raise AssertionError("numbers of the assessment were read")

    monkeypatch.setattr(report_source, "numbers_of", refused)
    with pytest.raises(AssertionError, match="were read"):
        report_source.source_for(demo_instance, number)
    made = reporting.make(demo_instance, number, kind="cases", format="xlsx", out=tmp_path / "cases.xlsx")
    assert made.exists()


def test_the_code_of_a_sheet_of_cases_follows_from_reader_and_batches(demo_instance, number, monkeypatch):
    def code(language="zh", viewer=OPERATOR):
        return case_source.case_source(demo_instance, number, language=language, viewer=viewer).content_sha256

    auditor = Viewer(7, "Auditor", Role.AUDITOR, sign_in="auditor")
    first = code()
    assert first == code()
    assert len({first, code("en"), code(viewer=auditor)}) == 3
    monkeypatch.setattr(case_source, "accepted_batches", lambda session: [1, 999])
    assert code() != first


def test_no_cell_of_a_case_is_a_formula(exported):
    _, _, rows = exported
    kinds = {cell.data_type for row in rows for cell in row if cell.value is not None}
    assert kinds == {"s", "n", "d"}


def wanted_rows(instance, source):
    """The cases of the period in the order of days, registers and numbers, from the parts and what is counted."""
    with instance.session() as session:
        parts = accepted_parts(session, Kind.RESPONSES)
    facts = build_facts(instance)
    engine = Engine(instance)
    names = ("exported_at", "batch", "row_no", *TEXTS, *TIMES)
    stored = engine.run(f"SELECT {', '.join(names)} FROM cases", {"cases": files_view(instance, parts, Kind.RESPONSES)})
    rows = newest([dict(zip(names, row, strict=True)) for row in stored], lambda r: (r["register"] or "", r["case_no"]))
    clocks = (*UNLIMITED, *LIMITED)
    counted = ["register", "case_no", "is_excluded", "rating", "resolved", *(f"{c}_seconds" for c in clocks),
               *(f"{c}_ended" for c in UNLIMITED), *(f"{c}_strict" for c in LIMITED)]  # fmt: skip
    found = {row[:2]: dict(zip(counted, row, strict=True))
             for row in engine.run(f"SELECT {', '.join(counted)} FROM facts", facts.views)}  # fmt: skip
    units = {unit.code: unit.name for unit in source.units}
    asked = parse(source.assessment.period, source.scheme["period_start_day"])
    chosen = [row for row in rows if asked.start <= row["received_at"].date() < asked.end]
    chosen.sort(key=lambda r: (day_number(r["received_at"].date()), r["register"] or "", r["case_no"]))
    return [_row(row, found[row["register"] or "", row["case_no"]], units) for row in chosen]


def _row(row, counted, units):
    texts = [units[row["unit"]] if name == "unit" else row[name] for name in TEXTS]
    cells = []
    for clock in (*UNLIMITED, *LIMITED):
        seconds = counted[f"{clock}_seconds"]
        cells.append(None if seconds is None else (2 * seconds + 360) // 720 / 10)
        ended = counted.get(f"{clock}_ended")
        words = {0: "未完成", 1: "已完成"}.get(ended) if clock in UNLIMITED else WORDS.get(counted[f"{clock}_strict"])
        cells.append(words)
    ends = ["是" if counted["is_excluded"] else None, counted["rating"], counted["resolved"]]
    return [*(text or None for text in texts), *(row[name] for name in TIMES), *cells, *ends]
