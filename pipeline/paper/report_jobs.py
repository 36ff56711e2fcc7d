"""Reports ordered from a page: queued, made by the worker, kept for download by the person who ordered them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pipeline.house import jobs
from pipeline.paper import inbox, mailing, reporting
from pipeline.paper.report_source import require_documents
from records.access import Action, Forbidden, Viewer, require, unit_filter
from records.instance import Instance
from records.models import StandingOrder
from records.queries import assessments
from records.queries.job_notes import JobNoteRow, list_own_jobs, one_own_job
from records.queries.people import viewer_for

KIND = "make_report"
NEVER_MAILED = ("cases", "evidence")
"""Single cases and the material of the organization department stay inside: a mail only says they are ready."""

log = logging.getLogger("wenxiao.report_jobs")


class ReportMissing(LookupError):
    """There is nothing to report on."""


@dataclass(frozen=True)
class OrderedReport:
    """A report a person ordered, and how far it is. `state` is that of its job.

    `path` is set when it is ready, `name` is what a person reads on the file then; those of older jobs have none.
    """

    job: str
    number: int
    kind: str
    format: str
    unit: str | None
    language: str
    made_at: datetime
    state: str
    error: str | None = None
    path: Path | None = None
    name: str = ""
    done: int = 0
    total: int = 0
    of: str = ""

    @property
    def is_ready(self) -> bool:
        return self.path is not None

    @property
    def ending(self) -> str:
        """What the name of the file ends in; scorecards of all units come in a zip."""
        return "zip" if self.kind == "scorecard" and self.unit is None else self.format

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed", "cancelled")


def order(
    instance: Instance, *, viewer: Viewer, number: int, kind: str, format: str, unit: str | None, language: str,
    of: str = "", standing: int | None = None, job: str = "",
) -> str:  # fmt: skip
    """Queues a report and returns the id of its job.

    Raises Forbidden where the viewer may not see this assessment or this unit: who sees the own unit only gets the
    scorecard of that unit and nothing else.
    """
    with instance.session() as session:
        found = assessments.one(session, viewer=viewer, number=number)
    if found is None:
        raise ReportMissing(f"there is no assessment {number}")
    require(viewer, Action.MAKE_REPORTS, unit=unit, state=found.state)
    if unit is None and unit_filter(viewer, Action.MAKE_REPORTS) is not None:
        raise Forbidden(f"{viewer.role.value} may order documents of the own unit only")
    is_for_all = kind == "scorecard" and unit is None
    reporting.check_request(kind, format, unit=unit, is_for_all=is_for_all, of=of)
    require_documents(viewer, kind=kind, unit=unit, state=found.state)
    ending = f"{format}.zip" if is_for_all else format
    parts = [str(number), kind, *([of] if of else []), unit or "all", language, viewer.role.value]
    wanted = {"report": kind, "format": format, "unit": unit, "language": language, "person": viewer.person,
              "all_units": is_for_all, "of": of, "standing": standing}  # fmt: skip
    named = {"number": number, "name": f"{'-'.join(parts)}.{ending}"}
    return jobs.enqueue(instance, KIND, by=viewer.sign_in, job=job, **named, **wanted)


def make_job(instance: Instance, steps: jobs.Steps, *, number: int, name: str, **wanted: Any) -> dict[str, str]:
    """The job `make_report`: writes `name` into the reports folder and tells the person who ordered it.

    `wanted` goes to `pipeline.paper.reporting.make`, but for who ordered it and where it is mailed.
    """
    steps.expect(2)
    standing = wanted.pop("standing", None)
    target = instance.reports_folder / Path(name).name

    def told(done: int, total: int) -> None:
        steps.tell(done, total, "writing")

    answer = steps.step("writing", _write, instance, number, target, wanted, told)
    wanted["name"] = answer.get("title", "")
    steps.step("telling", deliver, instance, steps.job, number, target, wanted, standing)
    return answer


def deliver(
    instance: Instance, job: str, number: int, path: Path, wanted: dict[str, Any], standing: int | None
) -> str:  # fmt: skip
    """Leave a message in the inbox, and mail the file where that was asked for. Returns what became of the mail.

    A mail that cannot be handed over does not undo the document: the message says what the server answered.
    """
    is_kept_here = wanted["report"] in NEVER_MAILED
    with instance.session() as session:
        row = session.get(StandingOrder, standing) if standing is not None else None
        mail_to = row.mail_to if row is not None else None
    name = wanted.get("name") or path.name
    told = "" if mail_to is None else _mail(instance, path, mail_to, name=name, is_kept_here=is_kept_here)
    arguments = {"number": number, "report": wanted["report"], "unit": wanted["unit"], "of": wanted.get("of", ""),
                 "name": wanted.get("name", ""), "mail": told}  # fmt: skip
    inbox.put(instance, wanted["person"], inbox.READY, arguments, job)
    return told


def _mail(instance: Instance, path: Path, to: str, *, name: str, is_kept_here: bool) -> str:
    settings = instance.settings
    is_attached = not is_kept_here and path.stat().st_size <= mailing.LARGEST
    text = "\n".join(
        [f"{settings.office}：文件已经制作完成。", f"{settings.office}: the document is ready.", "", name,
         *([f"{settings.address.rstrip('/')}/inbox"] if settings.address else [])]
    )  # fmt: skip
    subject = f"{settings.office} {name.rpartition('.')[0]}".strip()
    try:
        mail = mailing.message(
            settings, to=to, subject=subject, text=text, file=path if is_attached else None, name=name
        )
        mailing.send(settings, mail)
    except mailing.MailRefused as error:
        log.warning("a document was not mailed: %s", error)
        return f"failed: {error}"
    return "sent" if is_attached else "told"


def list_reports(instance: Instance, *, viewer: Viewer) -> list[OrderedReport]:
    """What the viewer ordered, the newest first."""
    with instance.session() as session:
        notes = list_own_jobs(session, viewer=viewer, kind=KIND, limit=20)
    return [_report(instance, note) for note in notes]


def one_report(instance: Instance, *, viewer: Viewer, job: str) -> OrderedReport | None:
    """One report the viewer ordered; None for an unknown one and for that of somebody else."""
    with instance.session() as session:
        note = one_own_job(session, viewer=viewer, job=job)
    return _report(instance, note) if note is not None and note.kind == KIND else None


def _write(
    instance: Instance, number: int, target: Path, wanted: dict[str, Any], told: reporting.Progress
) -> dict[str, str]:  # fmt: skip
    """Writes what the person who ordered it may see now."""
    wanted = dict(wanted)
    person = wanted.pop("person")
    with instance.session() as session:
        viewer = viewer_for(session, person_id=person)
    if viewer is None:
        raise Forbidden("the account that ordered this report may no longer sign in")
    made = reporting.make_named(
        instance, number, kind=wanted.pop("report"), out=target, viewer=viewer, progress=told, **wanted
    )
    return {"name": target.name, "title": made.name}


def _report(instance: Instance, note: JobNoteRow) -> OrderedReport:
    told = jobs.progress(instance, note.job)
    path = instance.reports_folder / told.answer["name"] if told.state == "done" and told.answer else None
    wanted = {name: note.arguments[name] for name in ("number", "format", "unit", "language")}
    ready = path if path is not None and path.exists() else None
    return OrderedReport(
        note.job,
        kind=note.arguments["report"],
        **wanted,
        made_at=note.made_at,
        state=told.state,
        error=told.error,
        path=ready,
        name=(told.answer or {}).get("title", "") if ready is not None else "",
        done=told.done,
        total=told.total,
        of=note.arguments.get("of", ""),
    )
