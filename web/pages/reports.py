"""Reports: order one, watch it being made, take it home."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from pipeline.judgement.scheme_store import list_schemes
from pipeline.paper import report_jobs
from pipeline.paper.reporting import FOR_ONE_UNIT, FORMATS, kinds_for
from records.access import Action, can, unit_filter
from records.queries import assessments, units
from records.queries.assessments import AssessmentRow
from reports import numbers
from web.forms.choices import choices
from web.forms.reports import FORMAT_NAMES, KIND_NAMES, ReportForm
from web.languages import in_language, language
from web.session import for_action, instance, viewer

pages = Blueprint("reports", __name__, url_prefix="/reports")
may_order = for_action(Action.MAKE_REPORTS)
STATE_NAMES = {
    "queued": lazy_gettext("排队中"),
    "running": lazy_gettext("正在制作"),
    "done": lazy_gettext("已完成"),
    "failed": lazy_gettext("没有完成"),
    "cancelled": lazy_gettext("已取消"),
}


@pages.get("")
@may_order
def index() -> ResponseReturnValue:
    return _index(_with_choices(ReportForm(formdata=None, data=_wanted())), 200)


@pages.post("")
@may_order
def create() -> ResponseReturnValue:
    form = _with_choices(ReportForm())
    if not form.validate_on_submit():
        return _index(form, 400)
    job = report_jobs.order(
        instance(),
        viewer=viewer(),
        number=form.assessment.data,
        kind=form.kind.data,
        format=form.format.data,
        unit=form.unit.data or None if form.kind.data in FOR_ONE_UNIT else None,
        language=form.language.data,
    )
    return redirect(url_for("reports.show", job=job), 303)


@pages.get("/<job>")
@may_order
def show(job: str) -> ResponseReturnValue:
    return render_template("reports/show.html", report=_described(_one(job)), state_names=STATE_NAMES)


@pages.get("/<job>/progress")
@may_order
def progress(job: str) -> ResponseReturnValue:
    return render_template("reports/_progress.html", report=_described(_one(job)), state_names=STATE_NAMES)


@pages.get("/<job>/file")
@may_order
def download(job: str) -> ResponseReturnValue:
    report = _one(job)
    if report.path is None:
        abort(404)
    return send_file(report.path, as_attachment=True, download_name=_described(report)["file_name"])


def _one(job: str) -> report_jobs.OrderedReport:
    report = report_jobs.one_report(instance(), viewer=viewer(), job=job)
    if report is None:
        abort(404)
    return report


def _described(report: report_jobs.OrderedReport) -> dict[str, Any]:
    """The report with its name; that of a ready one is in the language of the document."""
    kind = str(KIND_NAMES.get(report.kind, report.kind))
    title = gettext("评价 %(number)s %(kind)s", number=report.number, kind=kind)
    if report.unit:
        title = f"{title} {report.unit}"
    name = report.name or f"{title}.{report.ending}".replace(" ", "-")
    states = {"is_ready": report.is_ready, "is_over": report.is_over, "error": report.error, "state": report.state,
              "done": report.done, "total": report.total}  # fmt: skip
    return {"job": report.job, "title": title, "file_name": name, "made_at": report.made_at, **states}


def _wanted() -> dict[str, Any]:
    kind = request.args.get("kind", "annual")
    return {
        "assessment": request.args.get("assessment", type=int),
        "kind": kind,
        "format": request.args.get("format") or FORMATS.get(kind, ("docx",))[0],
        "unit": request.args.get("unit", ""),
        "language": language(),
    }


def _with_choices(form: ReportForm) -> ReportForm:
    with instance().session() as session:
        found = assessments.list_assessments(session, viewer=viewer())
        titles = {(s.id, s.version): in_language(s.title) for s in list_schemes(instance())}
        directory = units.list_units(session, viewer=viewer())
    allowed = unit_filter(viewer(), Action.MAKE_REPORTS)
    shown = [unit for unit in directory if allowed is None or unit.code in allowed]
    form.assessment.choices = choices((entry.number, _assessment_name(entry, titles)) for entry in found)
    kinds = kinds_for(viewer())
    form.kind.choices = choices((kind, KIND_NAMES[kind]) for kind in kinds)
    formats = {format for kind in kinds for format in FORMATS[kind]}
    form.format.choices = choices((format, name) for format, name in FORMAT_NAMES.items() if format in formats)
    every = [("", gettext("（全部）"))] if allowed is None else []
    form.unit.choices = choices([*every, *((unit.code, unit.name) for unit in shown)])
    return form


def _assessment_name(entry: AssessmentRow, titles: Mapping[tuple[str, str], str]) -> str:
    period = numbers.period(entry.period, language())
    scheme = titles.get((entry.scheme_id, entry.scheme_version), entry.scheme_id)
    return gettext("评价 %(number)s：%(period)s %(scheme)s", number=entry.number, period=period, scheme=scheme)


def _index(form: ReportForm, status: int) -> tuple[str, int]:
    made = [_described(report) for report in report_jobs.list_reports(instance(), viewer=viewer())]
    return render_template("reports/index.html", form=form, made=made, state_names=STATE_NAMES,
                           may_write=can(viewer(), Action.ASSESS)), status  # fmt: skip
