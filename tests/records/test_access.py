"""The matrix: every role and action as the office decided it, written out a second time by hand."""

from __future__ import annotations

import pytest

from records.access import (
    FINAL_STATES,
    OPERATOR,
    RELEASED_STATES,
    Action,
    Forbidden,
    Viewer,
    can,
    require,
    state_filter,
    unit_filter,
)
from records.vocabulary import Role

HEAD = Viewer(1, "李", Role.UNIT_HEAD, frozenset({"u1", "u11"}))
ASSESSOR = Viewer(2, "王", Role.ASSESSOR)
SURVEYOR = Viewer(3, "赵", Role.ASSESSOR, has_survey_role=True)
ORG = Viewer(4, "钱", Role.ORG_DEPT)
AUDITOR = Viewer(5, "孙", Role.AUDITOR)
ADMIN = Viewer(6, "周", Role.ADMIN)

# One line an action: who may at all. A = assessor, H = unit head, O = organization department, U = auditor, D = admin.
ALLOWED = {
    Action.SEE_DIRECTORY: "AHOUD",
    Action.SEE_SCORECARD: "AHOU",
    Action.SEE_RANKING: "AOU",
    Action.SEE_METRICS: "AU",
    Action.SEE_CASES: "AHU",
    Action.SEE_CASE_TEXT: "AU",
    Action.SEE_RATINGS: "U",
    Action.SEE_EXCLUSIONS: "AHU",
    Action.SEE_FINDINGS: "AU",
    Action.SEE_BATCHES: "AUD",
    Action.SEE_AUDIT: "UD",
    Action.IMPORT: "AD",
    Action.EDIT_UNITS: "AD",
    Action.EDIT_CALENDARS: "AD",
    Action.EDIT_SCHEMES: "A",
    Action.ASSESS: "A",
    Action.DECIDE_EXCLUSIONS: "A",
    Action.OBJECT: "H",
    Action.SEE_BONUSES: "AHOU",
    Action.PROPOSE_BONUSES: "AH",
    Action.DECIDE_BONUSES: "A",
    Action.REQUEST_EXCLUSIONS: "AH",
    Action.SEE_RECTIFICATION: "AHOU",
    Action.RECTIFY: "H",
    Action.MAKE_REPORTS: "AHOU",
    Action.MANAGE_PEOPLE: "D",
    Action.OPERATE: "D",
}
LETTERS = {"A": ASSESSOR, "H": HEAD, "O": ORG, "U": AUDITOR, "D": ADMIN}


@pytest.mark.parametrize("action", list(Action))
def test_matrix_is_as_decided(action: Action) -> None:
    assert "".join(letter for letter in "AHOUD" if can(LETTERS[letter], action)) == ALLOWED[action]
    assert can(OPERATOR, action)


@pytest.mark.parametrize(
    ("viewer", "action", "unit", "state", "answer"),
    [
        (HEAD, Action.SEE_SCORECARD, "u11", "review", True),
        (HEAD, Action.SEE_SCORECARD, "u2", "published", False),
        (HEAD, Action.SEE_SCORECARD, "u1", "draft", False),
        (ORG, Action.SEE_SCORECARD, "u2", "final", True),
        (ORG, Action.SEE_RANKING, None, "appeal", False),
        (ASSESSOR, Action.SEE_RANKING, None, "draft", True),
        (AUDITOR, Action.SEE_SCORECARD, "u2", "draft", True),
        (SURVEYOR, Action.SEE_RATINGS, "u1", None, True),
        (ASSESSOR, Action.SEE_RATINGS, "u1", None, False),
        (Viewer(7, "吴", Role.ASSESSOR, frozenset({"u1"})), Action.ASSESS, "u1", None, False),
        (Viewer(7, "吴", Role.ASSESSOR, frozenset({"u1"})), Action.DECIDE_EXCLUSIONS, "u1", None, False),
        (Viewer(7, "吴", Role.ASSESSOR, frozenset({"u1"})), Action.DECIDE_BONUSES, "u1", None, False),
        (Viewer(7, "吴", Role.ASSESSOR, frozenset({"u1"})), Action.ASSESS, "u2", None, True),
    ],
)
def test_can_for_a_unit_and_state(
    viewer: Viewer, action: Action, unit: str | None, state: str | None, answer: bool
) -> None:
    assert can(viewer, action, unit=unit, state=state) is answer


def test_require_names_role_and_action() -> None:
    with pytest.raises(Forbidden, match="unit_head may not see ranking"):
        require(HEAD, Action.SEE_RANKING)
    require(ASSESSOR, Action.SEE_RANKING)


@pytest.mark.parametrize(
    ("viewer", "action", "units", "states"),
    [
        (ASSESSOR, Action.SEE_SCORECARD, None, None),
        (HEAD, Action.SEE_SCORECARD, frozenset({"u1", "u11"}), RELEASED_STATES),
        (ORG, Action.SEE_SCORECARD, None, FINAL_STATES),
        (ORG, Action.SEE_CASES, frozenset(), frozenset()),
        (ADMIN, Action.SEE_CASES, frozenset(), frozenset()),
        (ASSESSOR, Action.SEE_RATINGS, frozenset(), None),
        (OPERATOR, Action.SEE_CASES, None, None),
    ],
)
def test_filters(viewer: Viewer, action: Action, units: frozenset | None, states: frozenset | None) -> None:
    assert unit_filter(viewer, action) == units
    assert state_filter(viewer, action) == states


def test_draft_is_never_released() -> None:
    assert "draft" not in RELEASED_STATES
    assert FINAL_STATES < RELEASED_STATES
