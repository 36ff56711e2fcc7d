"""Aggregate tables: two header rows, periods in titles, control totals, and numbers that contradict each other."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from imports.values.periods import parse_period
from records.vocabulary import Kind
from tests.imports.small_files import check, codes, problem, stored, workbook

RATES = (
    "序号",
    "承办单位",
    "受理量",
    "有效回访",
    "联系数",
    "解决数",
    "满意数",
    "基本满意",
    "响应率(%)",
    "解决率(%)",
    "满意率(%)",
)


def petition_file(path: Path, rows: list[list[Any]], title: str = "2025年3月办结率统计结果（行政）") -> Path:
    """A title over everything, groups merged over their headings, the unit merged over both header rows."""
    book = xlsxwriter.Workbook(path)
    sheet, plain = book.add_worksheet(), book.add_format()
    sheet.merge_range(0, 0, 0, 14, title, plain)
    for column, name in ((0, "序号"), (1, "单位"), (14, "总办结率")):
        sheet.merge_range(1, column, 2, column, name, plain)
    for column, group in ((2, "转送"), (6, "受理"), (10, "答复")):
        sheet.merge_range(1, column, 1, column + 3, group, plain)
        sheet.write_row(2, column, ["总数", "按期办结", "超期办结", "办结率"])
    for line, row in enumerate(rows, 3):
        sheet.write_row(line, 0, row)
    book.close()
    return path


def line(number: int, unit: str, total: int, late: int = 0, rate: str = "100%") -> list[Any]:
    stage = [total, total - late, late, rate]
    return [number, unit, *stage, *stage, *stage, rate]


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2025年3月信访办结率", "2025-03-01", "2025-04-01"),
        ("2025-12", "2025-12-01", "2026-01-01"),
        ("２０２５年第三季度", "2025-07-01", "2025-10-01"),
        ("2025年上半年", "2025-01-01", "2025-07-01"),
        ("2024年度网站报表", "2024-01-01", "2025-01-01"),
    ],
)
def test_parse_period_forms(text: str, first: str, after: str) -> None:
    assert parse_period(text) == (dt.date.fromisoformat(first), dt.date.fromisoformat(after))


@pytest.mark.parametrize("text", ["", "办结率", "13月", "第3季度"])
def test_parse_period_none(text: str) -> None:
    assert parse_period(text) is None


def test_counts_title_and_two_header_rows(tmp_path: Path) -> None:
    rows = [line(1, "东城区", 40), line(2, "市人社局", 60), line(0, "总数", 100)]
    answer = check(petition_file(tmp_path / "a.xlsx", rows), Kind.COUNTS)
    assert (answer.state, answer.layout, answer.file.header_row) == ("checked", "petition_completion", 3)
    assert answer.rows.skipped["subtotal"] == 1
    assert "control_total_differs" not in codes(answer)
    assert answer.period == {"first": "2025-03-01", "last": "2025-03-31"}
    found = stored(answer, "unit, measure, value, channel, period_end")
    end = dt.datetime(2025, 4, 1)
    assert ("dc", "transfer_total", 40.0, "petition", end) in found
    assert ("rsj", "reply_rate", 1.0, "petition", end) in found
    assert len(found) == 2 * 13


def test_counts_control_total_and_parts_are_listed_not_corrected(tmp_path: Path) -> None:
    rows = [line(1, "东城区", 40), line(2, "市人社局", 60, rate="95%"), line(0, "总数", 101)]
    rows[0][3] = 39
    answer = check(petition_file(tmp_path / "a.xlsx", rows), Kind.COUNTS)
    assert answer.state == "checked"
    found = codes(answer)
    assert found["parts_not_total"] == 1
    assert found["rate_differs"] == 3 + 1  # three stages of the second unit, and the first one's transfers
    assert problem(answer, "control_total_differs").value == "101 / 100"
    assert problem(answer, "parts_not_total").cell == "C4"
    assert problem(answer, "parts_not_total").message.startswith("“转送总数”为 40，各分项之和为 39，")
    assert ("dc", 39.0) in stored(answer, "unit, value")


def test_counts_rate_is_told_with_the_rate_the_counts_give(tmp_path: Path) -> None:
    """Both numbers, to the digit, of the first row where they differ; the file prints percentages or fractions."""
    rows = [
        list(RATES),
        [1, "东城区", 10, 9, 8, 7, 3, 1, 88.89, 77.78, 60],
        [2, "市人社局", 10, 3, 2, 1, 1, 0, 66, 30, 9],
    ]
    answer = check(workbook(tmp_path / "a.xlsx", rows), Kind.COUNTS, period="2025-03")
    contacted, resolved = (entry for entry in answer.problems if entry.code == "rate_differs")
    assert (contacted.cell, contacted.value, contacted.count) == ("I3", "66%", 1)
    assert contacted.message.startswith("“响应率(%)”为 66%，按件数重算为 66.6667%，")
    assert (resolved.cell, resolved.value) == ("J3", "30%")
    assert "解决率(%)”为 30%，按件数重算为 33.3333%" in resolved.message
    english = check(workbook(tmp_path / "b.xlsx", rows), Kind.COUNTS, period="2025-03", language="en")
    assert "is 66%, but the counts give 66.6667%" in problem(english, "rate_differs").message


def test_case_k11_counts_take_33_units_and_compare_the_total_row(tmp_path: Path) -> None:
    units = [[i, f"单位{i}", 100, 50, 49, 40, 30, 5, 98.0, 80.0, 70.0] for i in range(1, 34)]
    total = ["汇总", "", 3300, 1650, 1617, 1320, 990, 165, 98.0, 80.0, 70.0]
    rows = [["2025年3月三率情况"], list(RATES), *units, total, ["制表人：王某"]]
    answer = check(workbook(tmp_path / "a.xlsx", rows), Kind.COUNTS, create_units=True)
    assert answer.layout == "three_rates"
    assert (answer.rows.read, len(answer.new_units)) == (33, 33)
    assert not {"control_total_differs", "rate_differs"} & set(codes(answer))
    assert set(stored(answer, "value, measure")) >= {(0.98, "response_rate"), (100.0, "received")}


def test_counts_without_a_period_ask_for_it_once(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", [list(RATES), [1, "东城区", 10, 5, 5, 4, 3, 1, 100, 80, 60]])
    assert codes(check(path, Kind.COUNTS))["period_missing"] == 1
    assert check(path, Kind.COUNTS, period="2025-03").period["first"] == "2025-03-01"


def test_counts_period_column_wins_row_by_row(tmp_path: Path) -> None:
    rows = [["单位", "月份", "受理量"], ["东城区", "2025-01", 5], ["东城区", "2025年2月", 6], ["市人社局", "二月", 1]]
    answer = check(workbook(tmp_path / "a.xlsx", rows), Kind.COUNTS, partial=True)
    assert codes(answer)["period_unreadable"] == 1
    assert stored(answer, "value, strftime(period_start, '%m')") == [(5.0, "01"), (6.0, "02")]


def test_website_yearly_form(tmp_path: Path) -> None:
    head = ["网站名称", "留言办理", "", "", "", "征集调查", "", "", "在线访谈", "", ""]
    below = [
        "",
        "收到留言数量",
        "办结留言数量",
        "平均办理时间(天)",
        "公开答复数量",
        "期数",
        "收到意见数量",
        "公布调查结果期数",
        "期数",
        "网民留言数量",
        "答复网民提问数量",
    ]
    rows = [["2024年度政府网站工作年度报表"], head, below, ["东城区", 120, 118, 3.5, 90, 4, 33, 4, 2, 15, 14]]
    answer = check(workbook(tmp_path / "a.xlsx", rows), Kind.COUNTS)
    assert answer.layout == "website_yearly"
    found = dict(stored(answer, "measure, value"))
    assert (found["messages_received"], found["mean_message_days"]) == (120, 3.5)
    assert (found["consultations"], found["interviews"], found["interview_answers"]) == (4, 2, 14)


def test_channels_keep_the_newest_check_of_each(tmp_path: Path) -> None:
    rows = [
        [
            "渠道名称",
            "主办单位",
            "渠道类型",
            "检查时间",
            "最近更新时间",
            "更新时限（天）",
            "是否可用",
            "来电量",
            "接通量",
        ],
        ["门户网站", "东城区", "网站", dt.datetime(2025, 3, 3, 9), dt.datetime(2025, 2, 27, 10), 14, "是", None, None],
        ["12345", "东城区", "热线", dt.datetime(2025, 3, 3, 10), None, None, "是", 1000, 962],
        ["门户网站", "东城区", "网站", dt.datetime(2025, 3, 4, 9), dt.datetime(2025, 3, 4, 8), 14, "否", None, None],
    ]
    answer = check(workbook(tmp_path / "a.xlsx", rows), Kind.CHANNELS, value_map=(("channel", "网站", "mailbox"),))
    assert answer.state == "checked", [p.message for p in answer.problems]
    found = stored(answer, "channel_no, is_available, calls_answered")
    assert found == [("dc:12345", 1, 962), ("dc:门户网站", 0, None)]


def test_case_k4_petition_row_for_both_roles(tmp_path: Path) -> None:
    names = ["总数", "未评价", "已评价总数", "已评价满意数", "已评价基本满意数", "已评价不满意数", "超期未评价数"]
    rows = [
        ["2025年3月参评满意率"],
        ["单位", "信访工作机构", *[""] * 6, "有权处理单位", *[""] * 6],
        ["", *names, *names],
        ["东城区", 100, 15, 65, 50, 10, 5, 20, 10, 1, 9, 3, 3, 2, 0],
    ]
    answer = check(workbook(tmp_path / "a.xlsx", rows), Kind.COUNTS)
    found = dict(stored(answer, "measure, value"))
    rated = found["office_rated_satisfied"] + found["office_rated_basically"] + found["office_rated_dissatisfied"]
    silent = found["office_rated_satisfied"] + found["office_rated_basically"] + found["office_overdue_unrated"]
    assert (rated / found["office_total"], silent / found["office_total"]) == (0.65, 0.80)
    assert codes(answer)["parts_not_total"] == 1
    assert problem(answer, "parts_not_total").field == "handler_rated"


@pytest.mark.parametrize(
    ("title", "name", "register", "asked"),
    [
        ("2025年3月办结率统计结果（行政）", "a.xlsx", "petition", 0),
        ("2025年3月办结率统计结果（党委）", "a.xlsx", "petition_party", 0),
        ("2025年3月办结率统计结果", "党委-办结率.xlsx", "petition_party", 0),
        ("2025年3月办结率统计结果", "a.xlsx", "petition", 1),
        ("2025年3月党委、行政办结率", "a.xlsx", "petition", 1),
    ],
)
def test_equal_tables_of_two_sides_are_told_apart_or_asked(
    tmp_path: Path, title: str, name: str, register: str, asked: int
) -> None:
    answer = check(petition_file(tmp_path / name, [line(1, "东城区", 40)], title=title), Kind.COUNTS)
    assert set(stored(answer, "register")) == {(register,)}
    assert codes(answer).get("twin_unclear", 0) == asked


def test_counts_of_both_files_stay_apart_by_register(tmp_path: Path) -> None:
    path = petition_file(tmp_path / "a.xlsx", [line(1, "东城区", 40)], title="2025年3月办结率统计结果（党委）")
    answer = check(path, Kind.COUNTS, register="petition_party")
    assert set(stored(answer, "register")) == {("petition_party",)}


def test_a_list_of_channels_knows_accounts_programs_and_the_last_answer(tmp_path: Path) -> None:
    """In demands 微信 and APP are ways into a hotline's website; here they are what is checked."""
    rows = [["渠道名称", "主办单位", "渠道类型", "检查时间", "最近更新时间", "最近答复时间"]]
    rows += [
        [name, "市人社局", name, "2025-06-30", "2025-06-01", "2025-05-02"] for name in ("微信", "微博", "APP", "网站")
    ]
    answer = check(workbook(tmp_path / "a.xlsx", rows), Kind.CHANNELS)
    found = stored(answer, "channel_name, channel, CAST(answered_at AS DATE)")
    assert dict((name, kind) for name, kind, _ in found) == {
        "微信": "wechat", "微博": "microblog", "APP": "app", "网站": "website",
    }  # fmt: skip
    assert {str(day) for *_, day in found} == {"2025-05-02"}
