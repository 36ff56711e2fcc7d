"""What a unit said to its draft and objected to its result, for its scorecard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext

from pipeline.judgement import cycle
from pipeline.judgement.cycle import Comment
from pipeline.views.prepared import Prepared
from pipeline.views.words import Words
from records.access import Action, can
from records.queries.review import ObjectionRow, list_objections
from web.navigation import href
from web.session import instance, viewer
from web.words.review import OBJECTION_STATES


@dataclass(frozen=True)
class Said:
    """Comments and objections of one unit with the words for them, and where the reader may add one now."""

    comments: list[Comment]
    objections: list[ObjectionRow]
    names: Mapping[str, Words]  # of the indicators that are spoken of
    states: Mapping[str, object]
    invitation: str | None = None
    address: str | None = None


def of_unit(prepared: Prepared, unit: str, state: str) -> Said | None:
    """What the viewer may see of it in an assessment in this state; None where nothing was said and nothing can be."""
    number = prepared.source.number
    with instance().session() as session:
        numbers = cycle.versions_of(session, number)
        told = cycle.comments_on(session, viewer=viewer(), number=number, versions=numbers)
        rows = list_objections(session, viewer=viewer(), numbers=numbers)
    comments = [row for row in told if row.unit == unit]
    objections = [row for row in rows if row.unit_code == unit]
    invitation = {
        cycle.COMMENTS_IN: gettext("对草稿提意见"),
        cycle.OBJECTIONS_IN: gettext("提出异议"),
    }.get(state if can(viewer(), Action.OBJECT, unit=unit) else "")
    if not (comments or objections or invitation):
        return None
    spoken_of = {row.indicator for row in comments} | {row.indicator for row in objections}
    return Said(
        comments=comments,
        objections=objections,
        names={code: prepared.definition(code).name for code in spoken_of if code},
        states=OBJECTION_STATES,
        invitation=invitation,
        address=_where(number, unit, state) if invitation else None,
    )


def _where(number: int, unit: str, state: str) -> str | None:
    if state == cycle.COMMENTS_IN:
        return href("assessments.trace", number=number, unit=unit)
    return href("objections.new", assessment=number)
