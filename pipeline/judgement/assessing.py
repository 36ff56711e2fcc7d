"""Assessments: a draft from the stored parts, frozen with its hash, and its way to publication."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evaluation.rules.scheme import Scheme, load
from evaluation.scores.result import Assessment as Result
from pipeline.house.jobs import Steps
from pipeline.judgement import cycle
from pipeline.judgement.cycle import STATES, StepRefused
from pipeline.judgement.frozen_numbers import numbers_of
from pipeline.judgement.measuring import measure
from pipeline.judgement.scheme_store import find_scheme, list_schemes
from pipeline.judgement.scoring import recompute, rescored, robustness_of, scored, simulate
from pipeline.judgement.stored import (
    AssessmentMissing,
    Stored,
    get,
    list_assessments,
    row_of,
    stored,
    verification_code,
)
from records import audit
from records.canonical import document_sha256
from records.clock import now
from records.instance import Instance
from records.models import Assessment, AssessmentEvent

__all__ = [
    "AssessmentMissing",
    "StepRefused",
    "Stored",
    "advance",
    "assess_job",
    "get",
    "list_assessments",
    "list_schemes",
    "make_draft",
    "recompute",
    "recount",
    "rescored",
    "robustness_of",
    "simulate",
]

REOPEN = "reopen"
OPENED_AGAIN = frozenset({"final", "published"})
COUNTED_AGAIN = frozenset({"review", "appeal"})
COMMAND = "cli"


def make_draft(
    instance: Instance,
    *,
    scheme_id: str,
    period: str,
    seed: int | None = None,
    draws: int | None = None,
    by: str = COMMAND,
    job: str | None = None,
) -> Stored:
    """Count, score and freeze a draft; a job that comes again after a crash finds the draft it made.

    The result is stored as plain JSON with its SHA-256, together with the scheme's text and the provenance: hashes of
    scheme, parts, calendar and standard. Raises UnknownScheme, SchemeFaulty, and the errors of counting.
    """
    if job is not None and (made := _made_by(instance, job)) is not None:
        return made
    scheme = find_scheme(instance, scheme_id)
    measured = measure(instance, scheme, period)
    return _freeze(instance, scheme, scored(scheme, measured, seed=seed, draws=draws), by=by, job=job)


def assess_job(instance: Instance, steps: Steps, *, person: str, **wanted: Any) -> dict[str, Any]:
    """The queued form of `make_draft` for the sign-in name `person`; answers with the number of the draft."""
    steps.expect(1)
    return {"assessment": steps.step("assessing", lambda: _draft_of(instance, steps.job, person, wanted))}


def advance(
    instance: Instance,
    number: int,
    to: str,
    *,
    by: str = COMMAND,
    why: str | None = None,
    until: date | None = None,
) -> Stored:
    """Take an assessment one step on: draft, review, appeal, final, published; or reopen a final or published one.

    A published result is never changed: reopening makes a new draft over today's records under the same scheme, and
    the old assessment points to it. Publishing needs another person than the one who made it final; a command on the
    machine itself counts as nobody. `until` is the last day of comments (to review) or objections (to appeal). Nothing
    becomes final while objections are open or exclusions or bonuses were decided that it does not count. Raises
    AssessmentMissing and StepRefused.
    """
    if to == REOPEN:
        return _reopen(instance, number, by=by, why=why)
    with instance.session() as session:
        row = row_of(session, number)
        following = STATES[STATES.index(row.state) + 1] if row.state != STATES[-1] else None
        if to != following:
            allowed = following or REOPEN
            raise StepRefused(f"assessment {number} is in state {row.state}; the next step is {allowed}, not {to}")
        if to == "published" and is_same_person(row, by):
            raise StepRefused(f"{by} made assessment {number} final; another person must publish it")
        if row.replaced_by is not None:
            raise StepRefused(f"assessment {number} was replaced by {row.replaced_by}; go on with that one")
        cycle.refuse_unless_ready(instance, session, row, to)
        _step(session, row, to, by=by, why=why)
        cycle.set_deadline(row, until, instance.today())
        return stored(row)


def is_same_person(row: Assessment, by: str) -> bool:
    """Whether the person who wants to publish is the one who made the result final."""
    finals = [event.by for event in row.events if event.to_state == "final"]
    is_command = by == COMMAND or by.startswith(f"{COMMAND}:")
    return not is_command and bool(finals) and finals[-1] == by


def _draft_of(instance: Instance, job: str, person: str, wanted: Mapping[str, Any]) -> int:
    return make_draft(instance, by=person, job=job, **wanted).number


def _made_by(instance: Instance, job: str) -> Stored | None:
    with instance.session() as session:
        number = session.scalar(select(Assessment.number).where(Assessment.job == job))
        return None if number is None else stored(row_of(session, number))


def _freeze(
    instance: Instance, scheme: Scheme, result: Result, *, by: str, job: str | None = None, state: str = STATES[0]
) -> Stored:
    document = result.to_json()
    digest = document_sha256(document)
    row = Assessment(
        scheme_id=scheme.id,
        scheme_version=scheme.version,
        scheme_sha256=scheme.sha256,
        scheme_text=scheme.text,
        period=result.period,
        state=state,
        as_of=result.as_of,
        seed=result.seed,
        draws=result.draws,
        result=document,
        result_sha256=digest,
        provenance=dict(result.provenance),
        verification_code=verification_code(digest),
        made_by=by,
        made_at=now(),
        job=job,
        events=[AssessmentEvent(from_state=None, to_state=state, by=by, at=now())],
    )
    numbers_of(instance, scheme, result.period, digest)  # pages and documents read them from now on
    with instance.session() as session:
        session.add(row)
        session.flush()
        audit.write(session, by, "assessment.draft", f"assessment {row.number}", {"sha256": digest})
        return stored(row)


def _reopen(instance: Instance, number: int, *, by: str, why: str | None) -> Stored:
    """A new draft in the place of a final or published assessment."""
    found = get(instance, number)
    if found.state not in OPENED_AGAIN or found.replaced_by is not None:
        raise StepRefused(
            f"assessment {number} is in state {found.state}"
            + (f" and was replaced by {found.replaced_by}" if found.replaced_by else "")
            + "; only a final or published one can be reopened, once"
        )
    return _replace(instance, found, STATES[0], by=by, why=why)


def recount(instance: Instance, number: int, *, by: str = COMMAND, why: str | None = None) -> Stored:
    """Count an assessment in review or appeal again over today's records: a new version in the same state.

    The version before keeps its result and hash; comments and objections of both belong together. Raises
    AssessmentMissing, and StepRefused in any other state or when it was replaced already.
    """
    found = get(instance, number)
    if found.state not in COUNTED_AGAIN or found.replaced_by is not None:
        raise StepRefused(f"assessment {number} is {found.state}; only one in review or appeal is counted again, once")
    return _replace(instance, found, found.state, by=by, why=why)


def _replace(instance: Instance, found: Stored, state: str, *, by: str, why: str | None) -> Stored:
    scheme = load(found.scheme_text)
    measured = measure(instance, scheme, found.result.period)
    origin: Mapping[str, Any] = {**measured.provenance, "replaces": found.number}
    result = scored(scheme, replace(measured, provenance=origin), seed=found.result.seed, draws=found.result.draws)
    made = _freeze(instance, scheme, result, by=by, state=state)
    with instance.session() as session:
        old, new = row_of(session, found.number), row_of(session, made.number)
        old.replaced_by = made.number
        if state != STATES[0]:
            new.review_until, new.objections_until = old.review_until, old.objections_until
        old.events.append(AssessmentEvent(from_state=old.state, to_state=REOPEN, by=by, at=now(), why=why))
        audit.write(session, by, "assessment.reopen", f"assessment {found.number}", {"replaced_by": made.number})
    return made


def _step(session: Session, row: Assessment, to: str, *, by: str, why: str | None) -> None:
    row.events.append(AssessmentEvent(from_state=row.state, to_state=to, by=by, at=now(), why=why))
    audit.write(session, by, "assessment.advance", f"assessment {row.number}", {"from": row.state, "to": to})
    row.state = to
    session.flush()
