"""An entry of the audit trail about settings, in words."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext

from records.queries.audit import AuditRow
from reports import numbers
from web.navigation import role_name

CHANGES = {
    "unit.alias": lazy_gettext("添加单位别名"),
    "unit.alias_removed": lazy_gettext("移除单位别名"),
    "unit.list": lazy_gettext("更新单位名录"),
    "unit.change": lazy_gettext("修改单位"),
    "calendar.year": lazy_gettext("启用年度日历"),
    "boundary.add": lazy_gettext("上传行政区划边界"),
    "boundary.remove": lazy_gettext("移除行政区划边界"),
    "limits.version": lazy_gettext("办理时限更新"),
    "person.add": lazy_gettext("新增账号"),
    "person.role": lazy_gettext("更改角色"),
    "person.disable": lazy_gettext("停用账号"),
    "person.enable": lazy_gettext("启用账号"),
    "person.reset": lazy_gettext("重设密码"),
    "person.unbind": lazy_gettext("解除统一身份绑定"),
    "layout.save": lazy_gettext("保存数据源模板"),
    "scheme.draft": lazy_gettext("新建方案草稿"),
    "scheme.propose": lazy_gettext("提交方案"),
    "scheme.rejected": lazy_gettext("退回方案"),
    "scheme.withdrawn": lazy_gettext("撤回方案"),
    "scheme.publish": lazy_gettext("发布方案"),
}
KEYS = {
    "alias": lazy_gettext("别名"),
    "short_name": lazy_gettext("简称"),
    "parent_code": lazy_gettext("上级单位"),
    "peer_group": lazy_gettext("同类组"),
    "is_assessed": lazy_gettext("参加评价"),
    "valid_from": lazy_gettext("有效起"),
    "valid_to": lazy_gettext("有效止"),
    "merged_into": lazy_gettext("并入单位"),
    "off": lazy_gettext("放假日"),
    "work": lazy_gettext("上班日"),
    "file": lazy_gettext("文件"),
    "replaced_days": lazy_gettext("替换原有天数"),
    "fields": lazy_gettext("字段"),
    "areas": lazy_gettext("区域"),
    "matched": lazy_gettext("对应到单位"),
    "role_before": lazy_gettext("原角色"),
    "role": lazy_gettext("角色"),
    "unit_before": lazy_gettext("原单位"),
    "unit": lazy_gettext("所属单位"),
    "survey_role_before": lazy_gettext("原调查角色"),
    "survey_role": lazy_gettext("调查角色"),
    "version": lazy_gettext("版本"),
    "version_before": lazy_gettext("原版本"),
    "added": lazy_gettext("新增规则"),
    "changed": lazy_gettext("改动规则"),
    "removed": lazy_gettext("取消规则"),
    "based_on": lazy_gettext("依据版本"),
}


def change(row: AuditRow) -> str:
    """What was changed: the kind of change and the thing itself."""
    subject = row.subject.removeprefix("unit ").removeprefix("year ")
    return f"{CHANGES.get(row.action, row.action)} {subject}"


def change_key(key: str) -> str:
    """What a detail of an entry is called."""
    return str(KEYS.get(key, key))


def change_value(value: object, key: str) -> str:
    """A detail of an entry in words: roles by name, yes and no, nothing as a dash, the rest as it was written."""
    if key in ("role", "role_before"):
        return role_name(str(value))
    if isinstance(value, bool):
        return gettext("有") if value else gettext("没有")
    if isinstance(value, list):
        return gettext("、").join(str(part) for part in value) or numbers.MISSING
    return numbers.MISSING if value is None else str(value)
