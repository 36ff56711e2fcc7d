"""What objections and exclusions are called on pages: states, grounds, remedies, refusals, effects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext

from pipeline.judgement.effects import Effect, as_seen, effect_from
from pipeline.judgement.evidence_files import BEGINNINGS, Given
from pipeline.views.definitions import definition
from reports import numbers
from web.languages import in_language
from web.session import viewer

ACCEPTED = ",".join(BEGINNINGS)
OBJECTION_STATES = {
    "open": lazy_gettext("待处理"),
    "accepted": lazy_gettext("成立"),
    "refused": lazy_gettext("不成立"),
    "withdrawn": lazy_gettext("已撤回"),
}
EXCLUSION_STATES = {
    "applied": lazy_gettext("待审批"),
    "approved": lazy_gettext("已批准"),
    "refused": lazy_gettext("未批准"),
    "withdrawn": lazy_gettext("已撤回"),
}
REMEDIES = {
    "exclude": lazy_gettext("该件不计入（记入剔除台账）"),
    "import": lazy_gettext("由补充导入更正数据"),
    "none": lazy_gettext("只作说明，不改数据"),
}
GROUNDS = {
    "unreasonable": lazy_gettext("不合理诉求"),
    "not_responsible": lazy_gettext("不属本单位职责"),
    "duplicate": lazy_gettext("重复件"),
    "withdrawn": lazy_gettext("诉求人撤回"),
    "law": lazy_gettext("依法另有程序"),
    "force_majeure": lazy_gettext("不可抗力"),
    "other": lazy_gettext("其他（见说明）"),
}
REFUSALS = {
    "no_reason_given": lazy_gettext("请写明理由。"),
    "nothing_disputed": lazy_gettext("请选择有异议的指标，或填写工单编号。"),
    "no_such_record": lazy_gettext("本单位没有这个编号的工单，请核对编号。"),
    "record_in_several_registers": lazy_gettext("这个编号在多个来源中都有，请同时填写来源。"),
    "same_person": lazy_gettext("提出人不能自己审批，请由另一人处理。"),
    "already_decided": lazy_gettext("已经处理过，不能再改。"),
    "already_in_the_ledger": lazy_gettext("这一件已在剔除台账中。"),
    "no_document": lazy_gettext("请附上依据文件。"),
    "unknown_ground": lazy_gettext("请选择剔除理由。"),
    "closed": lazy_gettext("现在不在受理期内。"),
    "too_many_files": lazy_gettext("附件过多，请合并后上传，最多 10 个。"),
    "empty_file": lazy_gettext("附件是空文件，请重新选择。"),
    "file_too_large": lazy_gettext("附件超过 20 MB，请压缩或拆分。"),
    "unknown_kind_of_file": lazy_gettext("附件须为 PDF、图片、Word、Excel 或 OFD，且内容与后缀一致。"),
}


@dataclass(frozen=True)
class EffectLine:
    """One line of an effect table: what, before, after."""

    name: str
    before: str
    after: str


def effect_lines(whole: Effect | None) -> list[EffectLine]:
    """Score, grade and changed indicators as the reader may see them, as a table; empty without an effect."""
    effect = as_seen(whole, viewer())
    if effect is None:
        return []
    lines = [
        EffectLine(gettext("得分"), numbers.score(effect.score_before), numbers.score(effect.score_after)),
        EffectLine(
            gettext("按分数所在等次"), *(_grade(effect, code) for code in (effect.grade_before, effect.grade_after))
        ),
    ]
    for code, (before, after) in effect.values.items():
        found = definition(code)
        shown = [numbers.of_metric(value, found.measure) for value in (before, after)]
        lines.append(EffectLine(f"{code} {in_language(found.name)}", *shown))
    return lines


def is_score_hidden(whole: Effect | None) -> bool:
    """Is there a score that this reader may not know exactly?"""
    told = as_seen(whole, viewer())
    return told is not None and whole is not None and told.score_before is None and whole.score_before is not None


def _grade(effect: Effect, code: str | None) -> str:
    return in_language(effect.grade_titles.get(code, {})) or code if code else "—"


def stored_effect(document: Mapping[str, Any] | None) -> Effect | None:
    """An effect as it was kept with a decision, as the reader may see it."""
    return as_seen(effect_from(document), viewer()) if document else None


def given(files: Iterable[Any]) -> list[Given]:
    """The chosen files of a form; an empty field of the browser is no file."""
    return [Given(file.filename, file.stream) for file in files if file and file.filename]
