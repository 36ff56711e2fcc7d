"""Who may see and do what: the whole matrix in one place. Queries filter by it; pages only ask it what to show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from records.vocabulary import Role


class Forbidden(Exception):
    """The viewer may not see or do this."""


class Action(StrEnum):
    """What a person can want."""

    SEE_DIRECTORY = "see_directory"  # names and tree of the units, schemes, calendars, methods
    SEE_SCORECARD = "see_scorecard"  # results of one unit
    SEE_RANKING = "see_ranking"  # results of units beside one another, and their totals
    SEE_METRICS = "see_metrics"  # counts of units as they are now, before any assessment has left the draft
    SEE_CASES = "see_cases"  # single cases, masked
    SEE_CASE_TEXT = "see_case_text"  # the masked text of a case; a unit sees process fields only
    SEE_RATINGS = "see_ratings"  # single ratings and follow-ups; each read is logged
    SEE_EXCLUSIONS = "see_exclusions"
    SEE_FINDINGS = "see_findings"
    SEE_BATCHES = "see_batches"
    SEE_AUDIT = "see_audit"
    IMPORT = "import"  # upload, confirm, withdraw and restore batches
    EDIT_UNITS = "edit_units"
    EDIT_CALENDARS = "edit_calendars"
    EDIT_SCHEMES = "edit_schemes"
    ASSESS = "assess"  # make, advance and publish assessments
    DECIDE_EXCLUSIONS = "decide_exclusions"
    REQUEST_EXCLUSIONS = "request_exclusions"  # ask that a case is left out
    SEE_BONUSES = "see_bonuses"  # bonuses with their documents
    PROPOSE_BONUSES = "propose_bonuses"
    DECIDE_BONUSES = "decide_bonuses"
    OBJECT = "object"  # comment on a draft of the own unit, object to a result
    SEE_RECTIFICATION = "see_rectification"  # improvement tasks with their proofs, and good practice
    RECTIFY = "rectify"  # hand in the proof of a task of the own unit
    MAKE_REPORTS = "make_reports"
    MANAGE_PEOPLE = "manage_people"
    OPERATE = "operate"  # backup, verify, settings


class Reach(StrEnum):
    """How far a permission goes."""

    ALL = "all"
    OWN = "own"  # the units below the viewer's own, once an assessment has left the draft
    FINAL = "final"  # every unit, once an assessment is final
    SURVEY = "survey"  # only with the survey role


_ASSESSOR = {action: Reach.ALL for action in Action} | {Action.SEE_RATINGS: Reach.SURVEY}
for _action in (Action.MANAGE_PEOPLE, Action.OPERATE, Action.SEE_AUDIT, Action.OBJECT, Action.RECTIFY):
    del _ASSESSOR[_action]

MATRIX: dict[Role, dict[Action, Reach]] = {
    Role.ASSESSOR: _ASSESSOR,
    Role.UNIT_HEAD: {
        Action.SEE_DIRECTORY: Reach.ALL,
        Action.SEE_SCORECARD: Reach.OWN,
        Action.SEE_CASES: Reach.OWN,
        Action.SEE_EXCLUSIONS: Reach.OWN,
        Action.MAKE_REPORTS: Reach.OWN,
        Action.REQUEST_EXCLUSIONS: Reach.OWN,
        Action.SEE_BONUSES: Reach.OWN,
        Action.PROPOSE_BONUSES: Reach.OWN,
        Action.OBJECT: Reach.OWN,
        Action.SEE_RECTIFICATION: Reach.OWN,
        Action.RECTIFY: Reach.OWN,
    },
    Role.ORG_DEPT: {
        Action.SEE_DIRECTORY: Reach.ALL,
        Action.SEE_SCORECARD: Reach.FINAL,
        Action.SEE_RANKING: Reach.FINAL,
        Action.SEE_BONUSES: Reach.ALL,
        Action.SEE_RECTIFICATION: Reach.FINAL,
        Action.MAKE_REPORTS: Reach.FINAL,
    },
    Role.AUDITOR: {
        Action.SEE_DIRECTORY: Reach.ALL,
        Action.SEE_SCORECARD: Reach.ALL,
        Action.SEE_RANKING: Reach.ALL,
        Action.SEE_METRICS: Reach.ALL,
        Action.SEE_CASES: Reach.ALL,
        Action.SEE_CASE_TEXT: Reach.ALL,
        Action.SEE_RATINGS: Reach.ALL,
        Action.SEE_EXCLUSIONS: Reach.ALL,
        Action.SEE_FINDINGS: Reach.ALL,
        Action.SEE_BATCHES: Reach.ALL,
        Action.SEE_AUDIT: Reach.ALL,
        Action.SEE_BONUSES: Reach.ALL,
        Action.SEE_RECTIFICATION: Reach.ALL,
        Action.MAKE_REPORTS: Reach.ALL,
    },
    Role.ADMIN: {
        Action.SEE_DIRECTORY: Reach.ALL,
        Action.SEE_BATCHES: Reach.ALL,
        Action.SEE_AUDIT: Reach.ALL,
        Action.IMPORT: Reach.ALL,
        Action.EDIT_UNITS: Reach.ALL,
        Action.EDIT_CALENDARS: Reach.ALL,
        Action.MANAGE_PEOPLE: Reach.ALL,
        Action.OPERATE: Reach.ALL,
    },
}
"""Role -> what it may, and how far. What is not listed is not allowed."""

OF_OTHERS = frozenset({Action.ASSESS, Action.DECIDE_EXCLUSIONS, Action.DECIDE_BONUSES})
"""What nobody does for the unit they belong to."""
FINAL_STATES = frozenset({"final", "published"})
RELEASED_STATES = FINAL_STATES | {"review", "appeal"}


@dataclass(frozen=True)
class Viewer:
    """Who is looking. `units` are the codes of the own unit and everything below it; empty for others."""

    person: int
    name: str
    role: Role
    units: frozenset[str] = frozenset()
    sign_in: str = ""
    language: str | None = None
    has_survey_role: bool = False
    is_operator: bool = False  # a command on the machine itself, which can read the folder anyway

    must_change_password: bool = False  # a password that somebody else knows opens nothing but its own change
    has_second_factor: bool = False
    session_number: int = 0  # of the account when it was read; a higher one ends the sessions begun before

    @property
    def id(self) -> str:
        """What the session cookie keeps: the account and the number its sessions have now."""
        return f"{self.person}.{self.session_number}"


OPERATOR = Viewer(0, "operator", Role.ADMIN, sign_in="cli", is_operator=True)
"""The viewer of commands: whoever may run them owns the instance folder."""


def can(viewer: Viewer, action: Action, *, unit: str | None = None, state: str | None = None) -> bool:
    """May the viewer do this, for one unit and an assessment in one state where these are given?

    Without `unit` the answer for a reach of OWN is about the action as such; the query filters the units.

    >>> head = Viewer(7, "李", Role.UNIT_HEAD, frozenset({"u1"}))
    >>> can(head, Action.SEE_SCORECARD, unit="u1", state="review")
    True
    >>> can(head, Action.SEE_SCORECARD, unit="u2", state="final"), can(head, Action.SEE_SCORECARD, state="draft")
    (False, False)
    """
    if viewer.is_operator:
        return True
    reach = MATRIX[viewer.role].get(action)
    if reach is None or (action in OF_OTHERS and unit is not None and unit in viewer.units):
        return False  # nobody assesses the unit they belong to
    if reach is Reach.SURVEY:
        return viewer.has_survey_role
    if reach is Reach.FINAL:
        return state is None or state in FINAL_STATES
    if reach is Reach.OWN:
        return (unit is None or unit in viewer.units) and (state is None or state in RELEASED_STATES)
    return True


def require(viewer: Viewer, action: Action, *, unit: str | None = None, state: str | None = None) -> None:
    """Raise Forbidden unless the viewer can."""
    if not can(viewer, action, unit=unit, state=state):
        about = f" of {unit}" if unit else ""
        raise Forbidden(f"{viewer.role.value} may not {action.value.replace('_', ' ')}{about}")


def unit_filter(viewer: Viewer, action: Action) -> frozenset[str] | None:
    """The units whose data the viewer may reach by this action; None means all of them, an empty set none."""
    if viewer.is_operator:
        return None
    reach = MATRIX[viewer.role].get(action)
    if reach is None or (reach is Reach.SURVEY and not viewer.has_survey_role):
        return frozenset()
    return viewer.units if reach is Reach.OWN else None


def state_filter(viewer: Viewer, action: Action) -> frozenset[str] | None:
    """The states of assessments the viewer may reach by this action; None means all of them, an empty set none."""
    if viewer.is_operator:
        return None
    reach = MATRIX[viewer.role].get(action)
    if reach is None:
        return frozenset()
    return {Reach.OWN: RELEASED_STATES, Reach.FINAL: FINAL_STATES}.get(reach)
