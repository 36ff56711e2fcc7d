# ruff: noqa: E501 - a row of a table is one line here, as it is in the file
"""A file of every source an office gets, made with the headings of its system, and the layout it is recognised by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from imports.layouts import list_layouts
from records.vocabulary import Kind
from tests.imports.small_files import check, stored, text_file, workbook

REPLY, AT = "您好，已安排检修。", "2025-03-04 10:30:00"
HOTLINE_21 = {
    "工单编号": "热线-250303-000123", "工单类型": "诉求", "问题分类": "住房城乡建设->物业管理->电梯故障", "标签": "多样性,七有五性",
    "标题": "电梯", "主要内容": "电梯停运", "工单状态": "已办结", "来电人": "保密", "来电人电话/账号": "138××××5678", "被反映区": "东城区",
    "被反映街乡镇": "甲街道", "办理结果": "已修", "回复内容": REPLY, "处理受理方式": "派单", "办结时间": "2025-03-04 17:00:00",
    "企业名称": "", "是否解决": "部分解决", "是否满意": "基本满意", "工单性质": "主办", "村/社区": "乙社区", "小区点位": "丙小区",
}  # fmt: skip
PROCESS = {
    "工单编号": "P1", "主办单位": "东城区", "来电时间": "2025-03-03 09:00:00", "派单时间": "2025-03-03 09:20:00",
    "截止时间": "2025-03-10 18:00:00", "退回次数": "1次", "延期后截止日期": "2025-03-12", "申请延期次数": "2",
    "回访时间": "2025-03-08 15:00:00", "是否接通": "是", "首次满意度": "不满意", "最终满意度": "满意", "重新办理次数": "1",
    "是否纳入考核": "否", "是否督办": "是", "是否疑难": "否", "是否老户": "是", "是否保密": "否", "紧急程度": "应急",
}  # fmt: skip
SOURCES: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    (
        "hotline_21",
        HOTLINE_21 | {"主办单位": "东城区", "来电时间": "2025-03-03 09:01:00"},
        {"case_no": "热线-250303-000123", "unit": "dc", "state": "closed", "resolved": "partly", "rating": 3,
         "category": "住房城乡建设", "case_type": "complaint", "channel": "hotline", "village": "乙社区"},
    ),
    (
        "responses",
        PROCESS,
        {"case_no": "P1", "n_returns": 1, "n_extensions": 2, "n_reworks": 1, "first_rating": 2, "rating": 4,
         "is_excluded": 1, "is_supervised": 1, "is_hard": 0, "urgency": "urgent", "valid_follow_up": 1},
    ),
    (
        "responses",
        {"信件编号": "X1", "信件标题": "路灯", "来信时间": "2025-03-03 09:00:00", "受理单位": "东城区", "信件内容": "不亮",
         "答复时间": AT, "答复内容": REPLY},
        {"case_no": "X1", "unit": "dc", "title": "路灯", "content": "不亮", "reply_text": REPLY},
    ),
    (
        "responses",
        {"工单编号": "P2", "信件编号": "X2", "受理单位": "热线中心", "承办单位": "东城区", "来电时间": "2025-03-03 09:00:00"},
        {"case_no": "P2", "unit": "dc"},
    ),
    (
        "hotline_analysis",
        {"工单编号": "A1", "创建时间": "2025-03-03 09:00:00", "一级分类": "城乡建设", "二级分类": "物业", "三级分类": "电梯",
         "二级承办单位简称": "东城区", "所在村社区": "乙社区", "处理结果": "已解决", "是否有效回访": "是", "是否联系": "是", "是否解决": "未解决"},
        {"case_no": "A1", "unit": "dc", "category_path": "城乡建设->物业->电梯", "contacted": 1, "valid_follow_up": 1, "resolved": "no"},
    ),
    (
        "message_board_a",
        {"target": "东城区", "title": "路灯", "category": "城建", "reply_state": "已办理", "username": "甲乙", "ID": "501",
         "time": "2025-03-03 09:00:00", "content": "不亮", "reply": "东城区", "reply_time": AT, "reply_content": REPLY},
        {"case_no": "501", "unit": "dc", "state": "closed", "reply_text": REPLY, "channel": "message_board"},
    ),
    (
        "message_board_b",
        {"leader_name": "东城区", "tid": "77", "message_title": "路灯", "label1": "城建", "label2": "求助",
         "message_date": "2025-03-03", "message_time": "09:00", "message_content": "不亮，很久"},
        {"case_no": "77", "unit": "dc", "category": "城建", "category_path": "城建->求助", "received_at_is_date": 0},
    ),
    (
        "message_board_c",
        {"forum_fid": "9", "tid": "78", "date": "2025-03-03 09:00:00", "subject": "路灯", "content": "不亮", "domain": "城建",
         "type": "投诉", "status": "已办理", "has_reply": "1", "reply_org": "东城区", "reply_content": REPLY, "fav_num": "3",
         "ip": "1.2.3.4", "grade_manner": "5", "grade_speed": "2"},
        {"case_no": "78", "state": "closed", "case_type": "complaint", "likes": 3, "manner_grade": 5, "speed_grade": 2},
    ),
    (
        "message_board_d",
        {"留言人名称": "甲", "留言Id": "900", "留言时间": "2025-03-03 09:00:00", "留言标签": "('城建','投诉','已办理')",
         "发生地": "发生地", "留言标题": "路灯", "留言正文": "不亮", "官方回复单位": "东城区", "官方回复时间": AT,
         "官方回复正文": REPLY, "留言来源": "手机"},
        {"case_no": "900", "unit": "dc", "tags": "城建,投诉,已办理", "first_response_at": "2025-03-04 10:30:00"},
    ),
    (
        "message_board_e",
        {"留言编号": "31", "留言用户": "甲", "留言主题": "路灯", "留言时间": "2025-03-03 09:00:00", "留言详情": "\n\t\t不亮",
         "答复意见": REPLY, "答复时间": AT, "一级分类": "城乡建设", "点赞数": "4", "承办单位": "东城区"},
        {"case_no": "31", "content": "不亮", "category": "城乡建设", "likes": 4, "first_response_at": "2025-03-04 10:30:00"},
    ),
    (
        "message_board",
        {"编号": "12", "咨询主题": "路灯", "咨询日期": "2025-03-03", "咨询人": "甲", "咨询内容": "不亮", "处理单位": "东城区",
         "处理状态": "办理中", "受理意见": REPLY},
        {"case_no": "12", "unit": "dc", "state": "open", "title": "路灯", "reply_text": REPLY},
    ),
]  # fmt: skip
TABLES: list[tuple[str, str, list[list[Any]], dict[str, float]]] = [
    (
        "petition_times",
        "2025年3月初次信访事项办理效率",
        [["序号", "单位", "总数", "平均转送时间", "平均受理时间", "平均答复时间", "平均办理时间"], ["", "", *[""] * 5],
         [1, "东城区", 40, 1.5, 6.25, 30, 31.5], [2, "市人社局", 60, 1, 5, 20, 26], ["", "总数", 100, 1.2, 5.5, 24, 28.2]],
        {"total": 40, "mean_transfer_time": 1.5, "mean_accept_time": 6.25, "mean_reply_time": 30, "mean_handling_time": 31.5},
    ),
    (
        "petition_contact",
        "2025年3月初次信访办理联系率",
        [["序号", "单位", "总件数", "有办理联系记录件数", "未办理联系件数", "比率"], [1, "东城区", 40, 30, 10, "75%"], [2, "市人社局", 60, 60, 0, "100%"]],
        {"total": 40, "contact_share": 0.75},
    ),
    (
        "petition_repeat",
        "2025年3月重复信访率",
        [["序号", "单位", "办结初件", "首次初件", "比率"], [1, "东城区", 40, 4, "10.00％"], [2, "市人社局", 60, 6, "10%"]],
        {"repeat_share": 0.1},
    ),
    (
        "petition_rating",
        "2025年3月参评满意率",
        [["单位", "总数", "未评价", "已评价总数", "已评价满意数", "已评价基本满意数", "已评价不满意数", "超期未评价数"],
         ["东城区", 100, 15, 80, 50, 20, 10, 5], ["总数", 100, 15, 80, 50, 20, 10, 5]],
        {"total": 100, "rated_satisfied": 50, "overdue_unrated": 5},
    ),
    (
        "three_rates",
        "2025年3月三率月报",
        [["序号", "承办单位", "受理量", "办结量", "有效回访", "联系数", "解决数", "满意数", "基本满意", "响应率(%)", "解决率(%)", "满意率(%)", "综合成绩"],
         [1, "东城区", 100, 90, 50, 49, 40, 30, 5, 98.0, 80.0, 70.0, 80.6], ["汇总", "", 100, 90, 50, 49, 40, 30, 5, 98, 80, 70, 80.6]],
        {"received": 100, "closed": 90, "response_rate": 0.98, "overall_score": 80.6},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("layout", "row", "expected"), SOURCES, ids=[source[0] for source in SOURCES])
def test_layout_of_cases(tmp_path: Path, layout: str, row: dict[str, str], expected: dict[str, Any]) -> None:
    answer = check(workbook(tmp_path / "a.xlsx", [list(row), list(row.values())]))
    assert answer.state == "checked", [p.message for p in answer.problems]
    assert answer.layout == layout
    names = ", ".join(f"CAST({name} AS VARCHAR)" if name.endswith("_at") else name for name in expected)
    assert dict(zip(expected, stored(answer, names)[0], strict=True)) == expected


@pytest.mark.parametrize(("layout", "title", "rows", "expected"), TABLES, ids=[table[0] for table in TABLES])
def test_layout_of_tables(
    tmp_path: Path, layout: str, title: str, rows: list[list[Any]], expected: dict[str, float]
) -> None:
    answer = check(workbook(tmp_path / "a.xlsx", [[title], *rows]), Kind.COUNTS)
    assert (answer.state, answer.layout) == ("checked", layout), [p.message for p in answer.problems]
    found = {measure: value for unit, measure, value in stored(answer, "unit, measure, value") if unit == "dc"}
    assert {name: found[name] for name in expected} == pytest.approx(expected)


def test_wjx_readable_text_form(tmp_path: Path) -> None:
    head = [
        "序号",
        "提交答卷时间",
        "所用时间",
        "来源",
        "来源详情",
        "来自IP",
        "1、您对办理结果是否满意",
        "2、哪些方面不好",
    ]
    rows = [head, ["1", "2026/9/3 9:05:00", "95秒", "微信", "直接填写", "1.2.3.4(广东-深圳)", "基本满意", "态度┋时间"]]
    answer = check(text_file(tmp_path / "a.csv", rows), Kind.SURVEYS, map=(("rating", "1、您对办理结果是否满意"),))
    assert (answer.state, answer.layout) == ("checked", "wjx_readable")
    assert stored(answer, "answer_no, seconds_used, rating, CAST(answered_at AS VARCHAR), items") == [
        ("1", 95, 3, "2026-09-03 09:05:00", '{"2、哪些方面不好": "态度┋时间"}')
    ]


def test_limesurvey_full_headings(tmp_path: Path) -> None:
    head = [
        "id. Response ID",
        "submitdate. Date submitted",
        "lastpage. Last page",
        "startlanguage. Start language",
        "Q01[SQ001]. 态度",
    ]
    rows = [head, ["1", "2025-03-03 09:00:00", "3", "zh", "满意"], ["2", "", "1", "zh", ""]]
    answer = check(text_file(tmp_path / "a.csv", rows), Kind.SURVEYS)
    assert answer.layout == "limesurvey_full"
    assert stored(answer, "answer_no, is_complete") == [("1", 1), ("2", 0)]


def test_telephone_follow_up_form(tmp_path: Path) -> None:
    head = ["回访工单编号", "原工单编号", "回访时间", "是否回访成功", "之前反映的问题是否得到解决", "整体服务评价", "整体服务评价不满意原因",
            "处理时长评价", "态度评价", "业务能力评价", "电话回访意见"]  # fmt: skip
    rows = [
        head,
        [
            "H1",
            "热线-1",
            "2025-03-08 15:00:00",
            "成功",
            "部分解决",
            "不满意",
            "办理时间长",
            "不满意",
            "满意",
            "一般",
            "再快些",
        ],
    ]
    answer = check(text_file(tmp_path / "a.csv", rows), Kind.SURVEYS)
    assert answer.layout == "telephone_follow_up"
    found = stored(
        answer, "answer_no, case_no, reached, resolved, rating, speed_rating, manner_rating, skill_rating, source"
    )
    assert found == [("H1", "热线-1", 1, "partly", 2, 2, 4, 3, "follow_up")]


def test_every_layout_is_read_in_a_test() -> None:
    """A layout that comes with the program has a file of its own in some test of imports."""
    texts = "".join(path.read_text("utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    general = {kind.value for kind in Kind} | {"hotline_orders", "english_requests"}  # what others extend
    missing = [layout.id for layout in list_layouts() if layout.id not in general and f'"{layout.id}"' not in texts]
    assert missing == []
