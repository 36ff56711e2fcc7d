"""The verification sample: draw it, call back from a blind list, enter results, read what they say."""

from __future__ import annotations

import io

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from metrics.clocks.period import parse
from metrics.statistics.interval import required_n, survey_margin
from pipeline.integrity import claims, protected, sample_sheets, sampling
from pipeline.views import shown
from records.access import Action, can
from records.queries import units
from records.vocabulary import Role
from web.forms.choices import choices
from web.forms.findings import ProtectedForm, SampleForm, SizeForm
from web.session import for_action, for_roles, instance, viewer
from web.words import finding_words as words

pages = Blueprint("samples", __name__, url_prefix="/samples")
may_see = for_action(Action.SEE_FINDINGS)
may_draw = for_action(Action.ASSESS)
may_call = for_action(Action.SEE_RATINGS)


@pages.get("")
@may_see
def index() -> ResponseReturnValue:
    newest = next((choice.period for choice in shown.choices(instance(), viewer())), None)
    return _index(SampleForm(formdata=None, data={"period": newest}), 200)


@pages.post("")
@may_draw
def create() -> ResponseReturnValue:
    form = SampleForm()
    if not form.validate_on_submit():
        return _index(form, 400)
    number = sampling.draw_and_store(
        instance(), (form.period.data or "").strip(), size=form.size.data, seed=form.seed.data or 0, viewer=viewer()
    )
    return redirect(url_for("samples.show", number=number), 303)


@pages.get("/size")
@may_see
def size() -> ResponseReturnValue:
    """How many answers a survey needs for a margin, and the margin of those it has; 95 %, worst case of one half."""
    form = SizeForm(request.args if request.args else None)
    found = None
    if request.args and form.validate():
        population, answers = form.population.data, form.answers.data
        found = {
            "required": required_n(population, float(form.margin.data) / 100),
            "margin": survey_margin(answers, population) if answers else None,
            "margin_plain": survey_margin(answers) if answers else None,
        }
    return render_template("samples/size.html", form=form, found=found)


@pages.get("/<int:number>")
@may_see
def show(number: int) -> ResponseReturnValue:
    found = sampling.result_of(instance(), number, viewer=viewer())
    sample = next((row for row in sampling.list_samples(instance(), viewer=viewer()) if row.id == number), None)
    if found is None or sample is None:
        abort(404)
    may_list = can(viewer(), Action.SEE_RATINGS)
    return render_template("samples/show.html", sample=sample, found=found, words=words, may_list=may_list)


@pages.get("/<int:number>/calls")
@may_call
def calls(number: int) -> ResponseReturnValue:
    """The blind list: neither the unit's claim nor the reason for the draw is in it."""
    items = sampling.work_list(instance(), number, viewer=viewer())
    if not items:
        abort(404)
    with instance().session() as session:
        names = {unit.code: unit.name for unit in units.list_units(session, viewer=viewer())}
    return render_template("samples/calls.html", number=number, items=items, names=names, words=words,
                           can_enter=can(viewer(), Action.ASSESS))  # fmt: skip


@pages.post("/<int:number>/calls")
@may_draw
def enter(number: int) -> ResponseReturnValue:
    given = [
        (int(name[7:]), value, request.form.get(f"note-{name[7:]}", ""))
        for name, value in request.form.items()
        if name.startswith("result-") and name[7:].isdigit() and value
    ]
    try:
        count = sampling.enter_results(instance(), number, given, viewer=viewer())
    except sampling.SampleRefused as refused:
        flash(words.refusal(refused.code), "error")
    else:
        flash(gettext("已登记 %(count)s 件的回访结果。", count=count), "ok")
    return redirect(url_for("samples.calls", number=number), 303)


@pages.get("/<int:number>/calls.csv")
@may_call
def sheet(number: int) -> ResponseReturnValue:
    """The blind list for callers who work with a spreadsheet; it comes back as a file of follow-ups."""
    with instance().session() as session:
        names = {unit.code: unit.name for unit in units.list_units(session, viewer=viewer())}
    found = sample_sheets.sheet(instance(), number, names, viewer=viewer())
    if found is None:
        abort(404)
    name = gettext("回访名单_样本%(number)s", number=number)
    return send_file(io.BytesIO(found), "text/csv", as_attachment=True, download_name=f"{name}.csv")


@pages.post("/<int:number>/follow-ups")
@may_draw
def take(number: int) -> ResponseReturnValue:
    count = sample_sheets.take(instance(), number, viewer=viewer())
    flash(gettext("已从导入的回访表登记 %(count)s 件的结果。", count=count), "ok")
    return redirect(url_for("samples.calls", number=number), 303)


@pages.get("/claimed")
@for_roles(Role.ASSESSOR, Role.AUDITOR, Role.UNIT_HEAD)
def claimed() -> ResponseReturnValue:
    """What units claim beside what citizens say, small cells withheld."""
    asked = request.args.get("period", "all").strip()
    try:
        period = parse(asked).label
    except ValueError:
        period = "all"
    period = claims.shown_period(instance(), period, viewer())
    tables = claims.claim_tables(instance(), period, viewer=viewer())
    with instance().session() as session:
        names = {unit.code: unit.name for unit in units.list_units(session, viewer=viewer())}
    return render_template("samples/claimed.html", tables=tables, names=names, period=period, words=words)


@pages.get("/protected")
@may_call
def protected_reports() -> ResponseReturnValue:
    """Reports of citizens whom a unit contacted after a rating; the unit never sees them."""
    if not can(viewer(), Action.SEE_RATINGS):
        return render_template("samples/protected.html", rows=[], names={}, form=None, is_closed=True)
    rows = protected.list_reports(instance(), viewer=viewer())
    form = ProtectedForm(formdata=None)
    with instance().session() as session:
        names = {unit.code: unit.name for unit in units.list_units(session, viewer=viewer())}
    form.unit.choices = choices(names.items())
    may_record = can(viewer(), Action.ASSESS)
    return render_template("samples/protected.html", rows=rows, names=names, form=form if may_record else None)


@pages.post("/protected")
@may_draw
def record_protected() -> ResponseReturnValue:
    given = request.form
    try:
        if given.get("number"):
            protected.close(instance(), int(given["number"]), outcome=given.get("outcome", ""), viewer=viewer())
        else:
            protected.record(instance(), unit=given.get("unit", ""), text=given.get("text", ""), viewer=viewer())
    except (protected.ReportRefused, ValueError):
        flash(gettext("请选择单位并写明情况。"), "error")
    else:
        flash(gettext("已登记。"), "ok")
    return redirect(url_for("samples.protected_reports"), 303)


def _index(form: SampleForm, status: int) -> tuple[str, int]:
    rows = sampling.list_samples(instance(), viewer=viewer())
    shown = form if can(viewer(), Action.ASSESS) else None
    return render_template("samples/index.html", rows=rows, form=shown), status
