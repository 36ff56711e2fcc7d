"""Assessments: make a draft, lead it through review to publication, and follow each score back to its values."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from evaluation.result import Assessment, UnitResult
from pipeline import assessing
from pipeline.definitions import Definition, definition
from records.access import Action, can
from records.queries import assessments, units
from web.forms.assessments import DraftForm
from web.forms.choices import choices
from web.languages import in_language
from web.session import for_action, instance, viewer

pages = Blueprint("assessments", __name__, url_prefix="/assessments")
may_see = for_action(Action.SEE_SCORECARD)
may_assess = for_action(Action.ASSESS)
NEXT_STATES = {
    "draft": (("review", lazy_gettext("提交复核")),),
    "review": (("appeal", lazy_gettext("进入申诉期")),),
    "appeal": (("final", lazy_gettext("审定")),),
    "final": (("published", lazy_gettext("公布")), ("reopen", lazy_gettext("重新打开"))),
    "published": (("reopen", lazy_gettext("重新打开")),),
}


@pages.get("")
@may_see
def index() -> ResponseReturnValue:
    return _index(_with_schemes(DraftForm()) if can(viewer(), Action.ASSESS) else None, 200)


@pages.post("")
@may_assess
def create() -> ResponseReturnValue:
    form = _with_schemes(DraftForm())
    if not form.validate_on_submit():
        return _index(form, 400)
    made = assessing.make_draft(
        instance(), scheme_id=form.scheme.data, period=(form.period.data or "").strip(), by=viewer().sign_in
    )
    return redirect(url_for("assessments.show", number=made.number), 303)


@pages.get("/<int:number>")
@may_see
def show(number: int) -> ResponseReturnValue:
    entry, result = _load(number)
    with instance().session() as session:
        events = assessments.events_of(session, viewer=viewer(), number=number)
        titles = {group.code: group.title for group in units.list_peer_groups(session)}
    return render_template(
        "assessments/show.html",
        entry=entry,
        events=events,
        result=result,
        groups=_by_group(result.units, titles),
        facts=_facts(entry),
        next_states=NEXT_STATES.get(entry.state, ()) if can(viewer(), Action.ASSESS) else (),
        can_report=can(viewer(), Action.MAKE_REPORTS, state=entry.state),
    )


@pages.get("/<int:number>/<unit>")
@may_see
def trace(number: int, unit: str) -> ResponseReturnValue:
    entry, result = _load(number)
    found = next((row for row in result.units if row.unit == unit), None)
    if found is None:
        abort(404)
    return render_template("assessments/trace.html", entry=entry, unit=found, definitions=_definitions(found))


@pages.post("/<int:number>/advance")
@may_assess
def advance(number: int) -> ResponseReturnValue:
    to = request.form.get("to", "")
    try:
        assessing.advance(instance(), number, to, by=viewer().sign_in)
    except assessing.StepRefused as refusal:
        flash(str(refusal), "error")
    else:
        flash(gettext("评价 %(number)s 的状态已更新。", number=number), "ok")
    return redirect(url_for("assessments.show", number=number), 303)


def _load(number: int) -> tuple[assessments.AssessmentRow, Assessment]:
    with instance().session() as session:
        entry = assessments.one(session, viewer=viewer(), number=number)
        result = assessments.result_of(session, viewer=viewer(), number=number)
    if entry is None or result is None:
        abort(404)
    return entry, Assessment.from_json(result)


def _by_group(found: list[UnitResult], titles: dict[str, str]) -> list[tuple[str, list[UnitResult]]]:
    """Units by peer group, the best first; those without a rank at the end."""
    ordered = sorted(found, key=lambda u: (u.group or "", u.rank is None, u.rank or 0, u.unit))
    grouped = groupby(ordered, key=lambda unit: unit.group)
    return [(titles.get(group or "", group) or gettext("未分组"), list(rows)) for group, rows in grouped]


def _facts(entry: assessments.AssessmentRow) -> list[tuple[str, Any]]:
    return [
        (gettext("方案"), f"{entry.scheme_id} {entry.scheme_version}"),
        (gettext("方案指纹（SHA-256）"), entry.scheme_sha256),
        (gettext("结果指纹（SHA-256）"), entry.result_sha256),
        (gettext("随机种子与模拟次数"), f"{entry.seed}，{entry.draws}"),
        (gettext("验证码"), entry.verification_code),
    ]


def _definitions(unit: UnitResult) -> dict[str, Definition]:
    return {row.code: definition(row.code) for row in unit.indicators}


def _index(form: DraftForm | None, status: int) -> tuple[str, int]:
    with instance().session() as session:
        found = assessments.list_assessments(session, viewer=viewer())
    return render_template("assessments/index.html", assessments=found, form=form), status


def _with_schemes(form: DraftForm) -> DraftForm:
    found = assessing.list_schemes(instance())
    form.scheme.choices = choices((scheme.id, in_language(scheme.title)) for scheme in found)
    return form
