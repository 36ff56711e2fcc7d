"""Records, masked, and reports."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Response, send_file

from pipeline.numbers.plain import plain
from pipeline.paper import report_jobs
from pipeline.paper.reporting import FORMATS, check_request
from pipeline.views.parcel import Parcel, parcel
from records.access import Action
from records.queries import cases
from web.api.operations import FILE, Parameter, Table, in_path
from web.api.problems import ApiError
from web.api.schema import Unfit, body, one_of, schema_of, text, whole
from web.session import instance, viewer

DAY = text("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", longest=10)
JOB = in_path("job", "Id of the report's job.", text("^[0-9a-f]{32}$"))
ORDERED = {
    "type": "object",
    "properties": {
        "job": {"type": "string"},
        "number": {"type": "integer"},
        "kind": {"type": "string"},
        "format": {"type": "string"},
        "unit": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "state": {"type": "string"},
        "is_ready": {"type": "boolean"},
        "error": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    },
    "required": ["job", "number", "kind", "format", "state", "is_ready"],
}
rowing = Table()
add = rowing.add


@add(
    "GET", "/records", "The newest observation of the cases that fit, masked, with the fields this token may see.",
    action=Action.SEE_CASES,
    answer={"type": "object", "properties": {"total": {"type": "integer"}, "rows": {"type": "array"}},
            "required": ["total", "rows"]},
    parameters=(
        Parameter("unit", text(longest=64), "Code of the unit."),
        Parameter("since", DAY, "Received on this day or later."),
        Parameter("until", DAY, "Received on this day or before."),
        Parameter("channel", text("^[a-z0-9_]+$", longest=40), "Code of the channel."),
        Parameter("state", text("^[a-z0-9_]+$", longest=40), "Code of the state."),
        Parameter("case_no", text(longest=100), "The beginning of the number."),
        Parameter("limit", whole(1, 500), "At most so many; 50 without."),
        Parameter("offset", whole(0, 10**9), "Leave out so many."),
    ),
)  # fmt: skip
def list_records(*, limit: int = 50, offset: int = 0, **wanted: str) -> cases.CasePage:
    since, until = (_day(wanted.pop(name, None), name) for name in ("since", "until"))
    chosen = cases.CaseFilter(since=since, until=until + timedelta(days=1) if until else None, **wanted)
    with instance().session() as session:
        return cases.page(instance(), session, viewer=viewer(), wanted=chosen, offset=offset, limit=limit)


@add(
    "GET", "/records/{register}/{case_no}", "One case: events, clocks, observations. A read of ratings is logged.",
    action=Action.SEE_CASES, answer=schema_of(Parcel),
    parameters=(in_path("register", "Register of the number."), in_path("case_no", "Number of the case.")),
)  # fmt: skip
def show_record(*, register: str, case_no: str) -> Parcel:
    found = parcel(instance(), viewer=viewer(), register=register, case_no=case_no)
    if found is None:
        raise ApiError(404)
    return found


@add(
    "POST", "/reports", "Order a report; it is made in the background.",
    action=Action.MAKE_REPORTS, answer=ORDERED, status=202, errors=(404,),
    body=body(
        ("assessment", "kind", "format"), assessment=whole(1, 2**31 - 1), kind=one_of(*FORMATS),
        format=one_of(*sorted({form for forms in FORMATS.values() for form in forms})),
        unit=text("^[^/]*$", longest=64), language=one_of("zh", "en"),
    ),
)  # fmt: skip
def create_report(*, body: dict[str, Any]) -> dict[str, Any]:
    kind, form, unit = body["kind"], body["format"], body.get("unit")
    check_request(kind, form, unit=unit, is_for_all=False)
    job = report_jobs.order(
        instance(),
        viewer=viewer(),
        number=body["assessment"],
        kind=kind,
        format=form,
        unit=unit,
        language=body.get("language", "zh"),
    )
    return show_report(job=job)


@add(
    "GET", "/reports/{job}", "How far a report is.",
    action=Action.MAKE_REPORTS, answer=ORDERED, parameters=(JOB,),
)  # fmt: skip
def show_report(*, job: str) -> dict[str, Any]:
    report = _report(job)
    told = plain(report)
    told.pop("path")
    return {**told, "is_ready": report.is_ready}


@add(
    "GET", "/reports/{job}/file", "The document of a report that is ready.",
    action=Action.MAKE_REPORTS, answer={"type": "string", "format": "binary"}, answer_type=FILE, parameters=(JOB,),
    errors=(409,),
)  # fmt: skip
def download_report(*, job: str) -> Response:
    report = _report(job)
    if report.path is None:
        raise ApiError(409, "the report is not ready")
    unit = f"-{report.unit}" if report.unit else ""
    name = f"wenxiao-{report.number}-{report.kind}{unit}.{report.format}"
    return send_file(report.path, mimetype=FILE, as_attachment=True, download_name=name)


def _report(job: str) -> report_jobs.OrderedReport:
    report = report_jobs.one_report(instance(), viewer=viewer(), job=job)
    if report is None:
        raise ApiError(404)
    return report


def _day(given: str | None, name: str) -> datetime | None:
    if given is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(given), time())
    except ValueError as error:
        raise Unfit(f"{name} is no day of the calendar") from error
