"""Exports of survey tools, help desks, Open311 and message-board sites, each recognised by its headings."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import openpyxl
import pytest

from records.vocabulary import Kind
from tests.imports.small_files import check, codes, stored, text_file, workbook
from tests.imports.test_shared_files import read
from tests.shared_data import shared_file


@pytest.mark.parametrize(
    ("layout", "head", "row", "expected"),
    [
        (
            "zendesk",
            "ID,Requester,Group,Subject,Status,Created at,Solved at,Priority",
            "7,Ann,东城区,Lamp,Solved,2025-03-03 09:00,2025-03-04 10:00,High",
            ("7", "dc", "closed", "urgent"),
        ),
        (
            "zammad",
            "number,title,group,state,priority,created_at,close_at,first_response_at",
            "31007,Lamp,东城区,open,3 high,2025-03-03 09:00,,2025-03-03 10:00",
            ("31007", "dc", "open", "urgent"),
        ),
        (
            "osticket",
            "Ticket Number,Date Created,Subject,From,From Email,Priority,Department,Current Status,Closed Date",
            "T1,2025-03-03 09:00,Lamp,Ann,a@b.cn,Emergency,东城区,Closed,2025-03-04 09:00",
            ("T1", "dc", "closed", "urgent"),
        ),
        (
            "socrata_311",
            "Unique Key,Created Date,Closed Date,Agency,Complaint Type,Descriptor,Status",
            "590,03/03/2025 09:00:00 AM,03/04/2025 01:00:00 PM,东城区,Noise,Loud,Closed",
            ("590", "dc", "closed", None),
        ),
    ],
)
def test_help_desk_exports(tmp_path: Path, layout: str, head: str, row: str, expected: tuple[str | None, ...]) -> None:
    answer = check(text_file(tmp_path / "a.csv", [head.split(","), row.split(",")]))
    assert (answer.layout, answer.state) == (layout, "checked"), [p.message for p in answer.problems]
    assert stored(answer, "case_no, unit, state, urgency") == [expected]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("toronto_requests_2.xml", [("101005420892", "2018-07-30 12:01:00"), ("101005420894", "2018-07-30 12:01:00")]),
        ("toronto_requests_1.xml", None),
        ("chicago_requests_2.json", [("14-01100669", "2014-07-12 23:58:43"), ("14-01100627", "2014-07-12 23:48:56")]),
    ],
)
def test_open311_requests(tmp_path: Path, name: str, expected: list[tuple[str, str]] | None) -> None:
    answer = read(f"requests/open311/{name}", tmp_path, create_units=True)
    assert (answer.layout, answer.state) == ("open311", "checked"), [p.message for p in answer.problems]
    found = stored(answer, "case_no, CAST(received_at AS VARCHAR)")
    assert found == expected if expected else len(found) == 1


@pytest.mark.shared
def test_open311_service_list_is_no_request_list(tmp_path: Path) -> None:
    answer = read("requests/open311/giessen_services.xml", tmp_path)
    assert answer.state == "refused"
    assert "columns_missing" in codes(answer)


def test_xml_with_a_declaration_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "b">]><a><r><x>&b;</x><y>1</y></r></a>', "utf-8")
    assert set(codes(check(path))) == {"unsafe_markup"}


def test_message_board_site_json(tmp_path: Path) -> None:
    row = {
        "tid": 20250303000000123,
        "dateline": 1740963600,
        "subject": "路灯",
        "stateInfo": "已回复",
        "content": "联系人张三13812345678",
        "answerOrganization": "东城区",
        "answerContent": "已修复。",
        "gradeManner": 5,
        "ip": "1.2.3.4",
        "nickName": "张三",
    }
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"result": "ok", "rows": [row]}, ensure_ascii=False), "utf-8")
    answer = check(path)
    assert (answer.layout, answer.state) == ("message_board_site", "checked"), [p.message for p in answer.problems]
    found = stored(answer, "case_no, received_at::VARCHAR, state, manner_grade, content")[0]
    assert found == ("20250303000000123", "2025-03-03 09:00:00", "replied", 5, "联系人张*138****5678")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("sample_legacy_2header", 5),
        ("sample_insights_3header", 5),
        ("matrix_legacy_2header", 5),
        ("matrix_insights_3header", 5),
        ("long_exhaustive_3header", 31),
    ],
)
def test_qualtrics_header_rows_are_no_answers(tmp_path: Path, name: str, answers: int) -> None:
    answer = read(f"surveys/qualtrics/{name}.csv", tmp_path, Kind.SURVEYS)
    assert (answer.layout, answer.state) == ("qualtrics", "checked"), [p.message for p in answer.problems]
    assert answer.rows.accepted == answers


@pytest.mark.parametrize(("status", "counts"), [("0", 1), ("IP Address", 1), ("1", 0), ("Survey Preview", 0), ("", 1)])
def test_qualtrics_previews_are_kept_but_not_counted(tmp_path: Path, status: str, counts: int) -> None:
    head = ["StartDate", "EndDate", "Status", "Finished", "RecordedDate", "ResponseId", "Q1"]
    row = ["2025-03-03 09:00:00", "2025-03-03 09:01:00", status, "True", "2025-03-03 09:01:00", "R_1", "满意"]
    answer = check(text_file(tmp_path / "a.csv", [head, row]), Kind.SURVEYS, map=(("rating", "Q1"),))
    assert answer.state == "checked"
    assert stored(answer, "answer_no, rating, is_complete") == [("R_1", 4, counts)]
    assert codes(answer).get("answers_overruled", 0) == 1 - counts


def test_a_second_column_of_a_filled_field_is_not_guessed_to_be_another(tmp_path: Path) -> None:
    head = ["Unique Key", "Created Date", "Closed Date", "Agency", "Agency Name", "Complaint Type"]
    row = ["590", "03/13/2025 09:00:00 AM", "", "DEP", "东城区", "Noise"]
    answer = check(text_file(tmp_path / "a.csv", [head, row]))
    assert (answer.state, answer.layout) == ("checked", "socrata_311")
    assert {column.header: column.guess for column in answer.columns}["Agency"] is None, "Agency is no urgency"


@pytest.mark.shared
def test_limesurvey_answers_and_items(tmp_path: Path) -> None:
    answer = read("surveys/limesurvey/digital_twins_results_english.csv", tmp_path, Kind.SURVEYS)
    assert (answer.layout, answer.rows.accepted) == ("limesurvey_text", 96)
    items = [json.loads(row[0]) for row in stored(answer, "coalesce(items, '{}')")]
    header = next(name for name in items[0] | items[1] | items[2] if "simulates the associated" in name)
    words = [row.get(header) for row in items]
    levels = ("Agree completely", "Rather agree", "Rather disagree", "Disagree completely", None)
    assert [words.count(level) for level in levels] == [18, 22, 9, 2, 45]
    science = [row.get("What is your professional background? [Computer science]") for row in items]
    assert (science.count("Yes"), science.count("No"), science.count(None)) == (55, 34, 7)


def test_limesurvey_without_submit_date_is_incomplete(tmp_path: Path) -> None:
    head = ["id", "submitdate", "lastpage", "startlanguage", "G1Q1[SQ1]"]
    rows = [head, ["1", "2025-03-03 09:00:00", "3", "zh", "A1"], ["2", "", "1", "zh", "N/A"]]
    answer = check(text_file(tmp_path / "a.csv", rows, delimiter=";"), Kind.SURVEYS)
    assert answer.layout == "limesurvey_code"
    assert stored(answer, "answer_no, is_complete, items") == [("1", 1, '{"G1Q1[SQ1]": "A1"}'), ("2", 0, None)]


def test_tencent_answers(tmp_path: Path) -> None:
    head = ["编号", "开始答题时间", "结束答题时间", "答题时长", "用户类型", "1.总体满意度"]
    rows = [head, ["1", "2025/03/03 09:00:00", "2025/03/03 09:01:35", "1分35秒", "匿名", "满意"]]
    answer = check(text_file(tmp_path / "a.csv", rows), Kind.SURVEYS, map=(("rating", "1.总体满意度"),))
    assert answer.layout == "tencent"
    assert stored(answer, "seconds_used, rating") == [(95, 4)]


@pytest.mark.shared
def test_wjx_code_form_counts(tmp_path: Path) -> None:
    answer = read("surveys/wjx/wjx_800_code.xls", tmp_path, Kind.SURVEYS)
    items = [json.loads(row[0]) for row in stored(answer, "items")]
    sex = next(name for name in items[0] if "性别" in name)
    assert [sum(row.get(sex) == code for row in items) for code in ("1", "2")] == [427, 373]


def test_wjx_codes_of_unanswered_questions_are_blank(tmp_path: Path) -> None:
    head = ["序号", "提交答卷时间", "所用时间", "来源", "来自IP", "1、总体满意度", "2、其他"]
    rows = [head, ["1", "2025/03/03 09:00:00", "95秒", "微信", "1.2.3.4", "-3", "-2"]]
    options = {"map": (("rating", "1、总体满意度"),), "scale": (("rating", "5=best"),)}
    answer = check(text_file(tmp_path / "a.csv", rows), Kind.SURVEYS, **options)
    assert stored(answer, "rating, items, seconds_used") == [(None, None, 95)]


def test_rating_platform_keeps_default_ratings_apart(tmp_path: Path) -> None:
    head = ["评价编号", "办件编号", "实施机构", "评价时间", "整体满意度", "办事效率", "评价方式"]
    rows = [head, ["1", "B1", "东城区", "2025-03-03 09:00:00", "非常满意", "满意", "主动"],
            ["2", "B2", "东城区", "2025-03-03 09:00:00", "非常满意", "", "默认"]]  # fmt: skip
    answer = check(text_file(tmp_path / "a.csv", rows), Kind.SURVEYS)
    assert answer.layout == "haochaping"
    assert stored(answer, "source, rating, speed_rating") == [("platform", 5, 4), ("platform", 0, None)]


@pytest.mark.shared
def test_nhs_surgeries_read_whole(tmp_path: Path) -> None:
    assert shared_file("data/surveys/nhs/fft_gp_3882.csv").exists()
    answer = read("surveys/nhs/fft_gp_3882.csv", tmp_path, Kind.SURVEYS)
    assert answer.rows.read == 3882


BOARD_B = (
    "leader_name", "tid", "message_title", "label1", "label2", "message_date", "message_time", "message_content",
)  # fmt: skip


def test_message_board_b_joins_day_and_time(tmp_path: Path) -> None:
    rows = [BOARD_B, ["东城区", "7", "路灯", "城建", "照明", "2024-03-05", "09:01:30", "不亮，请修"],
            ["东城区", "8", "路灯", "城建", "照明", "2024-03-06", "", "不亮"]]  # fmt: skip
    answer = check(text_file(tmp_path / "b.csv", rows))
    assert answer.layout == "message_board_b"
    assert "columns_unused" not in codes(answer)  # the times are read together with the days
    assert stored(answer, "received_at, received_at_is_date") == [
        (dt.datetime(2024, 3, 5, 9, 1, 30), 0), (dt.datetime(2024, 3, 6), 1),
    ]  # fmt: skip


def test_message_board_d_takes_labels_apart_and_empties_words_that_say_nothing(tmp_path: Path) -> None:
    head = ["留言人名称", "留言Id", "留言时间", "留言标签", "发生地", "留言标题", "留言正文", "官方回复单位",
            "官方回复时间", "官方回复正文", "留言来源"]  # fmt: skip
    rows = [
        head,
        ["网友", "1", "2024-03-05 09:00", "('城建','投诉','已办理')", "发生地", "路灯", "不亮", "市住建委",
         "2024-03-07 10:00", "已修复", "网页"],
        ["网友", "2", "2024-03-05 10:00", "('交通','咨询','办理中')", "东城区", "公交", "改线吗", "市住建委", "nan",
         "nan", "网页"],
    ]  # fmt: skip
    answer = check(workbook(tmp_path / "d.xlsx", rows))
    assert (answer.state, answer.layout) == ("checked", "message_board_d"), answer.problems
    assert stored(answer, "category, case_type, state, place, first_response_at, reply_text") == [
        ("城建", "complaint", "closed", None, dt.datetime(2024, 3, 7, 10), "已修复"),
        ("交通", "inquiry", "open", "东城区", None, None),
    ]


def test_repaired_list_of_a_reshaped_file_fits_the_file(tmp_path: Path) -> None:
    path = text_file(tmp_path / "b.csv", [BOARD_B, ["东城区", "7", "路灯", "城建", "照明", "soon", "09:01:30", "不亮"]])
    errors = tmp_path / "errors.xlsx"
    assert check(path, errors=str(errors)).state == "refused"
    book = openpyxl.load_workbook(errors)
    book.worksheets[0]["F2"] = "2024-03-05"
    book.save(errors)
    again = check(path, repaired=(str(errors),))
    assert stored(again, "received_at") == [(dt.datetime(2024, 3, 5, 9, 1, 30),)]
