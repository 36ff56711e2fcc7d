"""Assessments: make a draft, lead it through review to publication, and follow each score back to its values."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from evaluation.rules.rubric import forms
from evaluation.rules.scheme import Scheme, load
from evaluation.scores.result import Assessment, UnitResult
from pipeline.judgement import assessing, cycle, versions
from pipeline.judgement.scheme_store import newest_schemes
from pipeline.paper import report_source
from pipeline.views.definitions import Definition, definition
from records.access import Action, can
from records.queries import assessments, units
from reports.cautions import caution_text
from web.forms.assessments import CommentForm, DraftForm, StepForm
from web.forms.choices import choices
from web.languages import in_language, language
from web.session import for_action, instance, viewer
from web.shown import reading

pages = Blueprint("assessments", __name__, url_prefix="/assessments")
may_see = for_action(Action.SEE_SCORECARD)
may_assess = for_action(Action.ASSESS)
may_object = for_action(Action.OBJECT)
may_compare = for_action(Action.SEE_RANKING)
LOCKS = {
    "draft": lazy_gettext("只有评估人员可见；数据和方案已冻结在草稿中，可另做新草稿。"),
    "review": lazy_gettext("单位可查看本单位草稿并按指标提意见；得分不能改，数据更正后可重新计算成新版本。"),
    "appeal": lazy_gettext("单位可提出异议并附证明；评估人员答复，剔除须另一人批准；重新计算会成为新版本。"),
    "final": lazy_gettext("结果锁定；不再接受意见和异议；由另一人公布，或重新打开另做草稿。"),
    "published": lazy_gettext("结果和报告锁定，指纹可随时核验；更正须重新打开，另出新版本并说明变化。"),
}
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
        titles = {group.code: {"zh": group.title, "en": group.title_en} for group in units.list_peer_groups(session)}
        scheme = load(assessments.scheme_text_of(session, number=number) or "")
        waiting = cycle.open_objections(session, number)
        said = cycle.comments_on(session, viewer=viewer(), number=number)
    written = [{"code": indicator.code, "title": indicator.title} for indicator in scheme.indicators]
    may_assess_it = can(viewer(), Action.ASSESS) and entry.replaced_by is None
    return render_template(
        "assessments/show.html",
        entry=entry,
        events=events,
        result=result,
        warnings=[caution_text(warning, language(), written) for warning in result.warnings],
        groups=_by_group(result.units, titles, scheme),
        has_ranks=scheme.grades.ranks,
        withholds_other=result.other_scope is not None and all(unit.other_score is None for unit in result.units),
        scheme=scheme,
        facts=_facts(entry, scheme),
        locks=LOCKS,
        waiting=waiting,
        comments=said,
        form=StepForm(formdata=None),
        next_states=NEXT_STATES.get(entry.state, ()) if may_assess_it else (),
        can_recount=may_assess_it and entry.state in assessing.COUNTED_AGAIN,
        can_report=can(viewer(), Action.MAKE_REPORTS, state=entry.state),
        can_compare=can(viewer(), Action.SEE_RANKING, state=entry.state),
    )


@pages.get("/<int:number>/<unit>")
@may_see
def trace(number: int, unit: str) -> ResponseReturnValue:
    entry, result = _load(number)
    found = next((row for row in result.units if row.unit == unit), None)
    if found is None:
        abort(404)
    with instance().session() as session:
        said = [row for row in cycle.comments_on(session, viewer=viewer(), number=number) if row.unit == unit]
        scheme = load(assessments.scheme_text_of(session, number=number) or "")
    is_own = entry.replaced_by is None and can(viewer(), Action.OBJECT, unit=unit)
    form = _with_indicators(CommentForm(formdata=None), found) if is_own and entry.state == cycle.COMMENTS_IN else None
    return render_template(
        "assessments/trace.html",
        entry=entry,
        result=result,
        unit=found,
        definitions=_definitions(found, scheme),
        comments=said,
        form=form,
        can_object=is_own and entry.state == cycle.OBJECTIONS_IN,
        reading=reading.of(found, scheme, result.comparison_rule),
        forms=forms(),
    )


@pages.post("/<int:number>/<unit>/comment")
@may_object
def comment(number: int, unit: str) -> ResponseReturnValue:
    _, result = _load(number)
    found = next((row for row in result.units if row.unit == unit), None)
    if found is None:
        abort(404)
    form = _with_indicators(CommentForm(), found)
    if not form.validate_on_submit():
        flash(gettext("请写明意见内容。"), "error")
    else:
        indicator = form.indicator.data or None
        try:
            cycle.comment(
                instance(), viewer(), number=number, unit=unit, text=form.text.data or "", indicator=indicator
            )
        except cycle.Closed:
            flash(gettext("复核期已过，不再接受意见。"), "error")
        else:
            flash(gettext("意见已提交。"), "ok")
    return redirect(url_for("assessments.trace", number=number, unit=unit), 303)


@pages.get("/<int:number>/changes")
@may_compare
def changes(number: int) -> ResponseReturnValue:
    """What a version changed against the one it replaces, and why."""
    entry, result = _load(number)
    before = result.provenance.get("replaces")
    if before is None:
        abort(404)
    old_entry, old = _load(int(before))
    with instance().session() as session:
        events = assessments.events_of(session, viewer=viewer(), number=old_entry.number)
    return render_template(
        "assessments/changes.html",
        entry=entry,
        old=old_entry,
        why=next((event.why for event in reversed(events) if event.to_state == assessing.REOPEN), None),
        changed=versions.changed_units(old, result),
        origin=versions.changed_origin(old, result),
        scope=result.scope,
        total=len(result.units),
    )


@pages.post("/<int:number>/recount")
@may_assess
def recount(number: int) -> ResponseReturnValue:
    try:
        made = assessing.recount(instance(), number, by=viewer().sign_in, why=request.form.get("why") or None)
    except assessing.StepRefused as refusal:
        flash(str(refusal), "error")
        return redirect(url_for("assessments.show", number=number), 303)
    return redirect(url_for("assessments.show", number=made.number), 303)


@pages.post("/<int:number>/advance")
@may_assess
def advance(number: int) -> ResponseReturnValue:
    to, form = request.form.get("to", ""), StepForm()
    if not form.validate_on_submit():
        flash(gettext("日期无法识别，请重新选择。"), "error")
        return redirect(url_for("assessments.show", number=number), 303)
    until = form.until.data if to in cycle.DEADLINES else None
    why = (form.why.data or "").strip() or None
    try:
        done = assessing.advance(instance(), number, to, by=viewer().sign_in, why=why, until=until)
    except assessing.StepRefused as refusal:
        flash(_refusal(number, to, refusal), "error")
        return redirect(url_for("assessments.show", number=number), 303)
    flash(gettext("评价 %(number)s 的状态已更新。", number=done.number), "ok")
    return redirect(url_for("assessments.show", number=done.number), 303)


def _refusal(number: int, to: str, refusal: assessing.StepRefused) -> str:
    """Why a step is not possible, in the reader's language."""
    with instance().session() as session:
        waiting = cycle.open_objections(session, number)
    if to == "final" and waiting:
        return gettext("还有 %(n)s 条异议未答复，请先答复。", n=waiting)
    if to == "final":
        return gettext("草稿计算之后剔除台账有变化，请先重新计算。")
    if to == "published":
        return gettext("审定与公布须由不同的人操作，请由另一人公布。")
    return gettext("这一步现在不能进行：%(why)s", why=str(refusal))


def _load(number: int) -> tuple[assessments.AssessmentRow, Assessment]:
    with instance().session() as session:
        entry = assessments.one(session, viewer=viewer(), number=number)
    result = report_source.shown_result(instance(), viewer(), number)
    if entry is None or result is None:
        abort(404)
    return entry, result


def _by_group(
    found: list[UnitResult], titles: dict[str, dict[str, str | None]], scheme: Scheme
) -> list[tuple[str, list[UnitResult]]]:
    """Units by peer group in their order: the best first where the scheme lists ranks, else in administrative order."""
    places = {code: place for place, code in enumerate(titles)}

    def order(unit: UnitResult) -> tuple[int, str, bool, int, str]:
        rank = unit.rank if scheme.grades.ranks else None
        place = places.get(unit.group or "", len(places))
        return place, unit.group or "", scheme.grades.ranks and rank is None, rank or 0, unit.unit

    ordered = sorted(found, key=order)
    grouped = groupby(ordered, key=lambda unit: unit.group)
    return [(in_language(titles.get(group or "", group)) or gettext("未分组"), list(rows)) for group, rows in grouped]


def _facts(entry: assessments.AssessmentRow, scheme: Scheme) -> list[tuple[str, Any]]:
    return [
        (gettext("方案"), f"{in_language(scheme.title)} {entry.scheme_version}（{entry.scheme_id}）"),
        (gettext("方案指纹（SHA-256）"), entry.scheme_sha256),
        (gettext("结果指纹（SHA-256）"), entry.result_sha256),
        (gettext("随机种子与模拟次数"), f"{entry.seed}，{entry.draws}"),
        (gettext("验证码"), entry.verification_code),
    ]


def _with_indicators(form: CommentForm, unit: UnitResult) -> CommentForm:
    """The indicators of the unit as choices."""
    named = [(row.code, f"{row.code} {in_language(definition(row.code).name)}") for row in unit.indicators]
    form.indicator.choices = choices([("", gettext("整体")), *named])
    return form


def _definitions(unit: UnitResult, scheme: Scheme) -> dict[str, Definition]:
    """Indicators and what is shown beside them, called as the scheme calls them."""
    tables = (scheme.document.get(name, ()) for name in ("indicator", "information"))
    written = {row["code"]: row for rows in tables for row in rows}
    codes = [*(row.code for row in unit.indicators), *(row["code"] for row in unit.information)]
    return {code: definition(code, written.get(code)) for code in codes}


def _index(form: DraftForm | None, status: int) -> tuple[str, int]:
    with instance().session() as session:
        found = assessments.list_assessments(session, viewer=viewer())
    return render_template("assessments/index.html", assessments=found, form=form), status


def _with_schemes(form: DraftForm) -> DraftForm:
    found = newest_schemes(instance())
    form.scheme.choices = choices((scheme.id, in_language(scheme.title)) for scheme in found)
    return form
