"""Drafts of schemes: weights, methods and targets in a form, the text itself, differences, a trial, publication."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from evaluation.rules.catalogue import UnknownScheme
from pipeline.judgement import scheme_drafts, scheme_trials
from pipeline.judgement.scheme_drafts import Draft, DraftRefused
from pipeline.judgement.scheme_store import list_schemes
from records.access import Action
from web.forms.choices import choices
from web.forms.drafts import RevisionForm, StartForm, TextForm
from web.languages import in_language, language
from web.session import for_action, instance, viewer
from web.shown import draft_entries, drafts
from web.shown.draft_words import TABLES, place_words
from web.shown.schemes import METHOD_NAMES

pages = Blueprint("drafts", __name__, url_prefix="/drafts")
may_edit = for_action(Action.EDIT_SCHEMES)
STEPS: dict[str, Callable[..., Any]] = {
    "propose": scheme_drafts.propose,
    "give_back": scheme_drafts.give_back,
    "drop": scheme_drafts.drop,
}


@pages.get("")
@may_edit
def index() -> ResponseReturnValue:
    return _index(_with_schemes(StartForm(formdata=None, based_on=request.args.get("based_on"))), 200)


@pages.post("")
@may_edit
def create() -> ResponseReturnValue:
    form = _with_schemes(StartForm())
    if not form.validate_on_submit():
        return _index(form, 400)
    try:
        made = scheme_drafts.start(instance(), viewer(), form.based_on.data, (form.version.data or "").strip())
    except DraftRefused as refused:
        form.form_errors.append(str(drafts.REFUSALS[refused.code]))
        return _index(form, 400)
    except UnknownScheme:
        abort(404)
    return redirect(url_for("drafts.show", number=made.id), 303)


@pages.get("/<int:number>")
@may_edit
def show(number: int) -> ResponseReturnValue:
    return _show(_draft(number), 200)


@pages.post("/<int:number>")
@may_edit
def save(number: int) -> ResponseReturnValue:
    draft, form = _draft(number), RevisionForm()
    document = draft.document
    if not form.validate_on_submit() or document is None:
        abort(400)
    typed = request.form.to_dict()
    changed, wrong = drafts.read(document, typed)
    if wrong:
        return _show(draft, 400, typed=typed, wrong=wrong)
    try:
        draft = scheme_drafts.change(instance(), viewer(), number, changed, revision=form.revision.data)
    except DraftRefused as refused:
        return _show(_draft(number), 409, typed=typed, wrong={"": str(drafts.REFUSALS[refused.code])})
    flash(gettext("草案已保存。") if changed else gettext("没有改动。"), "ok")
    return redirect(url_for("drafts.show", number=number), 303)


@pages.get("/<int:number>/entries")
@may_edit
def entries(number: int) -> ResponseReturnValue:
    return _entries(_draft(number), 200)


@pages.post("/<int:number>/entries/<table>")
@may_edit
def save_entry(number: int, table: str) -> ResponseReturnValue:
    draft, form = _draft(number), RevisionForm()
    if table not in TABLES or not form.validate_on_submit():
        abort(400)
    typed, revision = request.form.to_dict(), form.revision.data or 0
    place = int(typed["place"]) if typed.get("place", "").isdecimal() else None
    values, wrong = draft_entries.read_entry(table, typed)
    is_removed = typed.get("to") == "remove" and place is not None
    if wrong and not is_removed:
        return _entries(draft, 400, table=table, typed=typed, wrong=wrong)
    try:
        if is_removed and place is not None:
            draft = scheme_drafts.remove_entry(instance(), viewer(), number, table, place, revision=revision)
        else:
            draft = scheme_drafts.put_entry(instance(), viewer(), number, table, place, values, revision=revision)
    except DraftRefused as refused:
        refusal = {"": str(drafts.REFUSALS[refused.code])}
        return _entries(_draft(number), 409, table=table, typed=typed, wrong=refusal)
    except LookupError:
        abort(404)
    flash(gettext("草案已保存。"), "ok")
    return redirect(url_for("drafts.entries", number=number, _anchor=f"t-{table}"), 303)


@pages.post("/<int:number>/rules")
@may_edit
def save_rules(number: int) -> ResponseReturnValue:
    draft, form = _draft(number), RevisionForm()
    document = draft.document
    if document is None or not form.validate_on_submit():
        abort(400)
    columns = {key: request.form.getlist(f"grade.{key}") for key in ("grade", "points", "zh", "en", "quota")}
    if len({len(cells) for cells in columns.values()}) != 1:
        abort(400)
    lines = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    typed = request.form.to_dict()
    changed, wrong = draft_entries.read_rules(document, typed, lines)
    if wrong:
        return _entries(draft, 400, table="rules", typed=typed, wrong=wrong)
    try:
        scheme_drafts.change(instance(), viewer(), number, changed, revision=form.revision.data or 0)
    except DraftRefused as refused:
        refusal = {"": str(drafts.REFUSALS[refused.code])}
        return _entries(_draft(number), 409, table="rules", typed=typed, wrong=refusal)
    flash(gettext("草案已保存。") if changed else gettext("没有改动。"), "ok")
    return redirect(url_for("drafts.entries", number=number, _anchor="t-rules"), 303)


@pages.get("/<int:number>/text")
@may_edit
def text(number: int) -> ResponseReturnValue:
    draft = _draft(number)
    return _text(draft, TextForm(formdata=None, text=draft.text, revision=draft.revision), 200)


@pages.post("/<int:number>/text")
@may_edit
def save_text(number: int) -> ResponseReturnValue:
    form = TextForm()
    if not form.validate_on_submit():
        return _text(_draft(number), form, 400)
    try:
        draft = scheme_drafts.rewrite(
            instance(), viewer(), number, form.text.data or "", revision=form.revision.data or 0
        )
    except DraftRefused as refused:
        form.form_errors.append(str(drafts.REFUSALS[refused.code]))
        return _text(_draft(number), form, 409)
    flash(gettext("草案已保存。"), "ok")
    return redirect(url_for("drafts.text" if draft.faults else "drafts.show", number=number), 303)


@pages.get("/<int:number>/changes")
@may_edit
def changes(number: int) -> ResponseReturnValue:
    draft = _draft(number)
    return render_template(
        "drafts/changes.html",
        draft=draft,
        changes=scheme_drafts.compare(instance(), number),
        plain=drafts.plain,
        named=lambda path: place_words(path, draft.document or {}),
    )


@pages.get("/<int:number>/simulate")
@may_edit
def simulate(number: int) -> ResponseReturnValue:
    return _trial("drafts/simulate.html", number)


@pages.post("/<int:number>/simulate")
@may_edit
def start_trial(number: int) -> ResponseReturnValue:
    _draft(number)
    try:
        scheme_trials.start(instance(), viewer(), number)
    except DraftRefused as refused:
        flash(str(drafts.REFUSALS[refused.code]), "error")
    return redirect(url_for("drafts.simulate", number=number), 303)


@pages.get("/<int:number>/simulate/progress")
@may_edit
def trial_progress(number: int) -> ResponseReturnValue:
    return _trial("drafts/_trial.html", number)


@pages.post("/<int:number>/step")
@may_edit
def step(number: int) -> ResponseReturnValue:
    to = request.form.get("to", "")
    try:
        if to == "publish":
            scheme = scheme_drafts.publish(instance(), viewer(), number)
            flash(gettext("方案 %(name)s 已发布。", name=f"{scheme.id}@{scheme.version}"), "ok")
            return redirect(url_for("schemes.show", scheme_id=scheme.id), 303)
        if to not in STEPS:
            abort(400)
        STEPS[to](instance(), viewer(), number)
    except DraftRefused as refused:
        flash(str(drafts.REFUSALS[refused.code]), "error")
    except LookupError:
        abort(404)
    else:
        flash(gettext("草案状态已更新。"), "ok")
    return redirect(url_for("drafts.show", number=number), 303)


def _trial(template: str, number: int) -> str:
    """The newest trial of a draft, with the units as far as the reader may know them."""
    draft, job = _draft(number), scheme_trials.newest(instance(), number)
    answer = job.answer if job is not None and job.state == "done" else None
    trial = scheme_trials.told(instance(), viewer(), number, answer) if answer else None
    titles = (draft.document or {}).get("grades", {}).get("titles", {})
    return render_template(
        template,
        draft=draft,
        job=job,
        trial=trial,
        told=trial.units if trial else [],
        changed_grades=sum(row["grades"] != row["grades_before"] for row in trial.units if not row["is_hidden"])
        if trial
        else 0,
        grades=lambda codes: "／".join(in_language(titles.get(code, {})) or code for code in codes) or "—",
    )


def _draft(number: int) -> Draft:
    try:
        return scheme_drafts.get(instance(), number)
    except LookupError:
        abort(404)


def _show(
    draft: Draft, status: int, *, typed: dict[str, str] | None = None, wrong: dict[str, str] | None = None
) -> tuple[str, int]:
    document = draft.document
    page = render_template(
        "drafts/show.html",
        draft=draft,
        sheet=drafts.sheet(document, typed) if document else None,
        faults=drafts.faults(draft.text, draft.faults, language()),
        wrong=wrong or {},
        form=RevisionForm(formdata=None, revision=draft.revision),
        methods=METHOD_NAMES,
        directions=drafts.DIRECTIONS,
        proof=drafts.PROOF,
        states=drafts.STATE_NAMES,
    )
    return page, status


def _entries(
    draft: Draft,
    status: int,
    *,
    table: str = "",
    typed: dict[str, str] | None = None,
    wrong: dict[str, str] | None = None,
) -> tuple[str, int]:
    document = draft.document
    shown = {
        name: draft_entries.entries(document, name, typed if name == table else None) if document else []
        for name in TABLES
    }
    page = render_template(
        "drafts/entries.html",
        draft=draft,
        tables=TABLES,
        shown=shown,
        rules=draft_entries.rules(document, typed if table == "rules" else None) if document else [],
        grades=draft_entries.grades(document) if document else [],
        codes=draft_entries.metric_codes(),
        faults=drafts.faults(draft.text, draft.faults, language()),
        wrong=wrong or {},
        opened=(table, (typed or {}).get("place", "")),
        form=RevisionForm(formdata=None, revision=draft.revision),
    )
    return page, status


def _text(draft: Draft, form: TextForm, status: int) -> tuple[str, int]:
    faults = drafts.faults(draft.text, draft.faults, language())
    return render_template("drafts/text.html", draft=draft, form=form, faults=faults), status


def _index(form: StartForm, status: int) -> tuple[str, int]:
    found = scheme_drafts.list_drafts(instance())
    return render_template("drafts/index.html", drafts=found, form=form, states=drafts.STATE_NAMES), status


def _with_schemes(form: StartForm) -> StartForm:
    found = list_schemes(instance())
    names = [(f"{scheme.id}@{scheme.version}", scheme) for scheme in found]
    form.based_on.choices = choices((name, f"{in_language(scheme.title)}（{name}）") for name, scheme in names)
    return form
