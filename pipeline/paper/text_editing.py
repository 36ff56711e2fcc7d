"""Writing the texts of a report: every place with its text, and keeping a new one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from pipeline.paper.report_source import source_for
from pipeline.paper.report_texts import UNIT, newest_texts
from records import audit
from records.access import Action, Viewer, require
from records.clock import now
from records.instance import Instance
from records.models import TextBlock
from records.queries import assessments
from reports.annual.facts import Facts
from reports.annual.written import CHAPTERS, unknown_facts
from reports.fonts import missing_characters

LONGEST = 20_000


class TextRefused(ValueError):
    """The text cannot stand in a report; the message says what to change. `why` is unknown, missing, or empty."""

    def __init__(self, message: str, *, why: str = "", parts: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.why, self.parts = why, tuple(parts)


@dataclass(frozen=True)
class Place:
    """One place a text can be written for, with the text that is printed there now."""

    id: str
    unit: str | None
    text: str
    carried_from: str
    by: str | None
    at: datetime | None


def places(instance: Instance, viewer: Viewer, number: int, language: str, units: Iterable[str]) -> list[Place]:
    """Every chapter and the given units of an assessment, each with its text. Raises Forbidden."""
    require(viewer, Action.ASSESS)
    with instance.session() as session:
        row = assessments.one(session, viewer=viewer, number=number)
        if row is None:
            return []
        found = newest_texts(session, scheme=row.scheme_id, period=row.period, language=language)
        answer = []
        for place in (*CHAPTERS, *(UNIT + unit for unit in units)):
            text = found.get(place)
            carried = text.period if text is not None and text.period != row.period else ""
            unit = place.removeprefix(UNIT) if place.startswith(UNIT) else None
            answer.append(
                Place(place, unit, text.text if text else "", carried, text.by if text else None,
                      text.at if text else None)
            )  # fmt: skip
    return answer


def write_text(instance: Instance, viewer: Viewer, *, number: int, place: str, language: str, text: str) -> None:
    """Keep the text of one place for the period of an assessment; an empty one takes a carried text out of print.

    Raises Forbidden, and TextRefused for an unknown place, a too long text, braces that name no number, or
    characters no font can print.
    """
    require(viewer, Action.ASSESS, unit=place.removeprefix(UNIT) if place.startswith(UNIT) else None)
    facts = Facts(source_for(instance, number, language=language))
    _check(facts, place, text)
    chapter, unit = ("unit", place.removeprefix(UNIT)) if place.startswith(UNIT) else (place, "")
    with instance.session() as session:
        row = assessments.one(session, viewer=viewer, number=number)
        assert row is not None  # source_for has read it
        where = {"scheme_id": row.scheme_id, "period": row.period, "chapter": chapter, "unit_code": unit,
                 "language": language}  # fmt: skip
        found = session.scalar(select(TextBlock).filter_by(**where))
        if found is None:
            session.add(TextBlock(**where, text=text, by=viewer.sign_in, at=now()))
        else:
            found.text, found.by, found.at = text, viewer.sign_in, now()
        audit.write(session, viewer.sign_in, "report.text", f"assessment {number} {place}", {"characters": len(text)})


def _check(facts: Facts, place: str, text: str) -> None:
    units = {unit.unit for unit in facts.units}
    if place not in CHAPTERS and place.removeprefix(UNIT) not in units:
        raise TextRefused(f"there is no chapter or unit {place!r} in this report")
    if len(text) > LONGEST:
        raise TextRefused(f"the text has {len(text)} characters; at most {LONGEST} fit a chapter")
    unknown = unknown_facts(facts, text)
    if unknown:
        names = [f"{{{name}}}" for name in unknown]
        raise TextRefused(f"{', '.join(names)}: no such number in this result", why="unknown", parts=names)
    missing = missing_characters(text)
    if missing:
        raise TextRefused(f"no font has {' '.join(missing)}: write another character", why="missing", parts=missing)
