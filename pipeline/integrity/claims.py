"""Claimed against confirmed, unit by unit: what units say of their closed cases beside what citizens say."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from metrics.counting.claims import CLAIMS, VOICES, claims_text
from metrics.disclosure.protection import K_INTERNAL, K_UNIT, hidden_cells, hidden_totals
from pipeline.integrity.detecting import answer_shares
from pipeline.integrity.findings import ground_of
from pipeline.numbers.counting import build_facts
from records.access import Action, Viewer, require, unit_filter
from records.instance import Instance
from records.vocabulary import Role

FIRST_WEEKS = timedelta(days=60)  # a year that has only begun has no table worth showing


@dataclass(frozen=True)
class ClaimTable:
    """One unit: counts of CLAIMS × VOICES, None where a cell is withheld, and shares over all closed cases.

    `satisfied` and `without_flagged` are shares of satisfied questionnaires, all and without those a finding points at.
    """

    unit: str
    cells: tuple[tuple[int | None, ...], ...]
    totals: tuple[int | None, ...]
    closed: int
    silent_share: float | None
    default_share: float | None
    satisfied: float | None
    without_flagged: float | None
    flagged: int


def shown_period(instance: Instance, wanted: str, viewer: Viewer) -> str:
    """The period a viewer gets. A unit sees whole calendar years only: years never overlap, so that no table of a unit
    can be subtracted from another one."""
    if viewer.role is not Role.UNIT_HEAD or re.fullmatch(r"\d{4}", wanted):
        return wanted
    as_of = build_facts(instance).as_of
    return str((as_of.date() - FIRST_WEEKS).year if as_of else instance.today().year)


def claim_tables(instance: Instance, period: str, *, viewer: Viewer) -> list[ClaimTable]:
    """The tables of the units the viewer may see: cells below 5 withheld, for a unit itself below 10.

    Cells that would give a withheld one away by subtraction are withheld as well.
    """
    require(viewer, Action.SEE_SCORECARD)
    ground = ground_of(instance, shown_period(instance, period, viewer), has_features=False)
    if ground is None:
        return []
    own = unit_filter(viewer, Action.SEE_SCORECARD)
    k = K_UNIT if viewer.role is Role.UNIT_HEAD else K_INTERNAL
    answers = answer_shares(ground)
    rows = ground.run(claims_text(ground.span.first, ground.span.end))
    return [
        _table(row, answers[row[0]][1] if row[0] in answers else (0, 0, 0, 0), k)
        for row in rows
        if own is None or row[0] in own
    ]


def _table(row: Sequence, answers: tuple[int, int, int, int], k: int) -> ClaimTable:
    unit, *numbers = row
    counts = np.array(numbers[: len(CLAIMS) * len(VOICES)]).reshape(len(CLAIMS), len(VOICES))
    rated, by_default, unrated = numbers[-3:]
    hidden, (shown, _) = hidden_cells(counts.tolist(), k), hidden_totals(counts, k)
    cells = tuple(
        tuple(None if hidden[r, c] else int(counts[r, c]) for c in range(len(VOICES))) for r in range(len(CLAIMS))
    )
    totals = tuple(int(n) if ok else None for n, ok in zip(counts.sum(axis=1), shown, strict=True))
    n, satisfied, flagged, flagged_satisfied = answers
    return ClaimTable(
        unit=unit, cells=cells, totals=totals, closed=int(counts.sum()),
        silent_share=_share(unrated, rated + by_default + unrated, k),
        default_share=_share(by_default, rated + by_default, k), satisfied=_share(satisfied, n, k),
        without_flagged=_share(satisfied - flagged_satisfied, n - flagged, k) if flagged >= k else None,
        flagged=flagged if flagged >= k else 0,
    )  # fmt: skip


def _share(x: int, n: int, k: int) -> float | None:
    """A share of at least k cases; a few are no share but persons."""
    return x / n if n >= k else None
