"""The closed vocabularies in the words of the reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext

from records.vocabulary import Field
from web.languages import language

CHANNELS = {
    "hotline": lazy_gettext("12345 热线"),
    "message_board": lazy_gettext("领导留言板"),
    "mailbox": lazy_gettext("领导信箱"),
    "petition": lazy_gettext("信访"),
    "website": lazy_gettext("政府网站"),
    "suggestion": lazy_gettext("意见建议"),
    "enterprise": lazy_gettext("涉企服务"),
    "microblog": lazy_gettext("政务微博"),
    "wechat": lazy_gettext("政务微信"),
    "app": lazy_gettext("移动客户端"),
    "other": lazy_gettext("其他"),
}
CASE_TYPES = {
    "complaint": lazy_gettext("投诉"),
    "help": lazy_gettext("求助"),
    "inquiry": lazy_gettext("咨询"),
    "suggestion": lazy_gettext("建议"),
    "report": lazy_gettext("举报"),
    "thanks": lazy_gettext("表扬"),
    "other": lazy_gettext("其他"),
}
URGENCIES = {"urgent": lazy_gettext("紧急"), "normal": lazy_gettext("一般"), "complex": lazy_gettext("疑难")}
STATES = {
    "new": lazy_gettext("待签收"),
    "open": lazy_gettext("办理中"),
    "replied": lazy_gettext("已答复"),
    "closed": lazy_gettext("已办结"),
    "returned": lazy_gettext("已退回"),
    "suspended": lazy_gettext("挂账"),
    "excluded": lazy_gettext("已剔除"),
    "unknown": lazy_gettext("不明"),
}
OUTCOMES = {
    "resolved": lazy_gettext("单位称已解决"),
    "partly": lazy_gettext("单位称部分解决"),
    "refused": lazy_gettext("不予办理"),
    "not_responsible": lazy_gettext("非本单位职责"),
    "duplicate": lazy_gettext("重复件"),
    "withdrawn": lazy_gettext("群众撤回"),
    "no_action": lazy_gettext("无需办理"),
    "unknown": lazy_gettext("不明"),
}
RESOLVED = {
    "yes": lazy_gettext("群众称已解决"),
    "partly": lazy_gettext("群众称部分解决"),
    "no": lazy_gettext("群众称未解决"),
}
RATINGS = {
    5: lazy_gettext("非常满意"),
    4: lazy_gettext("满意"),
    3: lazy_gettext("基本满意"),
    2: lazy_gettext("不满意"),
    1: lazy_gettext("非常不满意"),
    0: lazy_gettext("系统默认评价，不计"),
}
CLOCKS = {
    "sign": lazy_gettext("签收计时"),
    "contact": lazy_gettext("联系计时"),
    "reply": lazy_gettext("答复计时"),
    "close": lazy_gettext("办结计时"),
}
EVENTS = {
    "received": lazy_gettext("受理"),
    "assigned": lazy_gettext("派单"),
    "signed": lazy_gettext("签收"),
    "acknowledged": lazy_gettext("收悉回执"),
    "contacted": lazy_gettext("联系群众"),
    "citizen": lazy_gettext("群众留言"),
    "note": lazy_gettext("内部备注"),
    "returned": lazy_gettext("退回"),
    "reply": lazy_gettext("答复"),
    "paused": lazy_gettext("挂账"),
    "resumed": lazy_gettext("恢复办理"),
    "closed": lazy_gettext("办结"),
    "reopened": lazy_gettext("重办"),
}
HOLDS = {
    "answered": lazy_gettext("已答复"),
    "transferred": lazy_gettext("转出，未答复"),
    "open": lazy_gettext("尚未答复"),
}
ALL: dict[str, Mapping[Any, Any]] = {
    "channel": CHANNELS,
    "case_type": CASE_TYPES,
    "urgency": URGENCIES,
    "state": STATES,
    "outcome": OUTCOMES,
    "resolved": RESOLVED,
    "rating": RATINGS,
    "first_rating": RATINGS,
}


def word(field: str, code: object) -> str:
    """A code of a field in the reader's words; an unknown one as it is, none as a dash.

    >>> word("state", None)
    '—'
    """
    if code is None or code == "":
        return "—"
    return str(ALL.get(field, {}).get(code, code))


def cell_name(cell: str) -> str:
    """A cell of the mix of cases, `category|channel|urgency` or a wider one, in the reader's words.

    >>> cell_name("road->lamp")
    'lamp'
    """
    category, *rest = cell.split("|")
    words = [word(field, code) for field, code in zip(("channel", "urgency"), rest, strict=False) if code]
    return " · ".join([category.split("->")[-1] or "—", *words])


def field_label(field: Field) -> str:
    """The name of a field in the language of the page."""
    return field.label_en if language() == "en" else field.label_zh
