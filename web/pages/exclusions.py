"""The exclusion ledger: who asked to leave a case out, on which ground and document, who decided, with which effect."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from pipeline.judgement import exclusions
from pipeline.judgement.evidence_files import EvidenceRefused
from pipeline.numbers import ledger
from records.access import Action, can
from records.queries import review, units
from web.forms.choices import choices
from web.forms.review import ExclusionForm, RulingForm
from web.session import for_action, instance, viewer
from web.words.review import EXCLUSION_STATES, GROUNDS, REFUSALS, effect_lines, given, stored_effect

pages = Blueprint("exclusions", __name__, url_prefix="/exclusions")
may_see = for_action(Action.SEE_EXCLUSIONS)
may_request = for_action(Action.REQUEST_EXCLUSIONS)


@pages.get("")
@may_see
def index() -> ResponseReturnValue:
    return _index(ExclusionForm(formdata=None) if can(viewer(), Action.REQUEST_EXCLUSIONS) else None, 200)


@pages.post("")
@may_request
def create() -> ResponseReturnValue:
    form = _with_units(ExclusionForm())
    if not form.validate_on_submit():
        return _index(form, 400)
    wanted = exclusions.Wanted(
        form.unit.data,
        (form.case_no.data or "").strip(),
        form.ground.data,
        form.note.data or "",
        (form.register.data or "").strip() or None,
    )
    try:
        made = exclusions.request(instance(), viewer(), wanted, given(form.files.data or ()))
    except (exclusions.ExclusionRefused, EvidenceRefused) as refused:
        form.form_errors.append(str(REFUSALS[refused.code]))
        return _index(form, 400)
    return redirect(url_for("exclusions.show", exclusion=made), 303)


@pages.get("/<int:exclusion>")
@may_see
def show(exclusion: int) -> ResponseReturnValue:
    return _show(exclusion, RulingForm(formdata=None), 200)


@pages.post("/<int:exclusion>/decide")
@may_request
def decide(exclusion: int) -> ResponseReturnValue:
    form = RulingForm()
    if not form.validate_on_submit():
        return _show(exclusion, form, 400)
    answer = form.answer.data or ""
    try:
        if form.decision.data == "withdraw":
            exclusions.take_back(instance(), viewer(), exclusion, why=answer)
        else:
            is_approved = form.decision.data == "approve"
            exclusions.decide(instance(), viewer(), exclusion, is_approved=is_approved, answer=answer)
    except exclusions.ExclusionRefused as refused:
        flash(str(REFUSALS[refused.code]), "error")
    else:
        flash(gettext("台账已更新。"), "ok")
    return redirect(url_for("exclusions.show", exclusion=exclusion), 303)


def _index(form: ExclusionForm | None, status: int) -> tuple[str, int]:
    with instance().session() as session:
        rows = review.list_exclusions(session, viewer=viewer(), state=request.args.get("state") or None)
    in_files = ledger.excluded_by_source(instance(), viewer())
    page = render_template(
        "exclusions/index.html",
        rows=rows,
        effects={row.id: stored_effect(row.effect) for row in rows},
        in_files=in_files,
        form=_with_units(form) if form else None,
        states=EXCLUSION_STATES,
        grounds=GROUNDS,
    )
    return page, status


def _with_units(form: ExclusionForm) -> ExclusionForm:
    with instance().session() as session:
        found = [(row.code, row.name) for row in units.list_units(session, viewer=viewer())]
    form.unit.choices = choices(
        (code, name) for code, name in found if can(viewer(), Action.REQUEST_EXCLUSIONS, unit=code)
    )
    return form


def _show(exclusion: int, form: RulingForm, status: int) -> tuple[str, int]:
    with instance().session() as session:
        row = review.exclusion(session, viewer=viewer(), number=exclusion)
    if row is None:
        abort(404)
    is_mine = row.applied_by == viewer().sign_in
    may_decide = row.state == "applied" and not is_mine and can(viewer(), Action.DECIDE_EXCLUSIONS, unit=row.unit_code)
    may_take_back = (row.state == "applied" and is_mine) or (
        row.state == "approved" and can(viewer(), Action.DECIDE_EXCLUSIONS, unit=row.unit_code)
    )
    effect = exclusions.preview(instance(), viewer(), exclusion) if may_decide else stored_effect(row.effect)
    page = render_template(
        "exclusions/show.html",
        row=row,
        form=form if may_decide or may_take_back else None,
        may_decide=may_decide,
        effect=effect_lines(effect),
        states=EXCLUSION_STATES,
        grounds=GROUNDS,
    )
    return page, status
