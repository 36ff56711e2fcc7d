"""Edges at which a value stops counting: no case at all, an indicator that does not apply, a group of one."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.assess import assess
from evaluation.scores.observations import TOO_FEW, Observation
from evaluation.scores.result import UnitResult
from evaluation.uncertainty.funnel import dispersion
from tests.evaluation.builders import by_unit, indicator, scheme, units


def assessed(*observations: Observation, root: str = "", **keys: str) -> dict[str, UnitResult]:
    """Two indicators of equal weight, `b` with these settings, over what was observed."""
    used = scheme(indicator("a", 50), indicator("b", 50, **keys), root=f"[small_n]\nsuppress = 5\nrank = 5\n{root}")
    return by_unit(assess(used, observations, units(sorted({o.unit for o in observations})), period="2024"))


@pytest.mark.parametrize(("n", "reason"), [(0, TOO_FEW), (4, TOO_FEW), (5, None)])
def test_a_value_of_no_case_is_withheld_like_one_of_few(n: int, reason: str | None) -> None:
    found = assessed(Observation("u", "a", 80.0, n=40), Observation("u", "b", 60.0, n=n))["u"]
    assert [row.reason for row in found.indicators] == [None, reason]
    assert found.score == (70.0 if reason is None else None)  # half of the weight is too little for a score


@pytest.mark.parametrize(("keys", "score"), [({"not_applicable": "zero"}, 40.0), ({}, 80.0)])
def test_what_does_not_apply_costs_its_weight_only_where_the_scheme_says_zero(
    keys: dict[str, str], score: float
) -> None:
    rows = (Observation("u", "a", 80.0, n=40), Observation("u", "b", None, reason="not_applicable"),
            Observation("v", "a", 80.0, n=40), Observation("v", "b", 100.0, n=40))  # fmt: skip
    found = assessed(*rows, **keys)
    assert (found["u"].score, found["v"].score) == (score, 90.0)
    row = found["u"].indicators[1]
    assert (row.points, row.contribution) == ((0.0, 0.0) if keys else (None, None))


@pytest.mark.parametrize("s", [0.1, 0.25, 1 / 3])
def test_a_single_unit_has_no_spread(s: float) -> None:
    """The room for one is 0, or what rounding leaves of it: 0.1 has no exact binary form."""
    found = dispersion(np.array([3.0]), np.array([s]))
    assert (found.phi, found.tau2) == (9.0, 0.0)
