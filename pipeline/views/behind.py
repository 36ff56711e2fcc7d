"""The list of cases behind a number: of one rate of one unit as an assessment counts it, or as it is counted now."""

from __future__ import annotations

from dataclasses import dataclass

from evaluation.rules.scheme import load
from metrics.clocks.daytable import day_number
from metrics.clocks.period import Period, parse
from metrics.values import behind
from metrics.values.behind import Part
from pipeline.judgement.measuring import options_of
from pipeline.numbers.counting import build_facts
from records import audit
from records.access import Action, Viewer, can
from records.engine_views import PartFiles, Query
from records.instance import Instance
from records.queries import assessments


@dataclass(frozen=True)
class Behind:
    """Which cases: those of an indicator of a unit in an assessment, all counted, reached, or the rest."""

    number: int
    unit: str
    code: str
    part: Part


@dataclass(frozen=True)
class Counted:
    """Which cases: those behind a number that was asked for by its code, as the records stand now.

    `units` None are all; `split` is a property of the cases and its value, "" where a case has none.
    """

    code: str
    part: Part
    period: Period
    units: frozenset[str] | None = None
    split: tuple[str, str] | None = None
    scope: str = "kept"


def may_list(viewer: Viewer, code: str) -> bool:
    """Whether the viewer may see the cases behind a code; those that tell single answers need the survey role."""
    if not behind.has_cases(code) or not can(viewer, Action.SEE_CASES):
        return False
    return can(viewer, Action.SEE_RATINGS) or not behind.shows_answers(code)


def cases_behind(instance: Instance, viewer: Viewer, asked: Behind) -> Query | None:
    """Register and number of these cases as the records stand today; None where the viewer may not list them.

    Scope, limits and weights are those of the frozen scheme of the assessment, the records those accepted now.
    """
    if not may_list(viewer, asked.code):
        return None
    with instance.session() as session:
        row = assessments.one(session, viewer=viewer, number=asked.number)
        text = assessments.scheme_text_of(session, number=asked.number)
        if behind.shows_answers(asked.code):
            where = {"indicator": asked.code, "part": str(asked.part), "assessment": asked.number}
            audit.write(session, viewer.sign_in or viewer.name, "rating.read", asked.unit, where)
    if row is None or text is None:
        return None
    scheme, period = load(text), row.period
    span = parse(period, scheme.period_start_day)
    facts = build_facts(instance, scheme.limits.get("standard"))
    files = facts.views.get("facts")
    if not isinstance(files, PartFiles) or span.is_all:
        return None
    options = options_of(scheme)
    wanted = behind.behind_text(
        asked.code, asked.part, units=[asked.unit], days=(day_number(span.start), day_number(span.end)),
        scope=scheme.scope, basically_satisfied=options.basically_satisfied, partly=options.partly,
    )  # fmt: skip
    return Query(wanted, {"facts": files})


def cases_counted(instance: Instance, viewer: Viewer, asked: Counted) -> Query | None:
    """Register and number of these cases; None where the viewer may not list them."""
    if not can(viewer, Action.SEE_METRICS) or not may_list(viewer, asked.code):
        return None
    if behind.shows_answers(asked.code):
        where = {"metric": asked.code, "part": str(asked.part), "period": asked.period.label}
        with instance.session() as session:
            audit.write(session, viewer.sign_in or viewer.name, "rating.read", "all units", where)
    files = build_facts(instance).views.get("facts")
    if not isinstance(files, PartFiles):
        return None
    days = day_number(asked.period.start), day_number(asked.period.end)
    wanted = behind.behind_text(
        asked.code, asked.part, units=asked.units, days=days, scope=asked.scope, split=asked.split
    )
    return Query(wanted, {"facts": files})
