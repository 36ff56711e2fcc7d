"""Rank reversal: under a relative method two units may change places because a third one comes or goes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from evaluation.scores import tree
from evaluation.scores.board import Board, found_for

LARGEST_GROUP = 60  # the check leaves out each unit in turn; in larger groups one unit hardly moves the ends
LONGEST_LIST = 20


def reversals(board: Board) -> list[tuple[str, str, str]]:
    """(better, worse, left out): pairs of a peer group that change places when the third unit is left out.

    Only for schemes with relative indicators (minmax, rank, zscore); fixed goalposts cannot reverse. At most 20.
    """
    if not any(indicator.is_relative for indicator in board.scheme.indicators):
        return []
    found: list[tuple[str, str, str]] = []
    whole = board.base
    for group in range(len(board.group_names)):
        members = np.flatnonzero(board.groups == group)
        if len(members) > LARGEST_GROUP:
            continue
        for left_out in members:
            found += _turned(board, whole, members[members != left_out], int(left_out))
    return found[:LONGEST_LIST]


def _turned(board: Board, whole: np.ndarray, rest: np.ndarray, left_out: int) -> list[tuple[str, str, str]]:
    """Pairs among `rest` whose order without one unit is the opposite of their order with it."""
    after = _scores_without(board, left_out)
    pairs = []
    for place, a in enumerate(rest):
        for b in rest[place + 1 :]:
            before_gap, after_gap = whole[a] - whole[b], after[a] - after[b]
            if before_gap * after_gap < 0:
                first, second = (a, b) if before_gap > 0 else (b, a)
                pairs.append((board.units[first].code, board.units[second].code, board.units[left_out].code))
    return pairs


def _scores_without(board: Board, left_out: int) -> np.ndarray:
    """Base scores when one unit's values are taken out of the anchors."""
    lost = np.zeros(len(board.units), dtype=bool)
    lost[left_out] = True
    columns = {code: column.without(lost, "left_out") for code, column in board.columns.items()}
    anchors, points, least, states, reasons = found_for(board.scheme, columns, board.groups)
    planned = tree.plan(tree.build(board.scheme), states)
    changed = replace(
        board, anchors=anchors, points=points, least=least, states=states, reasons=reasons, planned=planned
    )
    return changed.base
