"""Scoring against a known truth: are rank intervals, certain grades and penalties right as often as they say?

Cities of units are drawn whose true rates are known; the counts are what chance makes of them. What the product says of
each city is compared with the truth. No speed is measured here.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from bench.measure import Ratio
from evaluation.assess import assess
from evaluation.rules.scheme import Scheme, load
from evaluation.scores.grades import grade_of
from evaluation.scores.observations import AssessedUnit, Observation
from evaluation.scores.result import UnitResult
from evaluation.uncertainty.ranks import ranks

Floats = NDArray[np.float64]
UNITS, CITIES, DRAWS = 200, 10, 1000
CASES = (30, 900)
RATES = {"a": (0.86, 0.06), "b": (0.75, 0.08), "c": (0.92, 0.04), "d": (0.65, 0.10)}  # mean and spread of true rates
LIMIT = 0.80  # honest units are truly at 0.81, the others at 0.70; the bare rate would hit many honest ones
SHARE_HONEST = 0.8
SCHEME = f"""id = "truth"
version = "1"
title = {{ zh = "已知真值", en = "Known truth" }}
[small_n]
suppress = 10
rank = 30
reliability = 0.0
{
    "".join(
        f'''[[indicator]]
code = "{code}"
weight = {weight}
method = "goalposts"
zero = 0.3
full = 1.0
clip = false
'''
        for code, weight in zip(RATES, (40, 30, 20, 10), strict=True)
    )
}
[[veto]]
code = "V"
title = {{ zh = "低于底线", en = "Below the limit" }}
when = {{ metric = "e", op = "<", value = {LIMIT} }}
cap_grade = "D"
[grades]
cuts = [["A", 85], ["B", 75], ["C", 65], ["D", 0]]
"""


@dataclass(frozen=True)
class Truth:
    """What a run over all cities found; shares are 0..1."""

    rank_coverage: float  # true rank inside the 90 % interval
    joint_coverage: float  # cities in which every joint interval holds the true rank
    certain: float  # units with a certain grade
    false_certain: float  # certain grades that are not the true one, of all certain ones
    honest_penalised: float  # units above the limit that the veto hit, of all such units
    guilty_penalised: float  # units below the limit that the veto hit, of all such units
    naive_penalised: float  # honest units a bare comparison of the rate with the limit would hit


def city(seed: int) -> tuple[list[AssessedUnit], list[Observation], Floats, NDArray[np.bool_]]:
    """Units, observed counts, true scores, and who is honest."""
    rng = np.random.default_rng([20250101, seed])
    units = [AssessedUnit(f"U{number:03d}", f"U{number:03d}", "all") for number in range(UNITS)]
    cases = np.exp(rng.uniform(math.log(CASES[0]), math.log(CASES[1]), UNITS)).astype(int)
    honest = rng.random(UNITS) < SHARE_HONEST
    true = {code: np.clip(rng.normal(mean, sd, UNITS), 0.3, 0.995) for code, (mean, sd) in RATES.items()}
    true["e"] = np.where(honest, LIMIT + 0.01, 0.70)
    values = [
        Observation(unit.code, code, hits / n, float(hits), float(n), n=int(n))
        for code, rates in true.items()
        for unit, n, hits in zip(units, cases, rng.binomial(cases, rates), strict=True)
    ]
    weights = dict(zip(RATES, (40, 30, 20, 10), strict=True))
    scores = sum(weights[code] * (true[code] - 0.3) / 0.7 for code in RATES)
    return units, values, np.asarray(scores), honest


def judged(seed: int, scheme: Scheme) -> tuple[list[UnitResult], Floats, NDArray[np.bool_], list[float]]:
    """A city as the product sees it, with its truth and the observed rates behind the penalty."""
    units, values, scores, honest = city(seed)
    result = assess(scheme, values, units, period="2024", seed=seed, draws=DRAWS)
    return result.units, scores, honest, [v.value or 0.0 for v in values if v.metric == "e"]


def truth(cities: int = CITIES) -> Truth:
    """Draw cities, judge them, compare."""
    scheme = load(SCHEME)
    rows = [row for seed in range(cities) for row in _compared(seed, scheme)]
    table = {name: np.array([row[name] for row in rows], dtype=float) for name in rows[0]}
    certain, honest = table["certain"] == 1, table["honest"] == 1
    return Truth(
        rank_coverage=float(table["covered"].mean()),
        joint_coverage=float(table["jointly"].reshape(cities, -1).all(axis=1).mean()),
        certain=float(certain.mean()),
        false_certain=float(1 - table["right"][certain].mean()),
        honest_penalised=float(table["hit"][honest].mean()),
        guilty_penalised=float(table["hit"][~honest].mean()),
        naive_penalised=float(table["naive"][honest].mean()),
    )


def _compared(seed: int, scheme: Scheme) -> Iterator[dict[str, float]]:
    units, scores, honest, rates = judged(seed, scheme)
    places = ranks(scores)
    for row, score, place, is_honest, rate in zip(units, scores, places, honest, rates, strict=True):
        hit = bool(row.vetoes)
        yield {
            "covered": (row.rank_low or 0) <= place <= (row.rank_high or UNITS),
            "jointly": (row.joint_rank_low or 0) <= place <= (row.joint_rank_high or UNITS),
            "certain": row.grade_certain and not hit,
            "right": row.grade == grade_of(float(score), scheme.grades),
            "honest": is_honest,
            "hit": hit,
            "naive": rate < LIMIT,
        }


def ratios() -> list[Ratio]:
    """Coverage and shares of errors against what is asked for; a yardstick of 1 prints the share itself."""
    found = truth()
    return [
        Ratio("true rank outside the 90 % interval", 1 - found.rank_coverage, 1.0, 0.15, "share"),
        Ratio("certain grade that is false", found.false_certain, 1.0, 0.05, "share"),
        Ratio("honest unit penalised", found.honest_penalised, 1.0, 0.05, "share"),
    ]


if __name__ == "__main__":
    print(json.dumps(asdict(truth(int(sys.argv[1]) if len(sys.argv) > 1 else CITIES)), indent=1))
