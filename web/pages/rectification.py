"""Improvement tasks: the office opens them, the unit hands in proof, the office accepts; good practice beside them."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from pipeline.judgement import evidence_files, good_practice, rectification
from records.access import Action, can
from records.queries import assessments, improvement
from web.forms.rectification import AcceptForm, HandInForm, OpenForm, PracticeForm
from web.session import for_action, instance, viewer
from web.words import rectification as words
from web.words.review import given

pages = Blueprint("rectification", __name__, url_prefix="/rectification")
may_see = for_action(Action.SEE_RECTIFICATION)
may_assess = for_action(Action.ASSESS)
may_rectify = for_action(Action.RECTIFY)
Refusals = (rectification.RectificationRefused, evidence_files.EvidenceRefused)


@pages.get("")
@may_see
def index() -> ResponseReturnValue:
    """All tasks the viewer may see, by state, with their effect in the next period."""
    number, unit, state = request.args.get("assessment", type=int), request.args.get("unit"), request.args.get("state")
    day = instance().today()
    with instance().session() as session:
        rows = improvement.list_tasks(session, viewer=viewer(), number=number, unit=unit or None)
        practices = improvement.list_practices(session, viewer=viewer(), number=number)
        published = [row for row in assessments.list_assessments(session, viewer=viewer()) if _is_open(row)]
    counts = {code: sum(row.state_on(day) == code for row in rows) for code in words.STATES}
    kept = [row for row in rows if not state or row.state_on(day) == state]
    effects = rectification.effects_of(instance(), kept, viewer())
    return render_template(
        "rectification/index.html",
        rows=kept,
        counts=counts,
        state=state,
        number=number,
        day=day,
        effects=effects,
        practices=practices,
        published=published if can(viewer(), Action.ASSESS) else [],
        words=words,
    )


@pages.get("/open/<int:number>")
@may_assess
def propose(number: int) -> ResponseReturnValue:
    """What a published assessment gives reason to put right, to be chosen from."""
    form = OpenForm(formdata=None)
    form.due_on.data = words.suggested_day(instance().today())
    return _propose(form, number, 200)


@pages.post("/open/<int:number>")
@may_assess
def open_tasks(number: int) -> ResponseReturnValue:
    form = OpenForm()
    if not form.validate_on_submit() or form.due_on.data is None:
        return _propose(form, number, 400)
    try:
        made = rectification.open_tasks(
            instance(), viewer(), number, form.chosen.data or [], due_on=form.due_on.data, proof=form.proof.data or ""
        )
    except rectification.RectificationRefused as refused:
        form.form_errors.append(str(words.REFUSALS[refused.code]))
        return _propose(form, number, 400)
    flash(gettext("已下达 %(n)s 项整改。", n=len(made)), "ok")
    return redirect(url_for("rectification.index", assessment=number), 303)


@pages.get("/<int:task>")
@may_see
def show(task: int) -> ResponseReturnValue:
    return _show(task, HandInForm(formdata=None), AcceptForm(formdata=None), 200)


@pages.post("/<int:task>/hand-in")
@may_rectify
def hand_in(task: int) -> ResponseReturnValue:
    form = HandInForm()
    if not form.validate_on_submit():
        return _show(task, form, AcceptForm(formdata=None), 400)
    try:
        rectification.hand_in(
            instance(), viewer(), task, account=form.account.data or "", files=given(form.files.data or ())
        )
    except Refusals as refused:
        form.form_errors.append(str(words.REFUSALS[refused.code]))
        return _show(task, form, AcceptForm(formdata=None), 400)
    flash(gettext("已提交，等待验收。"), "ok")
    return redirect(url_for("rectification.show", task=task), 303)


@pages.post("/<int:task>/decide")
@may_assess
def decide(task: int) -> ResponseReturnValue:
    form = AcceptForm()
    if not form.validate_on_submit():
        return _show(task, HandInForm(formdata=None), form, 400)
    is_accepted, answer = form.decision.data == "accepted", form.answer.data or ""
    try:
        rectification.decide(
            instance(), viewer(), task, is_accepted=is_accepted, answer=answer, due_on=form.due_on.data
        )
    except rectification.RectificationRefused as refused:
        form.form_errors.append(str(words.REFUSALS[refused.code]))
        return _show(task, HandInForm(formdata=None), form, 400)
    return redirect(url_for("rectification.show", task=task), 303)


@pages.get("/practice/<int:number>")
@may_assess
def practices(number: int) -> ResponseReturnValue:
    """Units that improved beyond chance, each with its note."""
    return _practices(PracticeForm(formdata=None), number, 200)


@pages.post("/practice/<int:number>")
@may_assess
def write_practice(number: int) -> ResponseReturnValue:
    form = PracticeForm()
    if not form.validate_on_submit():
        return _practices(form, number, 400)
    unit, _, indicator = (form.about.data or "").partition(":")
    try:
        good_practice.write(instance(), viewer(), number, unit=unit, indicator=indicator, text=form.text.data or "")
    except rectification.RectificationRefused as refused:
        form.form_errors.append(str(words.REFUSALS[refused.code]))
        return _practices(form, number, 400)
    return redirect(url_for("rectification.practices", number=number), 303)


@pages.post("/practice/<int:number>/publish/<int:practice>")
@may_assess
def publish_practice(number: int, practice: int) -> ResponseReturnValue:
    try:
        good_practice.publish(instance(), viewer(), practice)
    except LookupError:
        abort(404)
    except rectification.RectificationRefused as refused:
        flash(str(words.REFUSALS[refused.code]), "error")
    return redirect(url_for("rectification.practices", number=number), 303)


def _is_open(row: assessments.AssessmentRow) -> bool:
    return row.state == "published" and row.replaced_by is None


def _propose(form: OpenForm, number: int, status: int) -> tuple[str, int]:
    with instance().session() as session:
        entry = assessments.one(session, viewer=viewer(), number=number)
    if entry is None:
        abort(404)
    try:
        found = rectification.proposals(instance(), viewer(), number)
        rule, refusal = rectification.rule_of(instance(), number), None
    except rectification.RectificationRefused as refused:
        found, rule, refusal = [], None, words.REFUSALS[refused.code]
    page = render_template(
        "rectification/open.html", entry=entry, form=form, proposals=found, rule=rule, refusal=refusal, words=words,
        chosen=set(form.chosen.data or ()),
    )  # fmt: skip
    return page, status


def _show(task: int, hand_in_form: HandInForm, accept_form: AcceptForm, status: int) -> tuple[str, int]:
    with instance().session() as session:
        row = improvement.task(session, viewer=viewer(), number=task)
    if row is None:
        abort(404)
    may_hand_in = row.state != rectification.ACCEPTED and can(viewer(), Action.RECTIFY, unit=row.unit_code)
    may_decide = row.state == rectification.HANDED_IN and can(viewer(), Action.ASSESS, unit=row.unit_code)
    effect = rectification.effects_of(instance(), [row], viewer())[row.id]
    page = render_template(
        "rectification/show.html",
        row=row,
        state=row.state_on(instance().today()),
        effect=effect,
        line=words.effect_line(effect.change) if effect.change else None,
        hand_in_form=hand_in_form,
        accept_form=accept_form,
        may_hand_in=may_hand_in,
        may_decide=may_decide,
        words=words,
    )
    return page, status


def _practices(form: PracticeForm, number: int, status: int) -> tuple[str, int]:
    with instance().session() as session:
        entry = assessments.one(session, viewer=viewer(), number=number)
        notes = improvement.list_practices(session, viewer=viewer(), number=number) if entry else []
    if entry is None:
        abort(404)
    try:
        found = good_practice.improvements(instance(), viewer(), number)
        refusal = None
    except rectification.RectificationRefused as refused:
        found, refusal = [], words.REFUSALS[refused.code]
    by_about = {(note.unit_code, note.indicator): note for note in notes}
    page = render_template(
        "rectification/practice.html", entry=entry, form=form, found=found, notes=by_about, refusal=refusal, words=words
    )
    return page, status
