"""Something to see on every page: an address for each kind of page, over a demonstration city.

`ADDRESSES` names every page of the site once; `test_pages.py` fails when a route is missing here.
"""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from dbos import DBOSClient
from sqlalchemy import select

from imports.options import ImportOptions
from integrity.rules.finding import Finding as Found
from pipeline.house import boundaries, jobs, people
from pipeline.importing import uploads
from pipeline.integrity import sampling
from pipeline.integrity.findings import document_of
from pipeline.judgement import assessing, bonuses, exclusions, rubrics, scheme_drafts
from pipeline.judgement.evidence_files import Given
from pipeline.paper import report_jobs
from records.access import OPERATOR, Viewer
from records.clock import now
from records.instance import Instance
from records.models import Finding, Objection, Person, PostTenure, ProtectedReport, RectificationTask, Unit
from records.queries import cases
from records.vocabulary import Kind, Role

# endpoint -> role that opens it, and the address; {name} is filled from what `prepare` made.
ADDRESSES: dict[str, tuple[str, str]] = {
    "open.index": ("", "/open"),
    "open.unit": ("", "/open/units/{unit}"),
    "overview.show": ("assessor", "/"),
    "account.show": ("assessor", "/account"),
    "account.password": ("assessor", "/account/password"),
    "account.enrol": ("assessor", "/account/second-factor"),
    "assessments.index": ("assessor", "/assessments"),
    "assessments.show": ("assessor", "/assessments/1"),
    "assessments.trace": ("assessor", "/assessments/1/{unit}"),
    "assessments.changes": ("assessor", "/assessments/{corrected}/changes"),
    "audit.index": ("auditor", "/audit?check=1"),
    "batches.index": ("assessor", "/batches"),
    "batches.show": ("assessor", "/batches/2"),
    "calendars.index": ("assessor", "/calendars?year=2025"),
    "compare.show": ("assessor", "/compare"),
    "demands.index": ("assessor", "/demands"),
    "directory.index": ("assessor", "/directory"),
    "directory.unit": ("assessor", "/directory/{unit}"),
    "drafts.index": ("assessor", "/drafts"),
    "drafts.show": ("assessor", "/drafts/{draft}"),
    "drafts.changes": ("assessor", "/drafts/{draft}/changes"),
    "drafts.simulate": ("assessor", "/drafts/{draft}/simulate"),
    "drafts.entries": ("assessor", "/drafts/{draft}/entries"),
    "draft_weights.show": ("assessor", "/drafts/{draft}/weights"),
    "drafts.text": ("assessor", "/drafts/{draft}/text"),
    "bonuses.index": ("assessor", "/bonuses"),
    "bonuses.show": ("assessor", "/bonuses/{bonus}"),
    "exclusions.index": ("assessor", "/exclusions"),
    "exclusions.show": ("assessor", "/exclusions/{exclusion}"),
    "fairness.show": ("assessor", "/fairness/1"),
    "findings.index": ("assessor", "/findings"),
    "findings.show": ("assessor", "/findings/{finding}"),
    "findings.asked": ("unit_head", "/findings/asked"),
    "findings.question": ("unit_head", "/findings/asked/{finding}"),
    "findings.running": ("assessor", "/findings/jobs/{search}"),
    "findings.statistics": ("assessor", "/findings/statistics"),
    "help.index": ("assessor", "/help"),
    "indicators.index": ("assessor", "/indicators"),
    "indicators.show": ("assessor", "/indicators/H2"),
    "map.show": ("assessor", "/map"),
    "methods.index": ("assessor", "/methods"),
    "numbers.index": ("assessor", "/numbers?metric=R5&period=2025Q3&base=peer_group&split=channel"),
    "layouts.index": ("assessor", "/layouts"),
    "layouts.show": ("assessor", "/layouts/baltimore_311"),
    "notices.index": ("assessor", "/notices"),
    "objections.index": ("assessor", "/objections"),
    "objections.show": ("assessor", "/objections/{objection}"),
    "objections.new": ("unit_head", "/objections/new?assessment=3"),
    "people.index": ("admin", "/people"),
    "people.person": ("admin", "/people/{person}"),
    "ranking.show": ("assessor", "/ranking"),
    "records.index": ("assessor", "/records"),
    "records.show": ("assessor", "/records/{register}/{case_no}"),
    "appraisals.index": ("assessor", "/appraisals"),
    "appraisals.show": ("org_dept", "/appraisals/four_tables"),
    "leadership.show": ("org_dept", "/leadership"),
    "leadership.years": ("org_dept", "/leadership/years?assessment=1"),
    "leadership.posts": ("org_dept", "/leadership/posts?assessment=1"),
    "leadership.objections": ("org_dept", "/leadership/objections"),
    "posts.index": ("admin", "/directory/posts"),
    "rectification.index": ("assessor", "/rectification"),
    "rectification.propose": ("assessor", "/rectification/open/2"),
    "rectification.show": ("unit_head", "/rectification/{task}"),
    "rectification.practices": ("assessor", "/rectification/practice/2"),
    "reports.index": ("assessor", "/reports"),
    "inbox.index": ("assessor", "/inbox"),
    "report_preview.show": ("assessor", "/reports/preview/1"),
    "facts.show": ("assessor", "/facts/1/results"),
    "reports.show": ("assessor", "/reports/{report}"),
    "report_texts.index": ("assessor", "/reports/texts"),
    "report_texts.write": ("assessor", "/reports/texts/1/results"),
    "rubrics.index": ("assessor", "/rubrics"),
    "rubrics.show": ("assessor", "/rubrics/{round}"),
    "rubrics.rate": ("assessor", "/rubrics/{round}/{place}"),
    "samples.index": ("assessor", "/samples"),
    "samples.size": ("assessor", "/samples/size?population=7271&margin=4&answers=600"),
    "samples.show": ("assessor", "/samples/{sample}"),
    "samples.calls": ("auditor", "/samples/{sample}/calls"),
    "samples.claimed": ("assessor", "/samples/claimed"),
    "samples.protected_reports": ("assessor", "/samples/protected"),
    "surges.show": ("assessor", "/surges"),
    "schemes.index": ("assessor", "/schemes"),
    "schemes.changes": ("assessor", "/schemes/bj_three_rates/changes"),
    "schemes.show": ("assessor", "/schemes/integrated_third_party"),
    "search.show": ("assessor", "/search?q=局"),
    "sign_in.show": ("", "/sign-in"),
    "units.directory": ("assessor", "/units"),
    "units.scorecard": ("assessor", "/units/{unit}"),
    "units.statistics": ("assessor", "/units/{unit}/statistics"),
    "uploads.index": ("assessor", "/uploads"),
    "uploads.check": ("assessor", "/uploads/{good}/check"),
    "uploads.rows": ("assessor", "/uploads/{good}/rows"),
    "uploads.confirm": ("assessor", "/uploads/{good}/confirm"),
    "uploads.confirming": ("assessor", "/uploads/{good}/confirm/{confirming}"),
    "verify.index": ("assessor", "/verify"),
}
# More of the same kinds of page: other states, and the other roles' views.
FURTHER: tuple[tuple[str, str], ...] = (
    ("assessor", "/uploads/{bad}/check"),
    ("assessor", "/uploads/{waiting}/check"),
    ("assessor", "/uploads/ffffffffffffffff/check"),
    ("assessor", "/nowhere"),
    ("assessor", "/assessments/3"),
    ("assessor", "/search?q=nothing-like-it"),
    ("assessor", "/records?unit={unit}"),
    ("admin", "/"),
    ("unit_head", "/"),
    ("unit_head", "/records"),
    ("unit_head", "/exclusions"),
    ("unit_head", "/bonuses"),
    ("unit_head", "/reports"),
    ("unit_head", "/samples/claimed"),
    ("org_dept", "/"),
    ("org_dept", "/assessments"),
    ("auditor", "/"),
    ("auditor", "/samples"),
)
# Routes that answer with something else than a page of their own.
NO_PAGES = {
    "plotly_asset.script": "a script", "icon.show": "a picture", "static": "files", "audit.export": "a file",
    "objections.evidence": "a file", "reports.download": "a file", "uploads.errors": "a file",
    "uploads.template": "a file", "house.health": "a word", "house.readiness": "a word", "house.metrics": "figures",
    "findings.progress": "a part of a page",
    "drafts.trial_progress": "a part of a page", "reports.progress": "a part of a page",
    "uploads.progress": "a part of a page", "uploads.confirm_progress": "a part of a page",
    "units.trend": "data of a chart", "appraisals.text": "a file",
    "appraisals.download": "a file", "open.data": "a file", "samples.sheet": "a file",
    "sign_in.ask_code": "a page only within a sign-in; tests/web/test_account.py lints it",
    "sign_in.go_to_office": "a redirect", "sign_in.return_from_office": "a redirect",
}  # fmt: skip
GOOD = "工单编号,承办单位,来电时间,办结时间,工单状态\n{rows}"


def prepare(folder: Path) -> dict[str, str]:
    """Add a case of everything that waits for somebody; answers what the addresses are filled with."""
    instance = Instance.open(folder)
    try:
        with instance.session() as session:
            everybody = {person.role: person for person in reversed(list(session.scalars(select(Person))))}
            unit = everybody["unit_head"].unit_code or ""
            of_unit = cases.CaseFilter(unit=unit)
            case = cases.page(instance, session, viewer=OPERATOR, wanted=of_unit, limit=5).rows[4]
            name = session.get_one(Unit, unit).name
        office = _viewer(instance, everybody["assessor"])
        head = _viewer(instance, everybody["unit_head"])
        made = {
            "person": everybody["auditor"].sign_in, "unit": unit,
            "register": case["register"], "case_no": case["case_no"],
            "exclusion": _exclusion(instance, head, unit, case),
            "bonus": _bonus(instance, head, unit),
            "finding": _finding(instance, unit),
            "objection": _objection(instance, unit),
            "task": _task(instance, unit),
            "search": jobs.enqueue(instance, "find_findings", by=office.sign_in, period="2023"),
            "report": report_jobs.order(
                instance, viewer=office, number=1, kind="workbook", format="xlsx", unit=None, language="zh"
            ),
            "confirming": _waiting_job(instance, office),
            "draft": scheme_drafts.start(instance, office, "bj_three_rates@2025.1", "2026.9").id,
            **_round(instance, office),
            "corrected": assessing.recount(instance, 4, by=office.sign_in, why="页面测试").number,
            "sample": sampling.draw_and_store(instance, "2025", size=20, seed=1, viewer=office),
        }  # fmt: skip
        square = [[109.0, 20.0], [109.1, 20.0], [109.1, 20.1], [109.0, 20.1], [109.0, 20.0]]
        area = {
            "type": "Feature",
            "properties": {"code": unit},
            "geometry": {"type": "Polygon", "coordinates": [square]},
        }
        boundaries.keep(instance, OPERATOR, json.dumps({"type": "FeatureCollection", "features": [area]}).encode())
        rows = "\n".join(f"页面{n:03d},{name},2025-06-{n + 1:02d} 09:00,2025-06-{n + 2:02d} 10:00,已办结"
                         for n in range(9))  # fmt: skip
        made["good"] = _upload(instance, office, GOOD.format(rows=rows), is_checked=True)
        made["bad"] = _upload(instance, office, GOOD.format(rows="页面900,没有这家单位,2025-13-05,,"), is_checked=True)
        made["waiting"] = _upload(instance, office, GOOD.format(rows=rows) + "\n", is_checked=False)
        return {name: str(value) for name, value in made.items()}
    finally:
        instance.close()


def _viewer(instance: Instance, person: Person) -> Viewer:
    viewer = people.viewer_of_person(instance, person.id)
    assert viewer is not None
    return viewer


def _waiting_job(instance: Instance, viewer: Viewer) -> str:
    """A confirmation that no worker begins while the tests run."""
    jobs.prepare_store(instance)
    client = DBOSClient(system_database_url=instance.jobs_url, application_name="wenxiao", lazy=True)
    arguments = {"upload": "ffffffffffffffff", "person": viewer.sign_in}
    options = {"queue_name": jobs.QUEUE, "workflow_name": jobs.WORKFLOW, "delay_seconds": 86_400}
    try:
        return client.enqueue(options, "confirm_upload", arguments).workflow_id
    finally:
        client.destroy()


def _upload(instance: Instance, viewer: Viewer, text: str, *, is_checked: bool) -> str:
    made = uploads.store(
        instance, stream=io.BytesIO(text.encode()), name="页面.csv", kind=Kind.RESPONSES, options=ImportOptions(),
        by=viewer.sign_in,
    )  # fmt: skip
    if is_checked:
        uploads.check(instance, made.id)
    return made.id


def _round(instance: Instance, office: Viewer) -> dict[str, int]:
    """A round of ratings for two assessors, and a place of the list of the first."""
    other = people.add_person(instance, sign_in="second", name="第二评分人", role=Role.ASSESSOR, by="test")
    assert other
    number = rubrics.draw(instance, office, form_id="reply_quality", period="2025", per_unit=2, seed=1)
    return {"round": number, "place": rubrics.work_list(instance, number, viewer=office)[0]}


def _bonus(instance: Instance, head: Viewer, unit: str) -> int:
    rule = bonuses.rules(instance)[0].key
    wanted = bonuses.Wanted(unit, rule, "夜间噪声主动治理", "上半年联合整治，投诉减少", date(2025, 3, 10))
    return bonuses.propose(instance, head, wanted, [Given("方案.pdf", io.BytesIO(b"%PDF-1.4 test"))])


def _exclusion(instance: Instance, head: Viewer, unit: str, case: dict[str, Any]) -> int:
    wanted = exclusions.Wanted(unit, case["case_no"], "not_responsible", "不属于本单位职责", case["register"])
    return exclusions.request(instance, head, wanted, [Given("说明.pdf", io.BytesIO(b"%PDF-1.4 test"))])


def _finding(instance: Instance, unit: str) -> int:
    sentence = {
        "zh": "测试线索：尚未核实，不影响得分。",
        "en": "A finding of the test: not verified, no effect on the score.",
    }
    found = document_of(Found("D17", unit, 3, 20, 0.15, None, None, sentence))
    with instance.session() as session:
        finding = Finding(
            detector="D17", period="2025", unit_code=unit, document=found,
            made_at=now(), asked_by="assessor", asked_at=now(), question="请说明编号不连续的原因。",
        )  # fmt: skip
        session.add(finding)
        session.flush()
        return finding.id


def _objection(instance: Instance, unit: str) -> int:
    with instance.session() as session:
        session.add(ProtectedReport(unit_code=unit, text="测试情况", recorded_by="assessor", recorded_at=now()))
        objection = Objection(
            assessment_number=3, unit_code=unit, indicator="H1", claimed=0.9, text="数字与台账不符", state="open",
            raised_by="head1", raised_at=now(),
        )  # fmt: skip
        session.add(objection)
        session.flush()
        return objection.id


def _task(instance: Instance, unit: str) -> int:
    with instance.session() as session:
        task = RectificationTask(
            assessment_number=2, unit_code=unit, indicator="R5", ground="worse_than_peers", proof="回访记录",
            due_on=date(2026, 6, 30), state="open", made_by="assessor", made_at=now(),
        )  # fmt: skip
        first, then = date(2024, 1, 1), date(2024, 8, 15)
        session.add_all(
            PostTenure(
                unit_code=unit, post="主要负责人", from_day=begin, to_day=end, made_by="admin", made_at=now()
            )
            for begin, end in ((first, then - timedelta(days=1)), (then, None))
        )  # fmt: skip
        session.add(task)
        session.flush()
        return task.id
