"""Tables as people in a county office send them: what is not data is left out by name, what is unclear is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from imports.values.cells import CellError, rate
from records.vocabulary import Kind
from tests.imports.small_files import check, codes, problem, stored, text_file, workbook

HEADER = ("序号", "工单编号", "承办单位", "来电时间", "办结时间", "是否满意", "诉求内容")
SURVEY = ("提交答卷时间", "您办事的单位", "您对办理结果是否满意？", "是否解决")


def _case(number: int, **cells: object) -> list[object]:
    row = {"序号": number, "工单编号": f"A{number:03}", "承办单位": "东城区", "来电时间": "2025-03-01 09:30"}
    return [{**row, **cells}.get(heading, "") for heading in HEADER]


def test_title_notes_and_lines_to_sign_are_left_out_by_number(tmp_path: Path) -> None:
    rows = [("三月办理情况",), HEADER, _case(1), _case(2), ("注：不含重复件。",)]
    rows.append(("填表人：", "王某", "", "审核人：", "李某", "", "联系电话：13800138000"))
    answer = check(workbook(tmp_path / "a.xlsx", rows))
    assert (answer.state, answer.rows.accepted, answer.rows.skipped["note"]) == ("checked", 2, 2)
    told = problem(answer, "rows_left_out")
    assert (told.row, told.count) == (5, 2)
    assert "5、6" in told.message


@pytest.mark.parametrize("suffix", ["xlsx", "csv"])
def test_totals_of_a_page_are_no_cases_but_a_case_about_a_total_is(tmp_path: Path, suffix: str) -> None:
    """The first column of a list may hold words that end like a total: then the row is full."""
    rows = [[str(cell) for cell in row] for row in (HEADER, _case(1), ["本页小计", "共1件", *[""] * 5])]
    rows.append([str(cell) for cell in _case(2, 序号="医保费合计", 办结时间="2025-03-02 10:00", 诉求内容="路灯")])
    rows += [[str(cell) for cell in _case(number)] for number in range(3, 4_100 if suffix == "csv" else 5)]
    rows.append(["合  计：", "共9件", *[""] * 5])
    path = tmp_path / f"a.{suffix}"
    answer = check(workbook(path, rows) if suffix == "xlsx" else text_file(path, rows))
    assert answer.rows.skipped["subtotal"] == 2
    assert "A002" in {number for (number,) in stored(answer, "case_no")}
    assert answer.rows.accepted == answer.rows.read == len(rows) - 3


def test_a_second_table_is_named_with_its_row(tmp_path: Path) -> None:
    rows = [HEADER, _case(1), [], ("附：各单位汇总",), ("单位", "受理数", "办结数", "满意率"), ("东城区", 4, 4, "95%")]
    answer = check(workbook(tmp_path / "a.xlsx", rows))
    told = answer.problems[0] if answer.problems[0].severity == "block" else problem(answer, "second_table")
    assert answer.state == "refused"
    assert (told.code, "第 5 行" in told.message, "受理数" in told.message) == ("second_table", True, True)


def test_refused_rows_of_one_table_are_no_second_table(tmp_path: Path) -> None:
    rows = [HEADER, _case(1), _case(2, 来电时间="昨天", 诉求内容="办结时间")]
    assert "second_table" not in codes(check(workbook(tmp_path / "a.xlsx", rows)))


def test_every_unknown_unit_stands_beside_the_names_it_resembles(tmp_path: Path) -> None:
    rows = [HEADER, _case(1, 承办单位="東城区"), _case(2, 承办单位="市人设局"), _case(3, 承办单位="火星站")]
    message = problem(check(workbook(tmp_path / "a.xlsx", rows)), "unit_unknown").message
    assert "東城区（东城区" in message
    assert "市人设局（市人社局？）、火星站。" in message


def test_hidden_columns_are_named_with_their_headings(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    sheet = book.add_worksheet()
    for number, row in enumerate((HEADER, _case(1, 办结时间="2025-03-02 10:00"))):
        sheet.write_row(number, 0, row)
    sheet.set_column(4, 4, None, None, {"hidden": True})
    book.close()
    assert "E 办结时间" in problem(check(tmp_path / "a.xlsx"), "hidden_ignored").message


def test_stars_and_broken_lines_of_headings_say_nothing(tmp_path: Path) -> None:
    heads = ("序 号", "*工单\n编号", "承办单位：", "来电时间 *", "承办单位\n（协办）")
    answer = check(workbook(tmp_path / "a.xlsx", [heads, ("1", "A1", "东城区", "2025-03-01 09:30", "x")]))
    assert [column.field for column in answer.columns[:4]] == [None, "case_no", "unit", "received_at"]
    assert all("\n" not in problem.message for problem in answer.problems)


def test_columns_that_are_not_imported_are_named(tmp_path: Path) -> None:
    rows = [(*HEADER, "领导批示", "备用"), [*_case(1), "已阅", "x"]]
    answer = check(workbook(tmp_path / "a.xlsx", rows))
    assert "领导批示、备用" in problem(answer, "columns_unused").message
    refused = check(workbook(tmp_path / "b.xlsx", rows), map=(("", "领导批示"), ("", "备用")))
    assert "columns_unused" not in codes(refused)


def test_questions_in_peoples_own_words_are_proposed(tmp_path: Path) -> None:
    rows = [SURVEY, *(("2025/3/1 10:11:12", unit, "满意", "是") for unit in ("东城区", "市人社局", "市住建委"))]
    answer = check(workbook(tmp_path / "a.xlsx", rows), Kind.SURVEYS)
    assert [(column.field, column.guess) for column in answer.columns[1:3]] == [(None, "unit"), (None, "rating")]


def test_a_number_beyond_fifteen_digits_is_shown_in_digits(tmp_path: Path) -> None:
    rows = [HEADER, _case(1, 工单编号=2025030112345678.0)]
    message = problem(check(workbook(tmp_path / "a.xlsx", rows)), "number_lost_digits").message
    assert "e+" not in message


def test_times_that_contradict_each_other_are_shown(tmp_path: Path) -> None:
    rows = [HEADER, _case(1, 办结时间="2025-02-28 10:00")]
    told = problem(check(workbook(tmp_path / "a.xlsx", rows)), "closed_before_received")
    assert (told.cell, told.value) == ("E2", "2025-02-28 10:00:00 < 2025-03-01 09:30:00")
    assert told.value in told.message


COUNTS = ("序号", "单位", "受理量", "满意率")


def test_rates_of_one_column_are_written_one_way_or_asked(tmp_path: Path) -> None:
    """95, 95% and 0.95 in one column: the first two are clear, the third is refused instead of read as 0.95 %."""
    rows = [COUNTS, (1, "东城区", 4, "95%"), (2, "市人社局", 5, 90)]
    answer = check(workbook(tmp_path / "a.xlsx", rows), Kind.COUNTS, period="2025-03")
    values = {unit: value for unit, name, value in stored(answer, "unit, measure, value") if name != "received"}
    assert values == pytest.approx({"dc": 0.95, "rsj": 0.9})
    answer = check(workbook(tmp_path / "b.xlsx", [*rows, (3, "市住建委", 6, 0.95)]), Kind.COUNTS, period="2025-03")
    assert (answer.state, problem(answer, "rate_unclear").cell) == ("refused", "D4")
    with pytest.raises(CellError, match="rate_unclear"):
        rate(1, in_percent=True)


def test_the_total_of_all_is_compared_where_groups_have_totals_too(tmp_path: Path) -> None:
    rows = [
        COUNTS,
        (1, "东城区", 4, "95%"),
        ("", "区县小计", 4, ""),
        (2, "市人社局", 5, "90%"),
        ("", "全市合计", 8, ""),
    ]
    answer = check(workbook(tmp_path / "a.xlsx", rows), Kind.COUNTS, period="2025-03")
    assert (answer.state, answer.rows.accepted, answer.rows.skipped["subtotal"]) == ("checked", 2, 2)
    assert problem(answer, "control_total_differs").value == "8 / 9"
    assert "duplicate_in_file" not in codes(answer)
