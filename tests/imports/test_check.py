"""Whole files: header, columns, rows, problems, and the part that is written."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from imports.answer import CheckAnswer
from records.vocabulary import PART_COLUMNS, Kind
from tests.imports.small_files import HEADER, check, codes, problem, stored, text_file, workbook

ROWS = [
    ("A1", "东城区", "2024-03-05 09:00:00"),
    ("A2", "市人社局", "2024-03-06"),
    ("A3", "市住建委", "2024年3月7日 8:05"),
]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8-sig", "utf-16", "utf-8"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_case_100_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    rows = [(*HEADER, "主要内容"), *((*row, f'"第一行{delimiter}\n第二行"') for row in ROWS)]
    answer = check(text_file(tmp_path / "f.csv", rows, encoding, delimiter))
    assert answer.state == "checked", answer.problems
    assert answer.rows.accepted == 3
    assert stored(answer, "case_no, unit, received_at, received_at_is_date, content") == [
        ("A1", "dc", dt.datetime(2024, 3, 5, 9), 0, f"第一行{delimiter}\n第二行"),
        ("A2", "rsj", dt.datetime(2024, 3, 6), 1, f"第一行{delimiter}\n第二行"),
        ("A3", "zjw", dt.datetime(2024, 3, 7, 8, 5), 0, f"第一行{delimiter}\n第二行"),
    ]


def test_case_100_cp1252_keeps_accents(tmp_path: Path) -> None:
    rows = [
        ("case number", "unit", "received at", "title"),
        ("1", "东城区".encode().hex(), "2024-03-05", "café aux élèves"),
    ]
    answer = check(text_file(tmp_path / "f.csv", rows, "cp1252"), create_units=True)
    assert stored(answer, "title") == [("café aux élèves",)]
    assert answer.file.encoding == "cp1252"
    assert codes(answer)["encoding_guessed"] == 1


def test_part_has_exactly_the_columns(tmp_path: Path) -> None:
    answer = check(text_file(tmp_path / "f.csv", [HEADER, *ROWS]))
    described = stored(answer, "*")
    assert len(described[0]) == len(PART_COLUMNS[Kind.RESPONSES])
    assert stored(answer, "batch, sheet, row_no, length(row_hash), exported_at")[0] == (
        0, None, 2, 32, dt.datetime(2024, 3, 7, 8, 5),
    )  # fmt: skip


def test_case_095_header_below_title_rows(tmp_path: Path) -> None:
    rows = [
        ["热线工单明细"],
        ["统计时间：2024年3月"],
        [""],
        HEADER,
        ("A0", "", "2024-03-05"),
        *ROWS,
        ("A4", "", "不详"),
    ]
    path = workbook(tmp_path / "f.xlsx", rows)
    for answer in (check(path), check(path, header_row=4)):  # proposed, then confirmed
        assert answer.file.header_row == 4
        assert problem(answer, "title_rows").message.count("4") == 1
        assert problem(answer, "unit_missing").cell == "B5"
        assert [fault.cell for fault in answer.faults] == ["B5", "B9", "C9"]


def test_case_097_duplicate_heading_names_both_columns(tmp_path: Path) -> None:
    rows = [(*HEADER, "a", "b", "c", "办结时间", "d", "e", "f", " 办结时间 "), ("A1", "无名", "不详", *[""] * 8)]
    answer = check(workbook(tmp_path / "f.xlsx", rows))
    assert "G" in problem(answer, "header_duplicate").message
    assert "K" in problem(answer, "header_duplicate").message
    assert codes(answer) == {"header_duplicate": 1, "columns_recommended": 1}
    assert answer.faults == []  # no row error yet, though the row has two


def test_case_098_missing_and_unknown_in_one_message(tmp_path: Path) -> None:
    answer = check(text_file(tmp_path / "f.csv", [("工单编号", "备注2", "来电时间"), ("A1", "x", "2024-03-05")]))
    assert "承办单位" in problem(answer, "columns_missing").message
    assert "备注2" in problem(answer, "columns_missing").message
    assert [p.code for p in answer.problems if p.severity == "block"] == ["columns_missing"]


def test_case_099_bad_rows_counted_and_written(tmp_path: Path) -> None:
    rows = [HEADER, *((f"A{i}", "东城区", "不详" if i % 4 == 0 else "2024-03-05") for i in range(2000))]
    errors = tmp_path / "errors.xlsx"
    answer = check(text_file(tmp_path / "f.csv", rows), errors=str(errors))
    assert (answer.state, answer.rows.rejected, codes(answer)["date_unreadable"]) == ("refused", 500, 500)
    sheet = CalamineWorkbook.from_path(errors).get_sheet_by_index(0).to_python()
    assert len(sheet) == 501
    assert sheet[1][:3] == ["A0", "东城区", "不详"]
    assert "不详" in sheet[1][4]
    assert [(fault.cell, fault.value) for fault in answer.faults] == [(f"C{2 + 4 * i}", "不详") for i in range(50)]
    assert all("不详" in fault.message for fault in answer.faults)


def test_first_faults_say_what_is_wrong_in_each_cell_and_hold_nothing_personal(tmp_path: Path) -> None:
    rows = [
        (*HEADER, "办结时间", "联系电话", "首次答复时间"),
        ("A1", "东城区", "2024-03-05 09:00:00", "2024-03-04 08:00:00", "13800138000", "打 13800138000"),
        ("", "无名局", "2024-03-05 09:00:00", "", "13800138001", ""),
        ("A3", "东城区", "2024-03-05 09:00:00", "", "13800138002", ""),
    ]
    answer = check(text_file(tmp_path / "f.csv", rows))
    assert [(fault.cell, fault.code, fault.value) for fault in answer.faults] == [
        ("D2", "closed_before_received", "2024-03-04 08:00:00 < 2024-03-05 09:00:00"),
        ("F2", "date_unreadable", "打 138****8000"),
        ("A3", "case_no_missing", ""),
        ("B3", "unit_unknown", "无名局"),
    ]
    assert "2024-03-04 08:00:00 < 2024-03-05 09:00:00" in answer.faults[0].message
    assert "1380013" not in str(answer.to_json())
    assert CheckAnswer.from_json(answer.to_json()) == answer


def test_partial_takes_the_good_rows(tmp_path: Path) -> None:
    rows = [HEADER, *ROWS, ("A4", "东城区", "不详")]
    answer = check(text_file(tmp_path / "f.csv", rows), partial=True)
    assert (answer.state, answer.rows.accepted, answer.rows.rejected) == ("checked", 3, 1)


def test_case_094_merged_cells_fill_down(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    for row in [HEADER, *((f"A{i}", "东城区" if i == 0 else None, "2024-03-05 10:00:00") for i in range(3))]:
        book.active.append(list(row))
    book.active.merge_cells("B2:B4")
    book.save(tmp_path / "f.xlsx")
    answer = check(tmp_path / "f.xlsx")
    assert stored(answer, "unit") == [("dc",)] * 3
    assert "merged_filled" in codes(answer)


def test_case_093_hidden_rows_columns_and_sheets(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "旧"
    book.active.append(["x"])
    sheet = book.create_sheet("新")
    old_header = ("备注", "工单编号", "来电时间", "承办单位")  # hidden: the first visible row counts
    for row in [
        old_header,
        ("备注", *HEADER),
        *(("b", f"A{i}", "东城区", "2024-03-05 10:00:00") for i in range(4)),
    ]:
        sheet.append(list(row))
    book["旧"].sheet_state = "hidden"
    for row in (1, 4, 5):
        sheet.row_dimensions[row].hidden = True
    sheet.column_dimensions["A"].hidden = True
    book.active = 1
    book.save(tmp_path / "f.xlsx")
    answer = check(tmp_path / "f.xlsx")
    assert (answer.file.sheet, answer.rows.accepted, answer.rows.skipped["hidden"]) == ("新", 2, 2)
    message = problem(answer, "hidden_ignored").message
    assert "1 个工作表、3 行、1 列" in message
    assert "旧、1、4、5、A 备注" in message
    assert answer.file.header_row == 2
    assert stored(answer, "case_no, unit") == [("A0", "dc"), ("A3", "dc")]


def test_case_035_reply_and_receipt(tmp_path: Path) -> None:
    header = (*HEADER, "首次答复时间")
    rows = [
        ("A1", "东城区", "2024-03-05 09:00:00", "2024-03-05 08:59:59"),
        ("A2", "东城区", "2024-03-05 09:00:00", "2024-03-05 09:00:00"),
        ("A3", "东城区", "", "2024-03-05 09:00:00"),
        ("A4", "东城区", "2024-03-05 09:00:00", "2024-03-05"),
    ]
    answer = check(text_file(tmp_path / "f.csv", [header, *rows]))
    found = codes(answer)
    assert (found["reply_before_received"], found["reply_same_instant"], found["received_missing"]) == (1, 1, 1)
    assert answer.rows.rejected == 2


def test_case_043_closed_without_time_is_a_warning(tmp_path: Path) -> None:
    rows = [(*HEADER, "工单状态", "办结时间"), ("A1", "东城区", "2024-03-05", "已办结", "")]
    answer = check(text_file(tmp_path / "f.csv", rows))
    assert answer.state == "checked"
    assert codes(answer)["closed_without_time"] == 1
    assert stored(answer, "state, closed_at") == [("closed", None)]


def test_case_102_open_date_order_is_asked_once(tmp_path: Path) -> None:
    rows = [HEADER, ("A1", "东城区", "05/03/2024"), ("A2", "东城区", "06/03/2024")]
    path = text_file(tmp_path / "f.csv", rows)
    answer = check(path)
    assert [p.code for p in answer.problems if p.severity == "block"] == ["date_order_unknown"]
    assert stored(check(path, date_order="dmy"), "received_at")[0] == (dt.datetime(2024, 3, 5),)


def test_date_order_is_decided_by_the_column(tmp_path: Path) -> None:
    rows = [HEADER, *((f"A{i}", "东城区", "05/03/2024") for i in range(3000)), ("B", "东城区", "25/03/2024")]
    answer = check(text_file(tmp_path / "f.csv", rows))
    assert stored(answer, "received_at")[0] == (dt.datetime(2024, 3, 5),)


def test_date_orders_mixed_in_one_column_stop_the_import(tmp_path: Path) -> None:
    rows = [HEADER, ("A1", "东城区", "25/03/2024"), ("A2", "东城区", "03/25/2024")]
    assert "date_order_mixed" in codes(check(text_file(tmp_path / "f.csv", rows)))


def test_case_k10_text_and_date_cells_in_one_column(tmp_path: Path) -> None:
    when = dt.datetime(2019, 2, 28, 11, 25, 5)
    rows = [HEADER, *((f"A{i}", "东城区", when if i % 33 == 0 else "2019/2/28 11:25:05") for i in range(4326))]
    answer = check(workbook(tmp_path / "f.xlsx", rows))
    assert answer.rows.accepted == 4326
    assert set(stored(answer, "received_at, received_at_is_date")) == {(when, 0)}


def test_case_k11_totals_notes_and_repeated_headers_are_left_out(tmp_path: Path) -> None:
    rows = [HEADER, *((f"A{i}", "东城区", "2024-03-05") for i in range(33)), HEADER, ("合计", "33", ""), ("", "", ""),
            ("制表人：张三", "", "")]  # fmt: skip
    answer = check(text_file(tmp_path / "f.csv", rows))
    assert answer.rows.accepted == 33
    assert answer.rows.skipped == {"blank": 1, "subtotal": 1, "repeated_header": 1, "note": 1, "hidden": 0}


def test_case_k9_second_sheet_is_named_not_added(tmp_path: Path) -> None:
    rows = [HEADER, *((f"A{i}", "东城区", "2024-03-05") for i in range(20))]
    answer = check(workbook(tmp_path / "f.xlsx", rows, {"剔除后": rows[:9]}))
    assert answer.rows.accepted == 20
    assert "剔除后 (9)" in problem(answer, "other_sheets").message


def test_case_k13_bare_numbers_stop_the_import_until_the_direction_is_said(tmp_path: Path) -> None:
    rows = [(*HEADER, "满意度"), ("A1", "东城区", "2024-03-05", "1"), ("A2", "东城区", "2024-03-05", "5")]
    path = text_file(tmp_path / "f.csv", rows)
    stopped = check(path)
    assert [p.code for p in stopped.problems if p.severity == "block"] == ["scale_direction_unknown"]
    assert stored(check(path, scale=(("rating", "1=best"),)), "rating, rating_scale") == [(5, 5), (1, 5)]
    assert stored(check(path, scale=(("rating", "5=best"),)), "rating") == [(1,), (5,)]


def test_case_105_header_only(tmp_path: Path) -> None:
    answer = check(text_file(tmp_path / "f.csv", [HEADER]))
    assert "至少需要一行数据" in problem(answer, "no_data_rows").message
    assert not answer.is_unreadable


def test_unknown_values_are_asked_with_all_words(tmp_path: Path) -> None:
    rows = [(*HEADER, "工单状态"), ("A1", "东城区", "2024-03-05", "天晓得"), ("A2", "东城区", "2024-03-05", "另一个")]
    path = text_file(tmp_path / "f.csv", rows)
    assert problem(check(path), "value_unknown").values == ("天晓得", "另一个")
    decided = (("state", "天晓得", "open"), ("state", "另一个", ""))
    assert stored(check(path, value_map=decided), "state") == [("open",), (None,)]


def test_duplicate_numbers_the_later_row_counts(tmp_path: Path) -> None:
    rows = [HEADER, ("A1", "东城区", "2024-03-05"), ("A2", "东城区", "2024-03-05"), ("A1", "市人社局", "2024-03-05")]
    answer = check(text_file(tmp_path / "f.csv", rows))
    assert (answer.rows.accepted, answer.rows.duplicate_in_file) == (2, 1)
    assert stored(answer, "case_no, unit") == [("A2", "dc"), ("A1", "rsj")]
    assert problem(answer, "duplicate_in_file").value == "A1"


def test_lost_digits_refuse_the_row(tmp_path: Path) -> None:
    rows = [HEADER, (202403050001234567, "东城区", "2024-03-05"), (20240305, "东城区", "2024-03-05")]
    answer = check(workbook(tmp_path / "f.xlsx", rows))
    assert problem(answer, "number_lost_digits").cell == "A2"
    assert answer.rows.rejected == 1


def test_persons_are_tokens_and_texts_masked_before_they_are_stored(tmp_path: Path) -> None:
    rows = [
        (*HEADER, "来电人", "联系电话", "主要内容", "备注"),
        ("A1", "东城区", "2024-03-05", "张三丰", "13812345678", "请回电13812345678，我叫张三丰。", "13812345678"),
        ("A2", "东城区", "2024-03-05", "李四", "+86 138-1234-5678", "路灯不亮", ""),
    ]
    answer = check(text_file(tmp_path / "f.csv", rows))
    tokens = stored(answer, "person_token")
    assert tokens[0] == tokens[1]
    assert len(tokens[0][0]) == 32
    everything = Path(answer.staged or "").read_bytes() + str(answer.to_json()).encode()
    assert b"13812345678" not in everything
    assert "张三丰".encode() not in everything
    assert answer.masked == {"phone": 1, "identity": 0, "name": 1}


def test_row_hash_rests_on_the_content_alone(tmp_path: Path) -> None:
    first = stored(check(text_file(tmp_path / "a.csv", [HEADER, *ROWS])), "case_no, row_hash")
    moved = [["说明"], HEADER, ("A9", "东城区", "2024-01-01"), *ROWS]
    second = stored(check(workbook(tmp_path / "b.xlsx", moved)), "case_no, row_hash")
    assert set(first) < set(second)


def test_reply_fingerprint_is_blind_to_greeting_digits_and_spaces(tmp_path: Path) -> None:
    replies = ["尊敬的市民：您好！经核查，3月5日已修复。", "您好，经核查 ，4月15日 已修复", "已转相关部门"]
    rows = [(*HEADER, "回复内容"), *((f"A{i}", "东城区", "2024-03-05", text) for i, text in enumerate(replies))]
    prints = [row[0] for row in stored(check(workbook(tmp_path / "f.xlsx", rows)), "reply_fingerprint")]
    assert prints[0] == prints[1] != prints[2]
    assert [len(entry) for entry in prints] == [16, 16, 16]


def test_exported_at_is_the_newest_event_never_a_limit(tmp_path: Path) -> None:
    rows = [(*HEADER, "办结时间", "截止时间"), ("A1", "东城区", "2024-03-05 09:00", "2024-03-06 10:00", "2024-05-01")]
    path = text_file(tmp_path / "f.csv", rows)
    assert check(path).exported_at == "2024-03-06 10:00:00"
    assert check(path, exported_at="2024-04-01").exported_at == "2024-04-01"


def test_units_file(tmp_path: Path) -> None:
    rows = [("单位名称", "单位简称", "别名", "同类组", "常住人口"),
            ("市人力资源和社会保障局", "市人社局", "人社局、社保局", "市直", "0"),
            ("东城街道", "", "", "街道", '"35,000"')]  # fmt: skip
    answer = check(text_file(tmp_path / "f.csv", rows), Kind.UNITS)
    assert (answer.state, answer.rows.accepted) == ("checked", 2)
    import json

    units = json.loads(Path(answer.staged or "").read_text("utf-8"))
    assert units[0]["aliases"] == ["人社局", "社保局"]
    assert units[1]["residents"] == 35000


def test_survey_file_of_telephone_follow_ups(tmp_path: Path) -> None:
    rows = [
        (
            "回访工单编号",
            "原工单编号",
            "承办单位",
            "回访时间",
            "是否回访成功",
            "之前反映的问题是否得到解决",
            "整体服务评价",
            "电话回访意见",
        ),
        ("H1", "A1", "东城区", "2024-03-09 10:00", "是", "是", "满意", "谢谢"),
        ("H2", "A2", "市人社局", "2024-03-09 11:00", "否", "", "", ""),
    ]
    answer = check(text_file(tmp_path / "f.csv", rows), Kind.SURVEYS)
    assert answer.layout == "telephone_follow_up"
    assert stored(answer, "answer_no, case_no, source, reached, resolved, rating, rating_scale") == [
        ("H1", "A1", "follow_up", 1, "yes", 4, 3),
        ("H2", "A2", "follow_up", 0, None, None, None),
    ]


def test_nothing_but_the_part_is_left(tmp_path: Path) -> None:
    check(text_file(tmp_path / "f.csv", [HEADER, *ROWS]))
    assert [path.name for path in (tmp_path / "staging").iterdir()] == ["part.parquet"]


@pytest.mark.parametrize(
    ("options", "code"),
    [({"layout": "no_such"}, "layout_unknown"), ({"date_order": "ydm"}, "option_wrong"),
     ({"timezone": "Mars/X"}, "option_wrong"),
     ({"scale": (("rating", "best"),)}, "option_wrong"), ({"map": (("nofield", "工单编号"),)}, "map_field_unknown"),
     ({"map": (("state", "没有"),)}, "map_header_missing"), ({"channel": "smoke"}, "option_wrong")],
)  # fmt: skip
def test_wrong_options_get_a_sentence(tmp_path: Path, options: dict, code: str) -> None:
    answer = check(text_file(tmp_path / "f.csv", [HEADER, *ROWS]), **options)
    assert answer.state == "refused"
    assert code in codes(answer)


def test_row_of_invisible_characters_counts_as_blank(tmp_path: Path) -> None:
    rows = [HEADER, ("G1", "东城区", "2024-03-05 09:00"), ("\u200b", "", "\ufeff")]
    answer = check(text_file(tmp_path / "a.csv", rows))
    assert (answer.state, answer.rows.read, answer.rows.skipped["blank"]) == ("checked", 1, 1)


def test_column_that_calls_itself_a_history_and_is_none_is_refused(tmp_path: Path) -> None:
    """It would be stored as the events of the case, and no page of the case could be shown."""
    header, whole = (
        (*HEADER, "事件记录"),
        "2025-03-03T09:00:00/received/citizen/|2025-03-04T09:00:00/reply/staff/东城区",
    )
    rows = [("G1", "东城区", "2024-03-05 09:00", whole), ("G2", "东城区", "2024-03-05 09:00", "")]
    assert stored(check(text_file(tmp_path / "a.csv", [header, *rows])), "history") == [(whole,), (None,)]
    wrong = check(text_file(tmp_path / "b.csv", [header, *rows, ("G3", *rows[0][1:3], "已派单/已办结")]))
    assert problem(wrong, "history_unreadable").row == 4
