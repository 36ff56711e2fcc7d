"""Batches: where each stored row came from, and taking a whole file back."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from imports.answer import CheckAnswer
from pipeline import importing
from pipeline.importing import upload_jobs, uploads
from records.access import Action, can
from records.queries import batches
from records.queries.batches import BatchRow
from records.vocabulary import FIELDS_BY_KIND, Kind
from web.forms.batches import WithdrawForm
from web.forms.uploads import KIND_NAMES, RepairForm
from web.languages import language
from web.session import for_action, instance, viewer
from web.shown.uploads import HOW, decisions, problem_row
from web.words.batch_conflicts import conflict_sentence
from web.words.codes import field_label

pages = Blueprint("batches", __name__, url_prefix="/batches")
may_see = for_action(Action.SEE_BATCHES)
may_change = for_action(Action.IMPORT)
STATE_NAMES = {
    "checked": lazy_gettext("待确认"),
    "refused": lazy_gettext("需要修改"),
    "accepted": lazy_gettext("已入库"),
    "withdrawn": lazy_gettext("已撤回"),
    "discarded": lazy_gettext("已放弃"),
}
NAMES = {kind.value: name for kind, name in KIND_NAMES.items()}


@pages.get("")
@may_see
def index() -> ResponseReturnValue:
    with instance().session() as session:
        found = batches.list_batches(session, viewer=viewer(), states=("accepted", "withdrawn"))
    return render_template(
        "batches/index.html",
        batches=found,
        kind_names=NAMES,
        state_names=STATE_NAMES,
        can_upload=can(viewer(), Action.IMPORT),
    )


@pages.get("/<int:number>")
@may_see
def show(number: int) -> ResponseReturnValue:
    return _show(number, WithdrawForm(), 200)


@pages.post("/<int:number>/withdraw")
@may_change
def withdraw(number: int) -> ResponseReturnValue:
    form = WithdrawForm()
    if not form.validate_on_submit():
        return _show(number, form, 400)
    try:
        importing.withdraw(instance(), number, viewer().sign_in, form.why.data or "")
    except importing.BatchConflict as conflict:
        flash(conflict_sentence(conflict), "error")
    else:
        flash(gettext("批次 %(number)s 已撤回，数字已恢复到导入之前。", number=number), "ok")
    return redirect(url_for("batches.show", number=number), 303)


@pages.post("/<int:number>/restore")
@may_change
def restore(number: int) -> ResponseReturnValue:
    try:
        importing.restore(instance(), number, viewer().sign_in)
    except importing.BatchConflict as conflict:
        flash(conflict_sentence(conflict), "error")
    else:
        flash(gettext("批次 %(number)s 已恢复。", number=number), "ok")
    return redirect(url_for("batches.show", number=number), 303)


@pages.post("/<int:number>/rest")
@may_change
def rest(number: int) -> ResponseReturnValue:
    form = RepairForm()
    if not form.validate_on_submit():
        abort(400)
    try:
        kind, options = importing.options_completing(instance(), number)
    except importing.BatchConflict as conflict:
        flash(conflict_sentence(conflict), "error")
        return redirect(url_for("batches.show", number=number), 303)
    file = form.repaired.data
    upload = uploads.store(
        instance(), stream=file.stream, name=file.filename or "", kind=kind, options=options, by=viewer().sign_in,
        language=language(),
    )  # fmt: skip
    upload_jobs.start_check(instance(), upload.id)
    return redirect(url_for("uploads.check", upload_id=upload.id), 303)


def _show(number: int, form: WithdrawForm, status: int) -> tuple[str, int]:
    with instance().session() as session:
        batch = batches.one(session, viewer=viewer(), number=number)
        found = batches.answer_of(session, viewer=viewer(), number=number)
        options = batches.options_of(session, viewer=viewer(), number=number)
    if batch is None:
        abort(404)
    fields = FIELDS_BY_KIND.get(Kind(batch.kind), {})
    answer = CheckAnswer.from_json(found) if found else None
    page = render_template(
        "batches/show.html",
        batch=batch,
        answer=answer,
        problems=[problem_row(problem, fields) for problem in answer.problems] if answer else [],
        decisions=decisions(options, fields),
        form=form,
        kind_names=NAMES,
        state_names=STATE_NAMES,
        how_names=HOW,
        field_names={name: field_label(field) for name, field in fields.items()},
        can_change=can(viewer(), Action.IMPORT),
        has_rest=importing.has_refused_rows(instance(), number),
        records_link=_records_link(batch),
    )
    return page, status


def _records_link(batch: BatchRow) -> str | None:
    """The list of cases of the days of an accepted batch of cases, for those who may see cases."""
    is_of_cases = batch.kind == Kind.RESPONSES and batch.state == "accepted" and can(viewer(), Action.SEE_CASES)
    if not is_of_cases or batch.first_at is None or batch.last_at is None:
        return None
    return url_for("records.index", since=batch.first_at.date().isoformat(), until=batch.last_at.date().isoformat())
