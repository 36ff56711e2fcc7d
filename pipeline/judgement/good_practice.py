"""Good practice: only units that improved beyond chance are offered; a person writes the note and publishes it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from pipeline.judgement import cycle, neighbours
from pipeline.judgement.period_change import Change, changes
from pipeline.judgement.rectification import RectificationRefused, published
from pipeline.paper.report_source import shown_result
from records import audit
from records.access import Action, Viewer, require
from records.clock import now
from records.instance import Instance
from records.models import GoodPractice, Unit


@dataclass(frozen=True)
class Improvement:
    """An indicator of a unit that became better beyond chance since the period before."""

    unit: str
    unit_name: str
    change: Change
    period_before: str


def improvements(instance: Instance, viewer: Viewer, number: int) -> list[Improvement]:
    """What became better beyond chance in an assessment; empty without an earlier one under the same scheme.

    Reckoned from what this viewer is told in both: a value told as a range, here or there, is no part of it.
    """
    require(viewer, Action.ASSESS)
    with instance.session() as session:
        earlier = neighbours.before(session, published(session, number))
        names = {code: name for code, name in session.execute(select(Unit.code, Unit.name))}
    first, second = (shown_result(instance, viewer, n) for n in (earlier.number, number)) if earlier else (None, None)
    if earlier is None or first is None or second is None:
        return []
    return [
        Improvement(unit, names.get(unit, unit), change, earlier.period)
        for (unit, _), change in changes(first, second).items()
        if change.verdict == "better"
    ]


def write(instance: Instance, viewer: Viewer, number: int, *, unit: str, indicator: str, text: str) -> None:
    """Write the note on one offered improvement, or write it anew; it becomes a draft again.

    Raises Forbidden for the own unit, RectificationRefused without words or where nothing improved beyond chance.
    """
    if not text.strip():
        raise RectificationRefused("no_reason_given")
    require(viewer, Action.ASSESS, unit=unit)
    offered = {(one.unit, one.change.code) for one in improvements(instance, viewer, number)}
    if (unit, indicator) not in offered:
        raise RectificationRefused("not_improved")
    with instance.session() as session:
        key = {"assessment_number": number, "unit_code": unit, "indicator": indicator}
        row = session.scalar(select(GoodPractice).filter_by(**key))
        if row is None:
            row = GoodPractice(**key)
            session.add(row)
        row.text, row.state, row.written_by, row.written_at = cycle.masked(text), "draft", viewer.sign_in, now()
        row.published_by = row.published_at = None
        detail = {"unit": unit, "indicator": indicator}
        audit.write(session, viewer.sign_in, "good_practice.write", f"assessment {number}", detail)


def publish(instance: Instance, viewer: Viewer, practice: int) -> None:
    """Let everybody read a note. Raises LookupError, Forbidden, and RectificationRefused when it is published."""
    with instance.session() as session:
        row = session.get(GoodPractice, practice)
        if row is None:
            raise LookupError(f"there is no note {practice}")
        require(viewer, Action.ASSESS, unit=row.unit_code)
        if row.state == "published":
            raise RectificationRefused("published_already")
        row.state, row.published_by, row.published_at = "published", viewer.sign_in, now()
        audit.write(session, viewer.sign_in, "good_practice.publish", f"note {practice}", {"unit": row.unit_code})
