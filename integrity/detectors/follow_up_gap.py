"""D06: the unit's own follow-up hears far more satisfaction than an independent sample does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from integrity.rules.catalogue import detectors, percent
from integrity.rules.finding import Finding
from integrity.rules.null import adjusted
from integrity.rules.rule_findings import rule_finding
from metrics.statistics.interval import newcombe_difference


@dataclass(frozen=True)
class TwoSources:
    """Satisfied answers of rated ones, as (rated, satisfied): asked by the unit's side, and by a third party."""

    unit: str
    peer_group: str | None
    own: tuple[int, int]
    third: tuple[int, int]

    @property
    def gap(self) -> float:
        return self.own[1] / self.own[0] - self.third[1] / self.third[0]

    @property
    def variance(self) -> float:
        """Variance of the gap with one case added to each side of each share, so that 100 % is not taken as certain."""
        return sum((x + 1) / (n + 2) * (1 - (x + 1) / (n + 2)) / n for n, x in (self.own, self.third))


def follow_up_gap(units: Sequence[TwoSources]) -> list[Finding]:
    """Units whose gap is ten points and its Newcombe interval above 0, and ten points beyond the usual gap.

    Ways of asking differ for everybody, so the gap is measured against the median gap of all units:
    z = (g - median) / sqrt(se² + tau²) with tau² the spread of honest gaps; one-sided p, Benjamini-Hochberg.
    """
    from scipy import stats

    gates = detectors()["D06"].gates
    known = [u for u in sorted(units, key=lambda u: u.unit) if min(u.own[0], u.third[0]) >= gates.min_n]
    if len(known) < 3:
        return []
    gaps, variances = np.array([u.gap for u in known]), np.array([u.variance for u in known])
    usual = float(np.median(gaps))
    spread = max((1.4826 * float(np.median(np.abs(gaps - usual)))) ** 2 - float(np.median(variances)), 0.0)
    single = stats.norm.sf((gaps - usual) / np.sqrt(variances + spread))
    p = adjusted(single)
    is_rare = (p < gates.q) & (single <= gates.level)
    return [
        _finding(unit, usual, float(p[i]))
        for i, unit in enumerate(known)
        if is_rare[i] and min(gaps[i] - usual, gaps[i]) >= gates.min_difference and _low(unit) > 0
    ]


def _low(unit: TwoSources) -> float:
    return newcombe_difference(unit.own[1], unit.own[0], unit.third[1], unit.third[0])[0]


def _finding(unit: TwoSources, usual: float, p: float) -> Finding:
    low, high = newcombe_difference(unit.own[1], unit.own[0], unit.third[1], unit.third[0])
    evidence = {"own": list(unit.own), "third": list(unit.third), "low": low, "high": high, "usual": usual}
    own, third = (percent(x / n) for n, x in (unit.own, unit.third))
    return rule_finding("D06", unit.unit, count=unit.third[0], n=unit.own[0], value=unit.gap, expected=usual,
                        p_adjusted=p, evidence=evidence, own=own, third=third)  # fmt: skip
