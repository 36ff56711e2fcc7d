"""What improvement tasks are called on pages: states, grounds, verdicts, refusals, effects."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext, lazy_gettext

from evaluation.scores.result import IndicatorResult
from pipeline.judgement.period_change import Change
from pipeline.judgement.rectification import Effect
from pipeline.views.definitions import definition
from records.queries.improvement import TaskRow
from reports import numbers
from web import formats
from web.languages import in_language
from web.words.finding_words import detector_name
from web.words.review import REFUSALS as EVIDENCE_REFUSALS

USUAL_DAYS = 30  # a first suggestion for the last day; the person changes it
STATES = {
    "open": lazy_gettext("待整改"),
    "handed_in": lazy_gettext("已提交，待验收"),
    "returned": lazy_gettext("已退回"),
    "overdue": lazy_gettext("已逾期"),
    "accepted": lazy_gettext("已验收"),
}
STATE_KINDS = {"open": "plain", "handed_in": "warn", "returned": "warn", "overdue": "no", "accepted": "ok"}
GROUNDS = {
    "below_target": lazy_gettext("未达目标，且超出偶然"),
    "worse_than_peers": lazy_gettext("差于同类单位，且超出偶然"),
    "finding": lazy_gettext("已核实的数据线索"),
}
VERDICTS = {
    "better": lazy_gettext("变好，超出偶然"),
    "worse": lazy_gettext("变差，超出偶然"),
    "within_chance": lazy_gettext("变化在偶然范围内"),
    "no_value": lazy_gettext("有一期没有数值，不作比较"),
    "no_interval": lazy_gettext("没有区间，无法判断是否偶然"),
    "unsettled": lazy_gettext("两期结束后的观察时间不同，差别可能由此而来"),
    "other_scheme": lazy_gettext("两期方案版本不同，不作比较"),
}
REFUSALS = {
    **EVIDENCE_REFUSALS,
    "not_published": lazy_gettext("评价公布以后才能下达整改；被更正取代的评价请用新的版本。"),
    "nothing_chosen": lazy_gettext("请至少勾选一项尚未下达的事项。"),
    "no_proof_named": lazy_gettext("请写明以什么材料作为整改证明。"),
    "day_has_passed": lazy_gettext("期限不能早于今天。"),
    "accepted_already": lazy_gettext("已经验收，不能再提交。"),
    "nothing_handed_in": lazy_gettext("单位还没有提交整改材料。"),
    "not_improved": lazy_gettext("只有变好且超出偶然的指标可以写经验做法。"),
    "published_already": lazy_gettext("已经公布。"),
}


@dataclass(frozen=True)
class EffectLine:
    """An indicator before and after, and how to read the change."""

    before: str
    after: str
    reading: str
    verdict: str


def subject(indicator: str | None, detector: str | None, finding: int | None) -> str:
    """What is to be put right: the indicator, or the finding."""
    if indicator is not None:
        return f"{indicator} {in_language(definition(indicator).name)}"
    name = detector_name(detector) if detector else gettext("数据线索")
    return gettext("%(name)s（线索 %(n)s）", name=name, n=finding)


def measured(code: str, result: IndicatorResult | None) -> str:
    """A value with its interval and n."""
    if result is None or result.value is None:
        return formats.reason(result.reason) if result is not None and result.reason else numbers.MISSING
    measure = definition(code).measure
    text = numbers.of_metric(result.value, measure) + formats.measure_sign(measure)
    if result.low is not None and result.high is not None:
        ends = numbers.span(numbers.of_metric(result.low, measure), numbers.of_metric(result.high, measure))
        text = gettext("%(value)s（%(ends)s）", value=text, ends=ends)
    return text if result.n is None else gettext("%(value)s，%(n)s 件", value=text, n=numbers.count(result.n))


def effect_line(change: Change) -> EffectLine:
    """A change as a line of a table."""
    return EffectLine(
        measured(change.code, change.before), measured(change.code, change.after), str(VERDICTS[change.verdict]),
        change.verdict,
    )  # fmt: skip


def effect_text(task: TaskRow, effect: Effect) -> str:
    """What the next period says about a task, in one line."""
    if task.indicator is None:
        return gettext("线索不按指标比较")
    if effect.period is None:
        return gettext("下一期尚无结果")
    if effect.is_hidden:
        return gettext("涉及群众的回答，见两期的单位评价")
    if effect.change is None:
        return gettext("下一期没有这项指标")
    line = effect_line(effect.change)
    return f"{line.before} → {line.after}；{line.reading}"


def suggested_day(today: date) -> date:
    """A last day to begin with."""
    return today + timedelta(days=USUAL_DAYS)
