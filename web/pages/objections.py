"""Objections: a unit disputes a figure or a record with evidence; the office sees the effect and decides."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from pipeline.judgement import cycle, evidence_files, objections
from pipeline.paper import report_source
from pipeline.views.definitions import definition
from records.access import Action, can
from records.queries import assessments, review, units
from web.forms.choices import choices
from web.forms.review import DecisionForm, ObjectionForm
from web.languages import in_language
from web.session import for_action, instance, viewer
from web.words.review import OBJECTION_STATES, REFUSALS, REMEDIES, effect_lines, given, is_score_hidden, stored_effect

pages = Blueprint("objections", __name__, url_prefix="/objections")
may_see = for_action(Action.SEE_SCORECARD)
may_object = for_action(Action.OBJECT)
may_assess = for_action(Action.ASSESS)


@pages.get("")
@may_see
def index() -> ResponseReturnValue:
    number = request.args.get("assessment", type=int)
    with instance().session() as session:
        numbers = None if number is None else cycle.versions_of(session, number)
        rows = review.list_objections(
            session, viewer=viewer(), numbers=numbers, state=request.args.get("state") or None
        )
    return render_template("objections/index.html", rows=rows, number=number, states=OBJECTION_STATES)


@pages.get("/new")
@may_object
def new() -> ResponseReturnValue:
    form = ObjectionForm(request.args, meta={"csrf": True})
    return _new(form, request.args.get("assessment", type=int), 200)


@pages.post("/new")
@may_object
def create() -> ResponseReturnValue:
    form, number = ObjectionForm(), request.args.get("assessment", type=int)
    if number is None:
        abort(404)
    _fill(form, number)
    if not form.validate_on_submit():
        return _new(form, number, 400)
    claim = objections.Claim(
        form.text.data or "",
        form.indicator.data or None,
        _as_stored(form.indicator.data, form.claimed.data),
        form.register.data or None,
        (form.case_no.data or "").strip() or None,
    )
    try:
        made = objections.raise_objection(
            instance(), viewer(), number=number, unit=form.unit.data, claim=claim, files=given(form.files.data or ())
        )
    except (objections.ObjectionRefused, evidence_files.EvidenceRefused, cycle.Closed) as refused:
        form.form_errors.append(str(REFUSALS[getattr(refused, "code", "closed")]))
        return _new(form, number, 400)
    flash(gettext("异议已提交，编号 %(number)s。", number=made), "ok")
    return redirect(url_for("objections.show", objection=made), 303)


@pages.get("/<int:objection>")
@may_see
def show(objection: int) -> ResponseReturnValue:
    return _show(objection, DecisionForm(formdata=None), 200)


@pages.post("/<int:objection>/decide")
@may_assess
def decide(objection: int) -> ResponseReturnValue:
    form = DecisionForm()
    if not form.validate_on_submit():
        return _show(objection, form, 400)
    try:
        objections.decide(
            instance(),
            viewer(),
            objection,
            is_accepted=form.decision.data == "accepted",
            answer=form.answer.data or "",
            remedy=form.remedy.data,
        )
    except objections.ObjectionRefused as refused:
        flash(str(REFUSALS[refused.code]), "error")
    else:
        flash(gettext("已答复。"), "ok")
    return redirect(url_for("objections.show", objection=objection), 303)


@pages.post("/<int:objection>/withdraw")
@may_object
def withdraw(objection: int) -> ResponseReturnValue:
    try:
        objections.withdraw(instance(), viewer(), objection)
    except objections.ObjectionRefused as refused:
        flash(str(REFUSALS[refused.code]), "error")
    return redirect(url_for("objections.show", objection=objection), 303)


@pages.get("/files/<int:number>")
@may_see
def evidence(number: int) -> ResponseReturnValue:
    """An evidence file, always as a download and never as a page of this site."""
    with instance().session() as session:
        file = review.file(session, viewer=viewer(), number=number)
    if file is None:
        abort(404)
    path = evidence_files.path_of(instance(), file.sha256)
    return send_file(path, "application/octet-stream", as_attachment=True, download_name=file.file_name)


def _as_stored(indicator: str | None, typed: float | None) -> float | None:
    """A value as pages print it, a rate in per cent, as the number that is kept."""
    if not indicator or typed is None or definition(indicator).measure != "rate":
        return typed
    return typed / 100


def _show(objection: int, form: DecisionForm, status: int) -> tuple[str, int]:
    with instance().session() as session:
        row = review.objection(session, viewer=viewer(), number=objection)
    if row is None:
        abort(404)
    may_decide = row.state == "open" and can(viewer(), Action.ASSESS, unit=row.unit_code)
    effect = objections.preview(instance(), viewer(), objection) if may_decide else stored_effect(row.effect)
    page = render_template(
        "objections/show.html",
        row=row,
        form=form if may_decide else None,
        can_withdraw=row.state == "open" and can(viewer(), Action.OBJECT, unit=row.unit_code),
        effect=effect_lines(effect),
        states=OBJECTION_STATES,
        remedies=REMEDIES,
        indicator=definition(row.indicator) if row.indicator else None,
        is_score_hidden=is_score_hidden(effect),
    )
    return page, status


def _new(form: ObjectionForm, number: int | None, status: int) -> tuple[str, int]:
    if number is None:
        abort(404)
    until = _fill(form, number)
    return render_template("objections/new.html", form=form, number=number, until=until), status


def _fill(form: ObjectionForm, number: int) -> object:
    """Set the choices of the form from the viewer's own results; answers with the last day."""
    with instance().session() as session:
        entry = assessments.one(session, viewer=viewer(), number=number)
        names = {row.code: row.name for row in units.list_units(session, viewer=viewer())}
    result = report_source.shown_result(instance(), viewer(), number)
    if entry is None or result is None:
        abort(404)
    own = [row.unit for row in result.units if can(viewer(), Action.OBJECT, unit=row.unit)]
    codes = [row.code for row in result.units[0].indicators] if result.units else []
    form.unit.choices = choices((code, names.get(code, code)) for code in own)
    named = [(code, f"{code} {in_language(definition(code).name)}") for code in codes]
    form.indicator.choices = choices([("", gettext("不针对指标")), *named])
    return entry.objections_until
