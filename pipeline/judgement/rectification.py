"""Improvement tasks: what a published assessment leaves a unit to put right, its proof, and what came of it.

Weak indicators and confirmed findings are proposed; a person opens the tasks. A task is accepted by a person, never by
a number: the next frozen result stands beside it as its effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from evaluation.rules.scheme import load
from evaluation.scores.result import Assessment, IndicatorResult
from metrics.disclosure.small_cells import VOICE_CODES
from pipeline.judgement import cycle, neighbours
from pipeline.judgement.evidence_files import Given, keep
from pipeline.judgement.period_change import Change, changes
from pipeline.numbers.small_cells import smallest_shown
from pipeline.paper.report_source import shown_result
from pipeline.views.definitions import definition
from pipeline.views.sentences import comparison_rule
from pipeline.views.words import Words
from records import audit
from records.access import Action, Viewer, can, require
from records.clock import now
from records.instance import Instance
from records.models import Assessment as Stored
from records.models import Finding, RectificationTask, Unit
from records.queries.improvement import TaskRow

GROUNDS = ("below_target", "worse_than_peers", "finding")
SENTENCES = {
    "not_published": "tasks follow from a published assessment that no correction has replaced; publish it first",
    "nothing_chosen": "choose at least one proposal that is not open yet; see `wenxiao rectification propose`",
    "no_proof_named": "say what counts as proof",
    "day_has_passed": "the last day has passed; choose today or later",
    "no_reason_given": "say why",
    "no_document": "hand in at least one file as proof",
    "accepted_already": "the task is accepted; nothing more can be handed in",
    "nothing_handed_in": "the unit has not handed in anything yet",
    "not_improved": "only an indicator that became better beyond chance has a note on good practice",
    "published_already": "the note is published already",
}
"""What each refusal says to somebody at the command line; pages have their own words."""
HANDED_IN, ACCEPTED, RETURNED = "handed_in", "accepted", "returned"


class RectificationRefused(ValueError):
    """The step cannot be taken like this; `code` names the sentence for the reader."""

    def __init__(self, code: str) -> None:
        super().__init__(SENTENCES[code])
        self.code = code


@dataclass(frozen=True)
class Proposal:
    """What could become a task: a weak indicator of a unit, or a confirmed finding about it."""

    unit: str
    unit_name: str
    ground: str
    indicator: str | None
    finding: int | None
    detector: str | None
    result: IndicatorResult | None
    is_open: bool  # a task exists already

    @property
    def key(self) -> str:
        """How a form names it."""
        return f"{self.unit}:{self.indicator}" if self.indicator else f"{self.unit}:#{self.finding}"


@dataclass(frozen=True)
class Effect:
    """What the next period says about the indicator of a task; `period` None while there is no next result."""

    period: str | None
    number: int | None
    change: Change | None
    is_hidden: bool = False  # what citizens answered, which this viewer reads in the scorecards of both periods


@dataclass(frozen=True, kw_only=True)
class ToldTask(TaskRow):
    """A task with its state today and its indicator in both periods; `effect` is the verdict of `Change`."""

    before: float | None
    after: float | None
    next_period: str | None
    effect: str | None


def proposals(instance: Instance, viewer: Viewer, number: int) -> list[Proposal]:
    """What a published assessment gives reason to put right, by unit in the order of the result.

    An indicator is weak where it is worse than its peers beyond chance, or its whole interval misses the target; what
    chance explains is not proposed, nor what this viewer is told as a range. Raises LookupError, and
    RectificationRefused before publication.
    """
    require(viewer, Action.ASSESS)
    with instance.session() as session:
        row = published(session, number)
        names = {code: name for code, name in session.execute(select(Unit.code, Unit.name))}
        known = {
            (task.unit_code, task.indicator, task.finding_id)
            for task in session.scalars(select(RectificationTask).filter_by(assessment_number=number))
        }
        confirmed = list(
            session.scalars(select(Finding).where(Finding.period == row.period, Finding.state == "confirmed"))
        )
    found = []
    result = shown_result(instance, viewer, number)
    for unit in result.units if result else ():
        if not can(viewer, Action.ASSESS, unit=unit.unit):
            continue
        weak: list[tuple[str, IndicatorResult | None, Finding | None]] = [
            (ground, one, None) for one in unit.indicators if (ground := _weakness(one)) is not None
        ]
        weak += [("finding", None, finding) for finding in confirmed if finding.unit_code == unit.unit]
        for ground, one, finding in weak:
            code, finding_id = one.code if one else None, finding.id if finding else None
            found.append(
                Proposal(unit.unit, names.get(unit.unit, unit.name or unit.unit), ground, code, finding_id,
                         finding.detector if finding else None, one, (unit.unit, code, finding_id) in known)
            )  # fmt: skip
    return found


def rule_of(instance: Instance, number: int) -> Words:
    """What made an indicator "worse than its peers" in a published result. Raises as `proposals` does."""
    with instance.session() as session:
        row = published(session, number)
        return comparison_rule(Assessment.from_json(row.result).comparison_rule, load(row.scheme_text or "").document)


def _weakness(result: IndicatorResult) -> str | None:
    """Why an indicator is weak beyond chance, or None."""
    if result.value is None:
        return None
    if result.target is not None and result.low is not None and result.high is not None:
        is_higher_better = definition(result.code).is_higher_better
        if result.high < result.target if is_higher_better else result.low > result.target:
            return "below_target"
    return "worse_than_peers" if result.comparison == "worse" else None


def open_tasks(
    instance: Instance, viewer: Viewer, number: int, chosen: Sequence[str], *, due_on: date, proof: str
) -> list[int]:
    """Open a task for each chosen proposal (its key); those that are open already stay as they are.

    Raises LookupError, Forbidden for the own unit, and RectificationRefused before publication, without a choice, for a
    day that has passed, or without words on what counts as proof.
    """
    if not proof.strip():
        raise RectificationRefused("no_proof_named")
    if due_on < instance.today():
        raise RectificationRefused("day_has_passed")
    wanted = [p for p in proposals(instance, viewer, number) if p.key in set(chosen) and not p.is_open]
    if not wanted:
        raise RectificationRefused("nothing_chosen")
    with instance.session() as session:
        rows = [
            RectificationTask(
                assessment_number=number, unit_code=one.unit, indicator=one.indicator, finding_id=one.finding,
                ground=one.ground, proof=cycle.masked(proof), due_on=due_on, state="open", made_by=viewer.sign_in,
                made_at=now(),
            )
            for one in wanted
        ]  # fmt: skip
        session.add_all(rows)
        session.flush()
        detail = {"tasks": [row.id for row in rows], "due": due_on.isoformat()}
        audit.write(session, viewer.sign_in, "rectification.open", f"assessment {number}", detail)
        return [row.id for row in rows]


def hand_in(instance: Instance, viewer: Viewer, task: int, *, account: str, files: Sequence[Given]) -> None:
    """The unit says what it did and hands in the proof; it may do so again until somebody decides.

    Raises Forbidden for another unit's task, RectificationRefused without words or files or after acceptance, and
    EvidenceRefused.
    """
    if not account.strip():
        raise RectificationRefused("no_reason_given")
    if not files:
        raise RectificationRefused("no_document")
    with instance.session() as session:
        row = _task(session, task)
        require(viewer, Action.RECTIFY, unit=row.unit_code)
        if row.state == ACCEPTED:
            raise RectificationRefused("accepted_already")
        keep(instance, session, subject="rectification", subject_id=row.id, files=files, by=viewer.sign_in)
        row.state, row.account = HANDED_IN, cycle.masked(account)
        row.handed_in_by, row.handed_in_at = viewer.sign_in, now()
        detail = {"unit": row.unit_code, "files": len(files)}
        audit.write(session, viewer.sign_in, "rectification.hand_in", f"task {task}", detail)


def decide(
    instance: Instance, viewer: Viewer, task: int, *, is_accepted: bool, answer: str, due_on: date | None = None
) -> None:
    """Accept what was handed in, or return it with reasons and perhaps a new last day.

    Raises Forbidden for the own unit, RectificationRefused without reasons, where nothing was handed in, or for a day
    that has passed.
    """
    if not answer.strip():
        raise RectificationRefused("no_reason_given")
    with instance.session() as session:
        row = _task(session, task)
        require(viewer, Action.ASSESS, unit=row.unit_code)
        if row.state != HANDED_IN:
            raise RectificationRefused("nothing_handed_in")
        if not is_accepted and due_on is not None:
            if due_on < instance.today():
                raise RectificationRefused("day_has_passed")
            row.due_on = due_on
        row.state = ACCEPTED if is_accepted else RETURNED
        row.answer, row.decided_by, row.decided_at = cycle.masked(answer), viewer.sign_in, now()
        detail = {"state": row.state, "due": row.due_on.isoformat()}
        audit.write(session, viewer.sign_in, "rectification.decide", f"task {task}", detail)


def effects_of(instance: Instance, tasks: Iterable[TaskRow], viewer: Viewer) -> Mapping[int, Effect]:
    """By task: its indicator in the assessment it came from and in the next one under the same scheme.

    Without the change of what citizens answered for a viewer who may not read single answers.
    """
    tasks = list(tasks)
    with instance.session() as session:
        later = {number: _following(session, number) for number in {task.assessment_number for task in tasks}}
    answer = {}
    for task in tasks:
        after, found = later[task.assessment_number]
        is_hidden = task.indicator in VOICE_CODES and smallest_shown(viewer) > 1
        change = found.get((task.unit_code, task.indicator)) if task.indicator and not is_hidden else None
        answer[task.id] = Effect(after.period if after else None, after.number if after else None, change, is_hidden)
    return answer


def told(instance: Instance, viewer: Viewer, tasks: Sequence[TaskRow]) -> list[ToldTask]:
    """Tasks as commands and programs read them: the state today, and both values of the indicator."""
    effects, day, found = effects_of(instance, tasks, viewer), instance.today(), []
    for task in tasks:
        change = effects[task.id].change
        before, after = (change.before, change.after) if change else (None, None)
        found.append(
            ToldTask(**{**vars(task), "state": task.state_on(day)}, before=before.value if before else None,
                     after=after.value if after else None, next_period=effects[task.id].period,
                     effect=change.verdict if change else None)
        )  # fmt: skip
    return found


def _following(session: Session, number: int) -> tuple[Stored | None, dict[tuple[str, str], Change]]:
    row = session.get_one(Stored, number, options=[undefer(Stored.result)])
    after = neighbours.after(session, row)
    if after is None:
        return None, {}
    return after, changes(Assessment.from_json(row.result), Assessment.from_json(after.result))


def published(session: Session, number: int) -> Stored:
    """An assessment that is published and holds. Raises LookupError, and RectificationRefused for any other."""
    row = session.get(Stored, number)
    if row is None:
        raise LookupError(f"there is no assessment {number}")
    if row.state != "published" or row.replaced_by is not None:
        raise RectificationRefused("not_published")
    return row


def _task(session: Session, number: int) -> RectificationTask:
    row = session.get(RectificationTask, number)
    if row is None:
        raise LookupError(f"there is no improvement task {number}")
    return row
