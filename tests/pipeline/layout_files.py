# ruff: noqa: E501 - a row of a table is one line here, as it is in the file
"""A small file of every layout as its system writes it, with what a user must read of it after the import.

Two units answer: of the rows most belong to 市水务局 and one to 市住建委, so that a number tells whose rows it counts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.imports.small_files import text_file, workbook

WATER, HOMES = "市水务局", "市住建委"
REPLY = "您好，已安排检修，感谢反映。"
Rows = list[list[Any]]


@dataclass(frozen=True)
class LayoutFile:
    """One file, the options a person gives with it, and where its numbers are read afterwards.

    `metric`, `period` and `shows` are what `wenxiao metrics` prints for 市水务局: numerator and denominator, or the
    value alone. Lists (units, ledger of exclusions) name the rows that must be there.
    """

    layout: str
    kind: str
    write: Callable[[Path], Path]
    metric: str = ""
    shows: tuple[float | None, float | None] | float = 0.0
    period: str = "2025-03"
    options: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    after: str = ""  # the layout of the file that must be in before


def sheet(*rows: Sequence[Any], name: str = "导出.xlsx") -> Callable[[Path], Path]:
    return lambda folder: workbook(folder / name, rows)


def text(*rows: Sequence[str], name: str = "导出.csv", **how: str) -> Callable[[Path], Path]:
    return lambda folder: text_file(folder / name, rows, **how)


def document(content: Any, name: str = "导出.json") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / name
        path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
        return path

    return write


def lines_of(head: str, *rows: str) -> Rows:
    return [row.split("|") for row in (head, *rows)]


ORDERS_21 = (
    "工单编号|工单类型|问题分类|标签|标题|主要内容|工单状态|来电人|来电人电话/账号|被反映区|被反映街乡镇|办理结果|回复内容|处理受理方式|办结时间|企业名称"
    "|是否解决|是否满意|工单性质|村/社区|小区点位"
)
HOTLINE_21 = lines_of(
    ORDERS_21 + "|主办单位|来电时间",
    f"热线-250303-000123|诉求|住房城乡建设->物业管理->电梯故障|多样性,七有五性|电梯|电梯停运|已办结|保密|138××××|东城区|甲街道|已修|{REPLY}|派单|2025-03-04 17:00:00||解决|满意|主办|乙社区|丙小区|{WATER}|2025-03-03 09:01:00",
    f"热线-250303-000124|投诉|交通->停车|多样性|停车|占道停车|办理中|保密|138××××|东城区|甲街道|||派单||||未评价|主办|乙社区||{WATER}|2025-03-03 09:05:00",
    f"热线-250303-000125|咨询|民政->低保||低保|如何申请|回复完成|保密|138××××|东城区|甲街道||{REPLY}|直接答复|2025-03-03 09:20:00||部分解决|基本满意|协办|||{HOMES}、{WATER}|2025-03-03 09:10:00",
)
ANALYSIS = lines_of(
    "工单编号|创建时间|一级分类|二级分类|三级分类|二级承办单位简称|所在村社区|处理结果|是否有效回访|是否联系|是否解决",
    f"A1|2025-03-03 09:00:00|城乡建设|物业|电梯|{WATER}|乙社区|已解决|是|是|解决",
    f"A2|2025-03-03 10:00:00|城乡建设|物业|电梯|{WATER}|乙社区|已解决|是|否|未解决",
    f"A3|2025-03-03 11:00:00|城乡建设|物业|电梯|{WATER}|乙社区||否|否|",
    f"A4|2025-03-03 11:00:00|城乡建设|物业|电梯|{HOMES}|乙社区|已解决|是|是|解决",
)
PROCESS = lines_of(
    "工单编号|主办单位|来电时间|派单时间|截止时间|办结时间|退回次数|延期后截止日期|申请延期次数|回访时间|是否接通|首次满意度|最终满意度|重新办理次数|是否督办|是否疑难|紧急程度",
    f"P1|{WATER}|2025-03-03 09:00:00|2025-03-03 09:20:00|2025-03-10 18:00:00|2025-03-07 10:00:00|1次|2025-03-12|2|2025-03-08 15:00:00|是|不满意|满意|1|是|否|应急",
    f"P2|{WATER}|2025-03-03 09:30:00|2025-03-03 09:40:00|2025-03-10 18:00:00|2025-03-09 10:00:00|0|||2025-03-10 15:00:00|是|满意|满意|0|否|否|一般",
    f"P3|{HOMES}|2025-03-03 09:30:00|2025-03-03 09:40:00|2025-03-10 18:00:00||0||||||||否|是|一般",
)
BOARD_E = lines_of(
    "留言编号|留言用户|留言主题|留言时间|留言详情|答复意见|答复时间|一级分类|反对数|点赞数|承办单位",
    f"31|甲|路灯|2025-03-03 09:00:00|\n\t\t不亮|{REPLY}|2025-03-04 10:30:00|城乡建设|0|4|{WATER}",
    f"32|乙|公交|2025-03-03 11:00:00|\n\t\t太少|||交通运输|1|0|{WATER}",
    f"33|丙|公交|2025-03-03 12:00:00|\n\t\t太少|{REPLY}|2025-03-05 10:30:00|交通运输|1|0|{HOMES}",
)  # fmt: skip

RESPONSES = [
    LayoutFile("hotline_21", "responses", sheet(["12345 工单导出（2025年3月）"], *HOTLINE_21), "H9", (1, 2)),
    LayoutFile("hotline_analysis", "responses", sheet(*ANALYSIS), "R2", (1, 2)),
    LayoutFile("hotline_orders", "responses", sheet(*PROCESS), "H9", (2, 2), options=("--layout", "hotline_orders")),
    LayoutFile("responses", "responses", text(*PROCESS, encoding="gb18030"), "H1.strict", (2, 2)),
    LayoutFile("message_board_a", "responses", text(*lines_of(
        "target|title|category|reply_state|username|ID|time|content|reply|reply_time|reply_content",
        f"甲市委书记|路灯|城建|已办理|甲乙|501|2025-03-03 09:00:00|不亮|{WATER}|2025-03-04 10:30:00|{REPLY}",
        f"甲市委书记|路灯|城建|办理中|丙丁|502|2025-03-03 09:00:00|不亮|{WATER}||",
        f"甲市委书记|路灯|城建|办理中|戊己|503|2025-03-03 09:00:00|不亮|{HOMES}||")), "R5", (1, 2)),
    LayoutFile("message_board_b", "responses", text(*lines_of(
        "leader_name|tid|message_title|label1|label2|message_date|message_time|message_content",
        f"{WATER}|77|路灯|城建|求助|2025-03-03|09:00:00|不亮，很久", f"{WATER}|78|路灯|城建|求助|2025-03-03|10:00:00|不亮",
        f"{HOMES}|79|物业|城建|投诉|2025-03-04|10:00:00|乱收费")), "n_received", 2.0),
    LayoutFile("message_board_c", "responses", text(*lines_of(
        "forum_fid|tid|date|subject|content|domain|type|status|has_reply|reply_org|reply_content|fav_num|ip|grade_manner|grade_speed",
        f"9|78|2025-03-03 09:00:00|路灯|不亮|城建|投诉|已办理|1|{WATER}|{REPLY}|3|1.2.3.4|5|2",
        f"9|79|2025-03-03 09:30:00|路灯|不亮|城建|投诉|已办理|1|{HOMES}|{REPLY}|3|1.2.3.4|1|1")), "R5", (1, 1)),
    LayoutFile("message_board_d", "responses", sheet(*lines_of(
        "留言人名称|留言Id|留言时间|留言标签|发生地|留言标题|留言正文|官方回复单位|官方回复时间|官方回复正文|留言来源",
        f"甲|900|2025-03-03 09:00:00|('城建','投诉','已办理')|发生地|路灯|不亮|{WATER}|2025-03-04 10:30:00|{REPLY}|手机",
        f"乙|901|2025-03-03 10:00:00|('交通','咨询','办理中')|nan|公交|改线吗|{WATER}|nan|nan|网页",
        f"丙|902|2025-03-03 10:30:00|('交通','咨询','已办理')|nan|公交|改线吗|{HOMES}|2025-03-05 08:30:00|{REPLY}|网页")), "R5", (1, 2)),
    LayoutFile("message_board_e", "responses", sheet(*BOARD_E), "R5", (1, 2)),
    LayoutFile("message_board", "responses", text(*lines_of(
        "编号|咨询主题|咨询日期|咨询人|咨询内容|处理单位|处理状态|受理意见", f"12|路灯|2025-03-03|甲|不亮|{WATER}|办理中|{REPLY}",
        f"13|路灯|2025-03-04|甲|不亮|{WATER}|待回复|", f"14|路灯|2025-03-04|甲|不亮|{HOMES}|待回复|")), "R5", (1, 2)),
    LayoutFile("message_board_site", "responses", document({"result": "ok", "rows": [
        {"tid": 20250303000000123, "dateline": 1740963600, "subject": "路灯", "stateInfo": "已回复", "content": "不亮", "fid": 9,
         "domainName": "城建", "typeName": "投诉", "answerId": 5, "answerOrganization": WATER, "answerContent": REPLY,
         "gradeManner": 5, "gradeSpeed": 4, "favNum": 2, "ip": "1.2.3.4", "nickName": "张三"},
        {"tid": 20250303000000124, "dateline": 1740963900, "subject": "公交", "stateInfo": "办理中", "content": "太少", "fid": 9,
         "domainName": "交通", "typeName": "求助", "answerId": None, "answerOrganization": WATER, "answerContent": None,
         "gradeManner": None, "gradeSpeed": None, "favNum": 0, "ip": "1.2.3.5", "nickName": "李四"}]}), "R5", (1, 2)),
    LayoutFile("english_requests", "responses", text(*lines_of(
        "Case Number|Department|Created Date|Closed Date|Request Type|Status",
        f"E1|{WATER}|2025-03-03 09:00|2025-03-04 09:00|Lamp|Closed", f"E2|{WATER}|2025-03-03 09:00||Lamp|Open",
        f"E3|{HOMES}|2025-03-03 09:00||Lamp|Open")), "H9", (1, 2), options=("--layout", "english_requests")),
    LayoutFile("baltimore_311", "responses", text(*lines_of(
        "SRRecordID|SRType|CreatedDate|SRStatus|DueDate|CloseDate|Agency|MethodReceived",
        f"18-1|SW-Trash|03/03/2025 09:00:00 AM|Closed|03/10/2025 09:00:00 AM|03/05/2025 01:00:00 PM|{WATER}|Phone",
        f"18-2|SW-Trash|03/13/2025 09:00:00 AM|Open|03/20/2025 09:00:00 AM||{WATER}|API",
        f"18-3|HCD|03/13/2025 09:00:00 AM|Closed (Duplicate)|03/20/2025 09:00:00 AM|03/14/2025 09:00:00 AM|{HOMES}|API")), "H9", (1, 2)),
    LayoutFile("socrata_311", "responses", text(*lines_of(
        "Unique Key|Created Date|Closed Date|Agency|Agency Name|Complaint Type|Descriptor|Incident Address|Borough|Status|Due Date|Resolution Description",
        f"590|03/03/2025 09:00:00 AM|03/04/2025 01:00:00 PM|DEP|{WATER}|Noise|Loud|1 Main St|BRONX|Closed||Done",
        f"591|03/15/2025 09:00:00 AM||DEP|{WATER}|Water|Leak|2 Main St|QUEENS|Open||",
        f"592|03/15/2025 09:00:00 AM|03/16/2025 09:00:00 AM|HPD|{HOMES}|Heat|None|2 Main St|QUEENS|Closed||")), "H9", (1, 2)),
    LayoutFile("zendesk", "responses", text(*lines_of(
        "ID|Requester|Requester email|Group|Subject|Status|Created at|Assigned at|First reply at|Solved at|Priority|Reopens|Tags",
        f"7|Ann|ann@example.org|{WATER}|Lamp|Solved|2025-03-03 09:00|2025-03-03 09:10|2025-03-03 11:00|2025-03-04 10:00|High|0|lamp",
        f"8|Bob|bob@example.org|{WATER}|Lamp|Pending|2025-03-03 09:00|2025-03-03 09:10|||Normal|0|",
        f"9|Cid|cid@example.org|{HOMES}|Lamp|Solved|2025-03-03 09:00|2025-03-03 09:10||2025-03-04 10:00|Low|2|")), "H9", (1, 2)),
    LayoutFile("zammad", "responses", text(*lines_of(
        "number|title|group|customer|state|priority|created_at|close_at|last_close_at|first_response_at",
        f"31007|Lamp|{WATER}|Ann|closed|3 high|2025-03-03 09:00|2025-03-05 09:00|2025-03-05 09:00|2025-03-03 10:00",
        f"31008|Lamp|{WATER}|Bob|pending reminder|2 normal|2025-03-03 09:00||||", f"31009|Lamp|{HOMES}|Cid|new|1 low|2025-03-03 09:00|||")), "H9", (1, 2)),
    LayoutFile("osticket", "responses", text(*lines_of(
        "Ticket Number|Date Created|Subject|From|From Email|Priority|Department|Help Topic|Source|Current Status|Closed Date|SLA Due Date",
        f"T1|2025-03-03 09:00|Lamp|Ann|a@b.cn|Emergency|{WATER}|Street|Email|Closed|2025-03-04 09:00|2025-03-06 09:00",
        f"T2|2025-03-03 09:00|Lamp|Bob|b@b.cn|Low|{WATER}|Street|Web|Open||2025-03-06 09:00",
        f"T3|2025-03-03 09:00|Lamp|Cid|c@b.cn|Low|{HOMES}|Street|Web|Resolved|2025-03-04 09:00|2025-03-06 09:00")), "H9", (1, 2)),
    LayoutFile("open311", "responses", document([
        {"service_request_id": "14-1", "status": "closed", "service_name": "Pothole", "agency_responsible": WATER, "description": "hole",
         "requested_datetime": "2025-03-03T10:58:43+08:00", "updated_datetime": "2025-03-05T10:58:43+08:00",
         "expected_datetime": "2025-03-10T10:58:43+08:00", "address": "1 Main St", "lat": 41.8, "long": -87.6},
        {"service_request_id": "14-2", "status": "open", "service_name": "Pothole", "agency_responsible": WATER, "description": "hole",
         "requested_datetime": "2025-03-03T11:58:43+08:00", "updated_datetime": None, "expected_datetime": None,
         "address": None, "lat": None, "long": None}]), "H9", (1, 2)),
]  # fmt: skip
