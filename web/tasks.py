"""What stands at the top of the start page: a few figures of the viewer's own work, each a link to where it is done."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from flask_babel import gettext

from pipeline import house_counts, shown
from records.access import Action, Viewer, can
from records.instance import Instance
from records.vocabulary import Role
from reports import numbers
from web.navigation import href


@dataclass(frozen=True)
class Task:
    """One figure and where it leads."""

    figure: str
    text: str
    href: str


def tasks(instance: Instance, viewer: Viewer) -> list[Task]:
    """The tasks of a role; those whose page this installation does not have are left out."""
    found: list[tuple[str, str, str | None]] = []
    if viewer.role is Role.UNIT_HEAD:
        found += _own_units(instance, viewer)
    if can(viewer, Action.SEE_BATCHES):
        counts = house_counts.counts(instance)
        found.append((numbers.count(counts.batches), gettext("已入库批次"), href("batches.index")))
        if can(viewer, Action.IMPORT):
            found.append((gettext("上传"), gettext("新的工单或回访数据"), href("uploads.index")))
        if can(viewer, Action.EDIT_UNITS):
            found.append((numbers.count(counts.units), gettext("名录中的单位"), href("units.directory")))
        if can(viewer, Action.MANAGE_PEOPLE):
            found.append((numbers.count(counts.people), gettext("可登录人员"), href("people.index")))
    if can(viewer, Action.ASSESS):
        states = Counter(choice.state for choice in shown.choices(instance, viewer))
        open_ones = sum(states[state] for state in ("draft", "review", "appeal"))
        found.append((numbers.count(open_ones), gettext("未定稿的评价"), href("assessments.index")))
    if can(viewer, Action.MAKE_REPORTS) and viewer.role is not Role.UNIT_HEAD:
        found.append((gettext("报告"), gettext("生成或下载"), href("reports.index")))
    return [Task(figure, text, address) for figure, text, address in found if address]


def _own_units(instance: Instance, viewer: Viewer) -> list[tuple[str, str, str | None]]:
    try:
        prepared = shown.prepared(instance, viewer)
    except shown.NothingToShow:
        return []
    codes = [code for code in prepared.results if code in viewer.units]
    return [(prepared.name(code), gettext("查看评价"), href("units.scorecard", code=code)) for code in codes]
