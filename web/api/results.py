"""Numbers and judgement: units, metrics, assessments, scorecards, findings, schemes, jobs."""

from __future__ import annotations

from typing import Any

from pipeline.house import jobs
from pipeline.integrity.shown import for_reader
from pipeline.judgement import assessing
from pipeline.numbers import question, surges
from pipeline.numbers.protected_metrics import answered
from pipeline.numbers.small_cells import smallest_shown
from pipeline.paper import report_source
from pipeline.views import scorecards, shown
from records.access import Action
from records.queries import assessments, findings, job_notes, units
from records.queries.assessments import AssessmentRow
from records.queries.findings import FindingRow
from records.queries.units import UnitRow
from web.api.operations import Parameter, Table, in_path
from web.api.problems import ApiError
from web.api.schema import body, one_of, schema_of, text, whole
from web.session import instance, viewer

PERIOD = text(r"^(all|[0-9]{4}(H[12]|Q[1-4]|-[0-9]{2})?|[0-9-]{10}\.\.[0-9-]{10})(@[1-9][0-9]?)?$", longest=28)
PERIOD_FORMS = "2024, 2024H1, 2024Q3, 2024-03, 2024-02-19..2024-03-18 or all; 2024-03@19: months begin on the 19th."
PERIOD_PARAMETER = Parameter("period", PERIOD, PERIOD_FORMS, is_required=True)
# A name, never a path: a scheme or a standard is one that the office or the program holds.
NAME = text("^[A-Za-z0-9_.-]+(@[0-9A-Za-z.]+)?$", longest=100)
ASSESSMENT = in_path("number", "Number of the assessment.", whole(1, 2**31 - 1))
UNIT = in_path("unit", "Code of the unit.", text(longest=64))
JOB = {
    "type": "object",
    "properties": {"job": {"type": "string"}, "progress": schema_of(jobs.JobProgress)},
    "required": ["job", "progress"],
}
ROWS = {"type": "array", "items": {"type": "object"}}
ADVANCED = body((), number={"type": "integer"}, state={"type": "string"}, result_sha256={"type": "string"})
resulting = Table()
add = resulting.add


@add(
    "GET", "/units", "The unit directory.",
    action=Action.SEE_DIRECTORY,
    answer={"type": "object", "properties": {"units": {"type": "array", "items": schema_of(UnitRow)}}},
)  # fmt: skip
def list_units() -> dict[str, Any]:
    with instance().session() as session:
        return {"units": units.list_units(session, viewer=viewer())}


@add(
    "GET", "/metrics", "Metric values counted from the accepted batches now; as `wenxiao metrics --json`.",
    action=Action.SEE_METRICS,
    answer={"type": "object", "properties": {"period": {"type": "string"}, "rows": ROWS}, "required": ["rows"]},
    parameters=(
        PERIOD_PARAMETER,
        Parameter("by", one_of(*question.BY), "What the rows are split by; unit without."),
        Parameter("metric", {"type": "array", "items": NAME, "maxItems": 100}, "Codes; all without."),
        Parameter("unit", {"type": "array", "items": text(longest=64), "maxItems": 500}, "Codes; all without."),
        Parameter("scope", one_of("kept", "all"), "kept leaves excluded cases out."),
        Parameter("standard", NAME, "Limits to use instead of those of the file."),
        Parameter("start_day", whole(1, 28), "Day on which months begin where the period does not say it; 1 without."),
    ),
)  # fmt: skip
def list_metrics(
    *,
    period: str,
    by: str = "unit",
    metric: list[str] | None = None,
    unit: list[str] | None = None,
    scope: str = "kept",
    standard: str | None = None,
    start_day: int = 1,
) -> dict[str, Any]:
    return answered(
        instance(), smallest_shown(viewer()), period=period, by=tuple(by.split(",")), codes=metric, units=unit,
        scope=scope, standard=standard, start_day=start_day,
    ).to_json()  # fmt: skip


@add(
    "GET", "/assessments", "The assessments this token may see, the newest first.",
    action=Action.SEE_SCORECARD,
    answer={"type": "object", "properties": {"assessments": {"type": "array", "items": schema_of(AssessmentRow)}}},
    parameters=(Parameter("period", PERIOD, "Only one period."),),
)  # fmt: skip
def list_assessments(*, period: str | None = None) -> dict[str, Any]:
    with instance().session() as session:
        return {"assessments": assessments.list_assessments(session, viewer=viewer(), period=period)}


@add(
    "POST", "/assessments", "Ask for a draft; the job says its number when it is done.",
    action=Action.ASSESS, answer=JOB, status=202, errors=(404,),
    body=body(("scheme", "period"), scheme=NAME, period=PERIOD, seed=whole(0, 2**31 - 1), draws=whole(100, 20_000)),
)  # fmt: skip
def create_assessment(*, body: dict[str, Any]) -> dict[str, Any]:
    scheme = assessing.find_scheme(instance(), body["scheme"])
    wanted = {"period": body["period"], "seed": body.get("seed"), "draws": body.get("draws")}
    who = viewer().sign_in
    job = jobs.enqueue(instance(), "assess", by=who, person=who, scheme_id=f"{scheme.id}@{scheme.version}", **wanted)
    return {"job": job, "progress": jobs.progress(instance(), job)}


@add(
    "GET", "/assessments/{number}", "A frozen result with the units this token may see.",
    action=Action.SEE_SCORECARD,
    answer={"type": "object", "properties": {"number": {"type": "integer"}, "state": {"type": "string"},
                                             "result": {"type": "object"}}, "required": ["number", "state", "result"]},
    parameters=(ASSESSMENT,),
)  # fmt: skip
def show_assessment(*, number: int) -> dict[str, Any]:
    with instance().session() as session:
        entry = assessments.one(session, viewer=viewer(), number=number)
    result = report_source.shown_result(instance(), viewer(), number)
    if entry is None or result is None:
        raise ApiError(404)
    return {"number": number, "state": entry.state, "result_sha256": entry.result_sha256, "result": result.to_json()}


@add(
    "POST", "/assessments/{number}/advance", "Take an assessment one step on, or reopen it.",
    action=Action.ASSESS, answer=ADVANCED, parameters=(ASSESSMENT,), errors=(409,),
    body=body(("to",), to=one_of("review", "appeal", "final", "published", "reopen"), why=text(longest=1000)),
)  # fmt: skip
def advance_assessment(*, number: int, body: dict[str, Any]) -> dict[str, Any]:
    done = assessing.advance(instance(), number, body["to"], by=viewer().sign_in, why=body.get("why"))
    return {"number": done.number, "state": done.state, "result_sha256": done.result_sha256}


@add(
    "GET", "/assessments/{number}/units/{unit}", "The scorecard of a unit in an assessment, as its page shows it.",
    action=Action.SEE_SCORECARD, answer=schema_of(scorecards.Scorecard), parameters=(ASSESSMENT, UNIT),
)  # fmt: skip
def show_scorecard(*, number: int, unit: str) -> scorecards.Scorecard:
    show_assessment(number=number)
    return scorecards.scorecard(shown.prepared(instance(), viewer(), number=number, unit=unit), unit)


@add(
    "GET", "/findings", "Findings of a period kept for review. Without effect on any score until confirmed.",
    action=Action.SEE_FINDINGS,
    answer={"type": "object", "properties": {"findings": {"type": "array", "items": schema_of(FindingRow)}}},
    parameters=(PERIOD_PARAMETER, Parameter("detector", text("^D[0-9]{2}$"), "Only one detector, as D08.")),
)  # fmt: skip
def list_findings(*, period: str, detector: str | None = None) -> dict[str, Any]:
    with instance().session() as session:
        rows = findings.list_findings(session, viewer=viewer(), period=period, detector=detector)
    return {"findings": [for_reader(row, viewer()) for row in rows]}


@add(
    "GET", "/surges", "Topics that grew beyond the same weeks of other years and the weeks before. Counts only.",
    action=Action.SEE_CASES, answer=schema_of(surges.Notices),
    parameters=(Parameter("period", PERIOD, "Complete weeks of a period; the last four before the cut-off without."),),
)  # fmt: skip
def list_surges(*, period: str | None = None) -> surges.Notices:
    return surges.early_notices(instance(), viewer=viewer(), period=period)


@add(
    "GET", "/schemes", "The schemes that can be used.",
    action=Action.SEE_DIRECTORY, answer={"type": "object", "properties": {"schemes": ROWS}},
)  # fmt: skip
def list_schemes() -> dict[str, Any]:
    return {"schemes": [{**scheme.identity(), "id": scheme.id} for scheme in assessing.list_schemes(instance())]}


@add(
    "GET", "/jobs/{job}", "How far a job is that this token asked for.",
    action=None, answer=JOB, parameters=(in_path("job", "Id of the job.", text("^[0-9a-f]{32}$")),),
)  # fmt: skip
def show_job(*, job: str) -> dict[str, Any]:
    with instance().session() as session:
        if job_notes.one_own_job(session, viewer=viewer(), job=job) is None:
            raise ApiError(404)
    return {"job": job, "progress": jobs.progress(instance(), job)}
