"""What a reader of an assessment must know about its method: stable codes, and their sentences in two languages."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evaluation.scores.board import NOT_DISCRIMINATING, Board
from evaluation.uncertainty.chance import Chance, ranked_groups
from evaluation.uncertainty.reversals import reversals

WIDE_SHARE = 0.5  # a median rank interval wider than this share of the group forbids a league table
FEWEST_RANKED = 4


def cautions_of(board: Board, can_rank: NDArray[np.bool_], chance: Chance) -> list[str]:
    """Codes with their subject, as "code:subject", sorted.

    not_measured: no unit has a value; measured_share: less of the weight is measured than a unit would need;
    non_discriminating: a relative indicator on which a peer group does not differ; rank_reversal: two units that change
    places when a third is left out; bands_only: ranks too uncertain to be listed; relative_… and target_distance:
    what a method makes of the points; outside_peer_groups:
    units in none of the groups the scheme compares in.
    """
    unmeasured = {code for code, column in board.columns.items() if not column.is_present.any()}
    found = {f"not_measured:{code}" for code in unmeasured}
    if not board.is_measured:
        found.add(f"measured_share:{board.measured_weight:g}")
    for code, reasons in board.reasons.items():
        if NOT_DISCRIMINATING in reasons:
            found.add(f"{NOT_DISCRIMINATING}:{code}")
    for inside in ranked_groups(board, can_rank):
        width = (chance.rank_high - chance.rank_low + 1)[inside]
        if len(inside) >= FEWEST_RANKED and np.median(width) > WIDE_SHARE * len(inside):
            found.add(f"bands_only:{board.group_names[int(board.groups[inside[0]])] or ''}")
    found.update(f"relative_{i.method}:{i.code}" for i in board.scheme.indicators if i.is_relative)
    found.update(f"{i.method}:{i.code}" for i in board.scheme.indicators if i.method == "target_distance")
    compared = {row.code for row in board.scheme.compared}
    if compared:
        outside = sum(unit.peer_group not in compared for unit in board.units)
        found.update({f"outside_peer_groups:{outside}"} if outside else ())
    found.update(f"rank_reversal:{a}/{b}/{without}" for a, b, without in reversals(board))
    return sorted(found)


def sentence(warning: str, language: str = "zh") -> str:
    """The sentence of a warning code.

    >>> sentence("not_measured:Q1", "en")
    'Q1 was not measured in this period for any unit.'
    """
    code, _, subject = warning.partition(":")
    parts = [*subject.split("/"), "", "", ""][:3]
    text = _sentences()[code]["zh" if language.startswith("zh") else "en"]
    return text.format(subject, *parts)


@cache
def _sentences() -> dict[str, dict[str, str]]:
    return tomllib.loads((Path(__file__).parent / "cautions.toml").read_text(encoding="utf-8"))
