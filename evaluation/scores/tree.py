"""Nested aggregation: weighted arithmetic or geometric means over the tree, with the rules for what is not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.rules.scheme import Scheme

Floats = NDArray[np.floating]
PRESENT, MISSING, NOT_APPLICABLE = 0, 1, 2
LOWEST_POINTS = 0.01  # a geometric mean takes points from here, so that one zero does not erase all the rest
TOLERANCE = 1e-12


@dataclass(frozen=True)
class Leaf:
    """An indicator at its place in the tree."""

    code: str
    weight: float


@dataclass(frozen=True)
class Branch:
    """A group, or the whole (id ""), with its children sorted by id."""

    id: str
    weight: float
    across: str
    missing_below: float
    children: tuple[Leaf | Branch, ...]


@dataclass(frozen=True)
class Plan:
    """A branch for given units: the share of every child per unit (0 where it drops out), and the state per unit."""

    branch: Branch
    shares: Floats  # children x units; each unit's present shares sum to 1
    state: NDArray[np.int64]  # PRESENT, MISSING or NOT_APPLICABLE per unit
    inner: tuple[Plan | None, ...]  # the plan of each child that is a branch


def build(scheme: Scheme, across: str | None = None) -> Branch:
    """The tree of a scheme. `across` overrides every level, as the robustness check does."""

    def branch(group: str | None) -> tuple[Leaf | Branch, ...]:
        leaves: list[Leaf | Branch] = [Leaf(i.code, i.weight) for i in scheme.indicators if i.group == group]
        for child in scheme.groups:
            if child.parent == group:
                rule = across or child.across or scheme.across
                below = scheme.missing_below if child.missing_below is None else child.missing_below
                leaves.append(Branch(child.id, child.weight, rule, below, branch(child.id)))
        return tuple(leaves)

    return Branch("", 100.0, across or scheme.across, scheme.missing_below, branch(None))


def plan(branch: Branch, states: Mapping[str, NDArray[np.int64]]) -> Plan:
    """Decide per unit which children count and with which share.

    What is not applicable is taken out and the rest rescaled. Of the weight that applies, at least `missing_below` must
    be present, else the branch is MISSING ("not rated"); missing children of a rated branch are rescaled away too.
    """
    inner = tuple(plan(child, states) if isinstance(child, Branch) else None for child in branch.children)
    child_states = np.stack(
        [
            states[child.code] if isinstance(child, Leaf) else _state(below)
            for child, below in zip(branch.children, inner, strict=True)
        ]
    )
    weights = np.array([child.weight for child in branch.children])[:, None]
    present = ordered_sum(np.where(child_states == PRESENT, weights, 0.0))
    applicable = ordered_sum(np.where(child_states != NOT_APPLICABLE, weights, 0.0))
    is_rated = (applicable > 0) & (present > 0) & (present >= branch.missing_below * applicable - TOLERANCE)
    state = np.where(applicable <= 0, NOT_APPLICABLE, np.where(is_rated, PRESENT, MISSING))
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = np.where((child_states == PRESENT) & is_rated, weights / present, 0.0)
    return Plan(branch, shares, state, inner)


def combine(planned: Plan, leaf_points: Callable[[str], Floats], found: dict[str, Floats] | None = None) -> Floats:
    """Points of a branch from the points of its leaves, arrays (…, units); `found` collects those of every group.

    Arithmetic: sum of share·points. Geometric: exp(sum share·ln(max(points, 0.01))). Children are added one after the
    other in the order of their ids, so that neither the file nor the table can change the last digit. Units whose
    branch is not rated keep a meaningless 0 or 1 here; `Plan.state` says so.
    """
    is_geometric = planned.branch.across == "geometric"
    total: Floats | None = None
    for (child, below), share in zip(_children(planned), planned.shares, strict=True):
        got = leaf_points(child.code) if isinstance(child, Leaf) else combine(_planned(below), leaf_points, found)
        if is_geometric:
            got = np.log(np.maximum(got, LOWEST_POINTS))
        weighted = got * share.astype(got.dtype)
        total = weighted if total is None else total + weighted
    assert total is not None
    result = np.exp(total) if is_geometric else total
    if found is not None and planned.branch.id:
        found[planned.branch.id] = result
    return result


def contributions(planned: Plan, leaf_points: Mapping[str, Floats]) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """(effective weight, contribution) of every indicator, per unit.

    The effective weight is the product of the shares down the tree. Contributions sum to the score: under a geometric
    branch the branch's points are divided in proportion to share·max(points, 0.01).
    """
    weights: dict[str, Floats] = {}
    parts: dict[str, Floats] = {}

    def descend(current: Plan, weight: Floats, amount: Floats) -> None:
        got = [_points_of(child, below, leaf_points) for child, below in _children(current)]
        if current.branch.across == "geometric":
            got = [np.maximum(points, LOWEST_POINTS) for points in got]
        pieces = [points * share for points, share in zip(got, current.shares, strict=True)]
        total = ordered_sum(np.stack(pieces))
        for (child, below), piece, share in zip(_children(current), pieces, current.shares, strict=True):
            portion = np.divide(piece, total, out=np.zeros_like(total), where=total != 0) * amount
            if isinstance(child, Leaf):
                weights[child.code], parts[child.code] = weight * share, portion
            elif below is not None:
                descend(below, weight * share, portion)

    descend(planned, np.ones(len(planned.state)), combine(planned, leaf_points.__getitem__))
    return weights, parts


def ordered_sum(rows: Floats) -> Floats:
    """Sum over the first axis, row after row: pairwise summation would make the last digit depend on the layout."""
    total = np.zeros(rows.shape[1:], dtype=rows.dtype)
    for row in rows:
        total = total + row
    return total


def states_by_group(planned: Plan) -> dict[str, NDArray[np.int64]]:
    """State of every group per unit, the whole under ""."""
    found = {planned.branch.id: planned.state}
    for below in planned.inner:
        if below is not None:
            found.update(states_by_group(below))
    return found


def _state(planned: Plan | None) -> NDArray[np.int64]:
    return _planned(planned).state


def _planned(planned: Plan | None) -> Plan:
    """The plan of a child that is a branch; every branch has one by construction."""
    assert planned is not None
    return planned


def _children(planned: Plan) -> list[tuple[Leaf | Branch, Plan | None]]:
    return list(zip(planned.branch.children, planned.inner, strict=True))


def _points_of(child: Leaf | Branch, below: Plan | None, leaf_points: Mapping[str, Floats]) -> Floats:
    return leaf_points[child.code] if isinstance(child, Leaf) else combine(_planned(below), leaf_points.__getitem__)
