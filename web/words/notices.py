"""The sentence of a notice and the page it leads to."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext

from pipeline.house.notices import NoticeRow
from web.navigation import href

# kind of job -> what it was about, the page of its result, and which argument of the notice fills which of the address
KINDS = {
    "check_upload": (lazy_gettext("上传文件的校验"), "uploads.check", {"upload_id": "upload"}),
    "confirm_upload": (lazy_gettext("数据入库"), "batches.show", {"number": "batch"}),
    "make_report": (lazy_gettext("报告制作"), "reports.show", {"job": "job"}),
    "assess": (lazy_gettext("评价计算"), "assessments.show", {"number": "assessment"}),
    "find_findings": (lazy_gettext("数据线索查找"), "findings.running", {"job": "job"}),
}


def sentence(notice: NoticeRow) -> str:
    """What a notice says in the language of the reader."""
    if notice.code == "account_locked":
        return gettext("您的账号因多次输错密码被暂时锁定。如果不是您本人，请修改密码并告知管理员。")
    what = KINDS.get(notice.arguments.get("kind", ""), (lazy_gettext("后台任务"),))[0]
    if notice.code == "job_done":
        return gettext("%(what)s已完成", what=what)
    return gettext("%(what)s没有完成", what=what)


def address(notice: NoticeRow) -> str | None:
    """Where the result of a notice is; None when it has no page or its page needs something the job did not make."""
    if notice.code == "account_locked":
        return href("account.show")
    _, endpoint, fields = KINDS.get(notice.arguments.get("kind", ""), ("", "", {}))
    values = {name: notice.arguments.get(key) for name, key in fields.items()}
    return href(endpoint, **values) if endpoint and None not in values.values() else None
