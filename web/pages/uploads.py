"""Uploads: a file comes in, is checked, and becomes records only when it is confirmed. Three addresses, three steps."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from imports.options import ImportOptions
from imports.template import write_template
from pipeline import importing
from pipeline.house import directory, jobs
from pipeline.importing import upload_jobs, uploads
from records.access import Action
from records.vocabulary import Kind
from web.forms.choices import choices
from web.forms.uploads import ACCEPTED, KIND_NAMES, LayoutForm, RemapForm, RepairForm, UploadForm
from web.languages import in_language, language
from web.session import for_action, instance, viewer
from web.shown.upload_changes import confirm_page
from web.shown.upload_rows import rows_page
from web.shown.uploads import changed_options, check_page, chosen_units, is_recognised, layout_told
from web.words.batch_conflicts import conflict_sentence, failure_sentence

pages = Blueprint("uploads", __name__, url_prefix="/uploads")
may_upload = for_action(Action.IMPORT)
STATE_NAMES = {
    "stored": lazy_gettext("等待校验"),
    "checking": lazy_gettext("正在校验"),
    "checked": lazy_gettext("校验完成"),
    "refused": lazy_gettext("需要修改"),
    "failed": lazy_gettext("未完成"),
}
STAGE_NAMES = {
    "opening": lazy_gettext("正在打开文件"),
    "reading": lazy_gettext("正在逐行核对"),
    "writing": lazy_gettext("正在整理结果"),
    "comparing": lazy_gettext("正在与已有数据比对"),
}


@pages.errorhandler(uploads.UploadMissing)
def missing(_error: uploads.UploadMissing) -> ResponseReturnValue:
    return render_template("uploads/missing.html"), 404


@pages.get("")
@may_upload
def index() -> ResponseReturnValue:
    """`?kind=` chooses what the file holds, where it is one of the kinds."""
    form = UploadForm()
    if (kind := request.args.get("kind")) in tuple(Kind):
        form.kind.data = kind
    return _index(form, 200)


@pages.post("")
@may_upload
def create() -> ResponseReturnValue:
    form = _with_layouts(UploadForm())
    if not form.validate_on_submit():
        return _index(form, 400)
    upload = uploads.store(
        instance(),
        stream=form.file.data.stream,
        name=form.file.data.filename or "",
        kind=Kind(form.kind.data),
        options=_options(form),
        by=viewer().sign_in,
        language=language(),
    )
    upload_jobs.start_check(instance(), upload.id)
    return redirect(url_for("uploads.check", upload_id=upload.id, then="confirm"), 303)


@pages.get("/template/<kind>.xlsx")
@may_upload
def template(kind: str) -> ResponseReturnValue:
    if kind not in tuple(Kind):
        abort(404)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        write_template(path, Kind(kind), language(), importing.current_units(instance()))
        content = io.BytesIO(path.read_bytes())
    name = gettext("填报模板_%(kind)s", kind=KIND_NAMES[Kind(kind)])
    return send_file(content, as_attachment=True, download_name=f"{name}.xlsx")


@pages.get("/<upload_id>/check")
@may_upload
def check(upload_id: str) -> ResponseReturnValue:
    upload = uploads.load(instance(), upload_id)
    if upload.check_answer is None or upload.is_waiting or upload.state == "failed":
        return render_template("uploads/running.html", **_of(upload))
    if request.args.get("then") == "confirm" and is_recognised(upload.check_answer):
        return redirect(url_for("uploads.confirm", upload_id=upload_id), 303)
    form = RemapForm(data=upload.options, formdata=None)
    return render_template("uploads/check.html", form=form, **check_page(instance(), upload), **_of(upload))


@pages.post("/<upload_id>/check")
@may_upload
def remap(upload_id: str) -> ResponseReturnValue:
    upload = uploads.load(instance(), upload_id)
    form = RemapForm()
    if upload.check_answer is None:
        abort(400)
    if not form.validate_on_submit():
        for message in (message for field in form for message in field.errors):
            flash(message, "error")
        return redirect(url_for("uploads.check", upload_id=upload_id), 303)
    try:
        directory.name_units_of_file(instance(), viewer(), chosen_units(request.form))
    except importing.UnitRowsError:
        flash(gettext("有单位名称已经是另一个单位的名称，未记下；请在单位目录中核对。"), "error")
        return redirect(url_for("uploads.check", upload_id=upload_id), 303)
    changes = changed_options(upload, request.form)
    upload = uploads.change_options(instance(), upload_id, **form.options(), **changes)
    upload_jobs.start_check(instance(), upload_id)
    return redirect(url_for("uploads.check", upload_id=upload_id), 303)


@pages.post("/<upload_id>/layout")
@may_upload
def save_layout(upload_id: str) -> ResponseReturnValue:
    upload = uploads.load(instance(), upload_id)
    answer, form = upload.check_answer, LayoutForm()
    if answer is None or upload.is_waiting:
        abort(409)
    if form.validate_on_submit():
        try:
            options = uploads.options_of(upload)
            importing.save_layout(instance(), form.layout_name.data or "", answer, options, by=viewer().sign_in)
            flash(gettext("已保存模板“%(name)s”：同样表头的文件下次自动识别。", name=form.layout_name.data), "ok")
        except importing.LayoutNameError:
            flash(gettext("模板名只能用文字、数字、- 和 _，并且不能与系统自带的模板同名。"), "error")
    else:
        flash(gettext("请填写模板名。"), "error")
    return redirect(url_for("uploads.check", upload_id=upload_id), 303)


@pages.post("/<upload_id>/again")
@may_upload
def again(upload_id: str) -> ResponseReturnValue:
    uploads.change_options(instance(), upload_id)
    upload_jobs.start_check(instance(), upload_id)
    return redirect(url_for("uploads.check", upload_id=upload_id), 303)


@pages.post("/<upload_id>/repair")
@may_upload
def repair(upload_id: str) -> ResponseReturnValue:
    form = RepairForm()
    upload = uploads.load(instance(), upload_id)
    if upload.check_answer is None or upload.is_waiting:
        abort(409)
    if not form.validate_on_submit():
        abort(400)
    uploads.repair(instance(), upload_id, form.repaired.data.stream)
    upload_jobs.start_check(instance(), upload_id)
    return redirect(url_for("uploads.check", upload_id=upload_id), 303)


@pages.get("/<upload_id>/progress")
@may_upload
def progress(upload_id: str) -> ResponseReturnValue:
    return render_template("uploads/_progress.html", **_of(uploads.load(instance(), upload_id)))


@pages.get("/<upload_id>/errors.xlsx")
@may_upload
def errors(upload_id: str) -> ResponseReturnValue:
    path = uploads.errors_path(instance(), uploads.load(instance(), upload_id).id)
    if not path.exists():
        abort(404)
    return send_file(path, as_attachment=True, download_name=gettext("需要修改的行") + ".xlsx")


@pages.get("/<upload_id>/rows")
@may_upload
def rows(upload_id: str) -> ResponseReturnValue:
    upload = uploads.load(instance(), upload_id)
    return render_template("uploads/rows.html", **rows_page(instance(), upload), **_of(upload))


@pages.get("/<upload_id>/confirm")
@may_upload
def confirm(upload_id: str) -> ResponseReturnValue:
    upload = uploads.load(instance(), upload_id)
    if upload.state != "checked":
        return redirect(url_for("uploads.check", upload_id=upload_id), 303)
    page = confirm_page(instance(), upload)
    return render_template("uploads/confirm.html", answer=upload.check_answer, **page, **_of(upload))


@pages.post("/<upload_id>/confirm")
@may_upload
def accept(upload_id: str) -> ResponseReturnValue:
    upload = uploads.load(instance(), upload_id)
    if upload.state != "checked":
        abort(409)
    if not upload.is_small:
        job = upload_jobs.queue_confirm(instance(), upload_id, viewer().sign_in)
        return redirect(url_for("uploads.confirming", upload_id=upload_id, job=job), 303)
    try:
        answer = uploads.confirm(instance(), upload_id, viewer().sign_in)
    except importing.BatchConflict as conflict:
        uploads.mark_failed(instance(), upload_id, conflict_sentence(conflict))
        return redirect(url_for("uploads.check", upload_id=upload_id), 303)
    return redirect(url_for("batches.show", number=answer.batch), 303)


@pages.get("/<upload_id>/confirm/<job>")
@may_upload
def confirming(upload_id: str, job: str) -> ResponseReturnValue:
    told = _confirmation(job)
    if told.state == "done":
        return redirect(url_for("batches.show", number=told.answer["batch"]), 303)
    if told.is_over:
        sentence = failure_sentence(told, jobs.failure(instance(), job))
        uploads.mark_failed(instance(), upload_id, sentence)
        return redirect(url_for("uploads.check", upload_id=upload_id), 303)
    return render_template("uploads/confirming.html", upload_id=upload_id, job=told)


@pages.get("/<upload_id>/confirm/<job>/progress")
@may_upload
def confirm_progress(upload_id: str, job: str) -> ResponseReturnValue:
    return render_template("uploads/_confirming.html", upload_id=upload_id, job=_confirmation(job))


@pages.post("/<upload_id>/cancel")
@may_upload
def cancel(upload_id: str) -> ResponseReturnValue:
    uploads.cancel(instance(), upload_id)
    return redirect(url_for("uploads.index"), 303)


def _confirmation(job: str) -> jobs.JobProgress:
    try:
        told = jobs.progress(instance(), job)
    except jobs.JobMissing:
        abort(404)
    if told.kind != "confirm_upload":
        abort(404)
    return told


def _index(form: UploadForm, status: int) -> tuple[str, int]:
    limit = current_app.config["MAX_CONTENT_LENGTH"] or 0
    page = render_template(
        "uploads/index.html",
        form=_with_layouts(form),
        accept=",".join(ACCEPTED),
        limit_mb=limit >> 20,
        uploads=uploads.list_uploads(instance()),
        kind_names=KIND_NAMES,
        state_names=STATE_NAMES,
    )
    return page, status


def _with_layouts(form: UploadForm) -> UploadForm:
    layouts = importing.all_layouts(instance())
    found = [(layout["id"], in_language((layout["zh"], layout["en"]))) for layout in layouts]
    form.layout.choices = choices([("", gettext("自动识别")), *found])
    return form


def _options(form: UploadForm) -> ImportOptions:
    exported_at = form.exported_at.data
    return ImportOptions(
        sheet=form.sheet.data or None,
        layout=form.layout.data or None,
        exported_at=exported_at.isoformat() if exported_at else None,
        period=form.period.data or None,
        declared_rows=form.declared_rows.data,
        declared_totals=form.declared_totals.data or None,
        create_units=form.create_units.data,
        partial=form.partial.data,
    )


def _of(upload: uploads.Upload) -> dict[str, Any]:
    upload, progress = upload_jobs.follow(instance(), upload.id)
    return {"upload": upload, "progress": progress, "kind_names": KIND_NAMES, "state_names": STATE_NAMES,
            "stage_names": STAGE_NAMES, "layout_told": layout_told(upload.check_answer)}  # fmt: skip
