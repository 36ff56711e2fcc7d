"""Small cells of what a viewer gets to see: withheld below 10 for units and readers outside, below 5 for assessors."""

from __future__ import annotations

from dataclasses import replace

from metrics.protection import K_INTERNAL, K_UNIT
from metrics.small_cells import FOLLOW_UP_CODES, LEVEL_CODES, RATING_CODES, REASON, protected, protected_months
from records.access import Action, Viewer, can
from records.vocabulary import Role
from reports.source import ReportSource


def smallest_shown(viewer: Viewer) -> int:
    """The smallest count of citizens' answers the viewer may see; 1 for those who may read single answers anyway.

    >>> smallest_shown(Viewer(1, "x", Role.UNIT_HEAD)), smallest_shown(Viewer(1, "x", Role.ASSESSOR))
    (10, 5)
    """
    if viewer.is_operator or can(viewer, Action.SEE_RATINGS):
        return 1
    return K_INTERNAL if viewer.role is Role.ASSESSOR else K_UNIT


def with_small_cells_withheld(source: ReportSource, k: int) -> ReportSource:
    """The source without the rating numbers of units that would give fewer than k citizens away."""
    if k <= 1:
        return source
    values = protected(source.values, k)
    hidden = {(v.unit, v.metric) for v in values if v.reason == REASON}
    levels = {u: n for u, n in source.satisfaction.items() if not any((u, code) in hidden for code in LEVEL_CODES)}
    adjusted = [rate for rate in source.adjusted if (rate["unit"], rate["metric"]) not in hidden]
    monthly = protected_months(source.monthly, k)
    return replace(source, values=values, monthly=monthly, satisfaction=levels, adjusted=adjusted)


def with_what_protects(codes: list[str] | None, k: int) -> list[str] | None:
    """The codes to count so that single rating numbers can be judged: what is withheld must not depend on the question.

    >>> with_what_protects(["R5"], 10), "n_rating_1" in (with_what_protects(["S4"], 10) or [])
    (['R5'], True)
    """
    if codes is None or k <= 1 or not {*RATING_CODES, *FOLLOW_UP_CODES} & {*codes}:
        return codes
    return [*codes, *(code for code in ("n_eligible", *RATING_CODES) if code not in codes)]
