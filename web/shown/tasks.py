"""What stands at the top of the start page: a few figures of the viewer's own work, each a link to where it is done."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from flask_babel import gettext

from pipeline.house import house_counts
from pipeline.integrity import sampling
from pipeline.numbers import surges
from pipeline.views import shown
from records.access import Action, Viewer, can
from records.instance import Instance
from records.vocabulary import Role
from reports import numbers
from web.navigation import href


@dataclass(frozen=True)
class Task:
    """One figure and where it leads; `is_due` when something waits for the viewer."""

    figure: str
    text: str
    href: str
    is_due: bool = False


def tasks(instance: Instance, viewer: Viewer) -> list[Task]:
    """The tasks of a role; those whose page this installation does not have are left out."""
    found: list[tuple[str, str, str | None]] = []
    waiting = due(instance, viewer)
    if viewer.role is Role.UNIT_HEAD:
        found += _own_units(instance, viewer)
    if can(viewer, Action.SEE_BATCHES):
        counts = house_counts.counts(instance)
        found.append((numbers.count(counts.batches), gettext("已入库批次"), href("batches.index")))
        if can(viewer, Action.IMPORT):
            found.append((gettext("上传"), gettext("新的工单或回访数据"), href("uploads.index")))
        if can(viewer, Action.EDIT_UNITS):
            found.append((numbers.count(counts.units), gettext("名录中的单位"), href("directory.index")))
        if can(viewer, Action.MANAGE_PEOPLE):
            found.append((numbers.count(counts.people), gettext("可登录人员"), href("people.index")))
    if can(viewer, Action.ASSESS):
        states = Counter(choice.state for choice in shown.choices(instance, viewer))
        open_ones = sum(states[state] for state in ("draft", "review", "appeal"))
        found.append((numbers.count(open_ones), gettext("未定稿的评价"), href("assessments.index")))
    if (known := surges.known_topics(instance, viewer)) and known[0]:
        text = gettext("类事项近四周明显增多（至 %(day)s）", day=known[1])
        found.append((numbers.count(known[0]), text, href("surges.show")))
    if viewer.role is Role.ORG_DEPT:
        found += _for_the_organization_department(instance, viewer)
    if can(viewer, Action.MAKE_REPORTS) and viewer.role is not Role.UNIT_HEAD:
        found.append((gettext("报告"), gettext("生成或下载"), href("reports.index")))
    if can(viewer, Action.SEE_AUDIT):
        found.append((gettext("审计"), gettext("操作记录与链条核验"), href("audit.index")))
    return [*waiting, *(Task(figure, text, address) for figure, text, address in found if address)]


def due(instance: Instance, viewer: Viewer) -> list[Task]:
    """What waits for this viewer, each only when there is some."""
    waits = house_counts.waits(instance, viewer)
    rows = [
        (waits.checked_batches, gettext("已检查、待确认入库的文件"), href("uploads.index")),
        (waits.findings_to_answer, gettext("等待本单位说明的核查线索"), href("findings.asked")),
        (waits.open_objections, gettext("未答复的异议"), href("objections.index")),
        (waits.applied_exclusions, gettext("待审批的剔除申请"), href("exclusions.index")),
        (waits.proposed_bonuses, gettext("待审批的加分"), href("bonuses.index", state="proposed")),
        (waits.tasks_to_do, gettext("本单位待整改的事项"), href("rectification.index")),
        (waits.tasks_to_accept, gettext("待验收的整改"), href("rectification.index", state="handed_in")),
        (waits.findings_to_review, gettext("待核实的数据线索"), href("findings.index")),
    ]
    rows += _calls(instance, viewer)
    return [Task(numbers.count(n), text, address, is_due=True) for n, text, address in rows if n and address]


def _calls(instance: Instance, viewer: Viewer) -> list[tuple[int, str, str | None]]:
    """Calls the survey role has still to enter, by sample; nobody else has a list to call."""
    if not (can(viewer, Action.ASSESS) and can(viewer, Action.SEE_RATINGS)):
        return []
    return [
        (
            sample.cases - sample.entered,
            gettext("件回访待登记（样本 %(number)s）", number=sample.id),
            href("samples.calls", number=sample.id),
        )
        for sample in sampling.list_samples(instance, viewer=viewer)
    ]


def _for_the_organization_department(instance: Instance, viewer: Viewer) -> list[tuple[str, str, str | None]]:
    """Results that may be read, and what is made of them."""
    results = shown.choices(instance, viewer, Action.SEE_RANKING)
    if not results:
        return []
    number = results[0].number
    return [
        (numbers.count(len(results)), gettext("已审定、可查看的评价"), href("ranking.show", assessment=number)),
        (gettext("班子"), gettext("等次、变化与历年"), href("leadership.show", assessment=number)),
        (gettext("对照表"), gettext("按考核表取用得分"), href("appraisals.index")),
        (
            gettext("评估材料包"),
            gettext("生成或下载"),
            href("reports.index", assessment=number, kind="evidence"),
        ),
    ]


def _own_units(instance: Instance, viewer: Viewer) -> list[tuple[str, str, str | None]]:
    try:
        prepared = shown.prepared(instance, viewer)
    except shown.NothingToShow:
        return []
    codes = [code for code in prepared.results if code in viewer.units]
    return [(prepared.name(code), gettext("查看评价"), href("units.scorecard", code=code)) for code in codes]
