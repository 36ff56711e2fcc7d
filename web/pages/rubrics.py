"""Ratings by a form: draw a round, rate blind, see agreement and points by unit."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm

from evaluation.rules.rubric import forms
from pipeline.judgement import rubric_results, rubrics
from records.access import Action
from records.queries import units
from web.forms.choices import choices
from web.forms.rubrics import DrawForm, marks_form
from web.languages import in_language
from web.session import for_action, instance, viewer

pages = Blueprint("rubrics", __name__, url_prefix="/rubrics")
may_rate = for_action(Action.ASSESS)
REFUSALS = {
    "unknown_form": lazy_gettext("没有这张评分表。"),
    "two_raters": lazy_gettext("至少需要两名评估人员，才能由两人分别评分。"),
    "unknown_rater": lazy_gettext("评分人须是在用的评估人员。"),
    "nothing_to_draw": lazy_gettext("这个时期没有可抽取的答复。"),
    "not_yours": lazy_gettext("这一件不由您评分，或您已评过。"),
    "own_unit": lazy_gettext("不能评本人所在单位。"),
}


@pages.get("")
@may_rate
def index() -> ResponseReturnValue:
    return _index(_with_forms(DrawForm(formdata=None)), 200)


@pages.post("")
@may_rate
def create() -> ResponseReturnValue:
    form = _with_forms(DrawForm())
    if not form.validate_on_submit():
        return _index(form, 400)
    try:
        number = rubrics.draw(
            instance(), viewer(), form_id=form.rubric.data, period=(form.period.data or "").strip(),
            per_unit=form.per_unit.data or 1, seed=form.seed.data or 0,
        )  # fmt: skip
    except rubrics.RubricRefused as refused:
        form.form_errors.append(str(REFUSALS[refused.code]))
        return _index(form, 400)
    return redirect(url_for("rubrics.show", number=number), 303)


@pages.get("/<int:number>")
@may_rate
def show(number: int) -> ResponseReturnValue:
    found = next((row for row in rubrics.list_rounds(instance(), viewer=viewer()) if row.id == number), None)
    if found is None:
        abort(404)
    with instance().session() as session:
        names = {row.code: row.name for row in units.list_units(session, viewer=viewer())}
    return render_template(
        "rubrics/show.html",
        round=found,
        waiting=rubrics.work_list(instance(), number, viewer=viewer()),
        agreement=rubric_results.agreement(instance(), number, viewer=viewer()),
        points=rubric_results.points_of_round(instance(), number, viewer=viewer()),
        names=names,
    )


@pages.get("/<int:number>/<int:place>")
@may_rate
def rate(number: int, place: int) -> ResponseReturnValue:
    return _rate(number, place, None, 200)


@pages.post("/<int:number>/<int:place>")
@may_rate
def enter(number: int, place: int) -> ResponseReturnValue:
    rubric = _rubric(number)
    form = marks_form(rubric)
    if not form.validate_on_submit():
        return _rate(number, place, form, 400)
    marks = {criterion.code: form[criterion.code].data for criterion in rubric.criteria}
    try:
        rubrics.enter(instance(), number, place, marks, viewer=viewer(), note=form["note"].data or "")
    except rubrics.RubricRefused as refused:
        flash(str(REFUSALS[refused.code]), "error")
        return redirect(url_for("rubrics.show", number=number), 303)
    except LookupError:
        abort(404)
    following = rubrics.work_list(instance(), number, viewer=viewer())
    if following:
        return redirect(url_for("rubrics.rate", number=number, place=following[0]), 303)
    flash(gettext("您名下的件都已评完。"), "ok")
    return redirect(url_for("rubrics.show", number=number), 303)


def _rubric(number: int) -> rubrics.Form:
    found = next((row for row in rubrics.list_rounds(instance(), viewer=viewer()) if row.id == number), None)
    return found.form if found else abort(404)


def _rate(number: int, place: int, form: FlaskForm | None, status: int) -> ResponseReturnValue:
    rubric = _rubric(number)
    try:
        task = rubrics.task(instance(), number, place, viewer=viewer())
    except LookupError:
        abort(404)
    except rubrics.RubricRefused as refused:
        flash(str(REFUSALS[refused.code]), "error")
        return redirect(url_for("rubrics.show", number=number), 303)
    page = render_template(
        "rubrics/rate.html", number=number, rubric=rubric, task=task, form=form or marks_form(rubric, formdata=None)
    )
    return page, status


def _index(form: DrawForm, status: int) -> tuple[str, int]:
    found = rubrics.list_rounds(instance(), viewer=viewer())
    return render_template("rubrics/index.html", rounds=found, form=form), status


def _with_forms(form: DrawForm) -> DrawForm:
    form.rubric.choices = choices((name, in_language(found.title)) for name, found in forms().items())
    return form
