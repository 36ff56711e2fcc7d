"""Published and independently computed numbers that the evaluation must meet (inputs and results written out here)."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from evaluation.rules import weighting
from evaluation.rules.scheme import Indicator
from evaluation.scores.observations import Column
from evaluation.scores.points import Anchors, anchor, points, step_probabilities
from evaluation.scores.proof import one_sided_bounds
from evaluation.uncertainty import casemix, funnel, ranks, shrinkage
from evaluation.uncertainty.posterior import posterior
from metrics.statistics.betabinomial import BetaBinomial, fit_by_likelihood, fit_by_moments
from tests.evaluation.builders import by_unit, indicator, scheme, scored
from tests.shared_data import shared_file

HITS = [12, 30, 26, 50, 42, 71, 4, 29, 48, 36]
CASES = [82, 98, 100, 125, 162, 151, 12, 100, 82, 99]
CODES = ["patents", "royalties", "internet", "exports", "telephones_log", "electricity_log", "schooling", "university"]
GOALPOSTS = [
    (0, 994), (0, 272.6), (0, 232.4), (0, 80.8), (0, 2.954724790979063), (1.3424226808222062, 3.843170464519898),
    (0.8, 12), (0.1, 27.4),
]  # fmt: skip
TAI_FOUR = {
    "Finland": [187.0, 125.6, 200.2, 50.7, 3.08, 4.15, 10.0, 27.4],
    "United States": [289.0, 130.0, 179.1, 66.2, 3.0, 4.07, 12.0, 13.9],
    "Norway": [103.0, 20.2, 193.6, 19.0, 3.12, 4.39, 11.9, 11.2],
    "Slovenia": [105.0, 4.0, 20.3, 49.5, 2.84, 3.71, 7.1, 10.6],
}
SCHOOLING = [
    10.0, 12.0, 11.4, 9.5, 10.8, 9.4, 9.4, 11.6, 10.9, 7.1, 10.2, 11.9, 9.4, 9.3, 11.7, 8.4, 7.9, 9.6, 7.3, 7.2, 9.5,
    9.1, 7.1,
]  # fmt: skip
AIRCRAFT = [
    [2.0, 1500, 20000, 5.5, 5, 9], [2.5, 2700, 18000, 6.5, 3, 5], [1.8, 2000, 21000, 4.5, 7, 7],
    [2.2, 1800, 20000, 5.0, 5, 5],
]  # fmt: skip


def tai_scheme(weights: list[float] | None = None):
    """The technology achievement index: fixed goalposts and given weights."""
    shares = weights or [12.5] * 8
    tables = [
        indicator(code, weight, method="goalposts", zero=low, full=high)
        for code, weight, (low, high) in zip(CODES, shares, GOALPOSTS, strict=True)
    ]
    return scheme(*tables, grades="")


def tai_rows(name: str) -> list[dict[str, str]]:
    with shared_file(f"data/oracles/tai/{name}").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def tai_table() -> dict[str, dict[str, float]]:
    return {row["country"]: {code: float(row[code]) for code in CODES} for row in tai_rows("tai_raw_23.csv")}


@pytest.mark.parametrize(
    ("country", "expected"),
    [("Finland", 0.744903), ("United States", 0.732886), ("Norway", 0.580448), ("Slovenia", 0.459415)],
)
def test_tai_of_four_countries(country: str, expected: float) -> None:
    table = {name: dict(zip(CODES, row, strict=True)) for name, row in TAI_FOUR.items()}
    assert by_unit(scored(tai_scheme(), table))[country].score == pytest.approx(100 * expected, abs=1e-4, rel=0)


@pytest.mark.parametrize("weighting_name", ["EW", "BAP"])
def test_tai_ranks_of_23_countries(weighting_name: str) -> None:
    shares = {row["indicator"]: 100 * float(row[weighting_name]) for row in tai_rows("tai_weights_table22.csv")}
    found = by_unit(scored(tai_scheme([shares[code] for code in CODES]), tai_table()))
    published = {row["country"]: int(row[weighting_name]) for row in tai_rows("tai_published_ranks_table23.csv")}
    assert {country: found[country].rank for country in published} == published


@pytest.mark.parametrize(("weighting_name", "differing"), [("FA", 4), ("AHP", 3)])
def test_tai_ranks_by_rounded_weights_differ_where_the_handbook_says(weighting_name: str, differing: int) -> None:
    """The printed weights are rounded: 19 and 20 of 23 ranks are those of Table 23."""
    shares = {row["indicator"]: float(row[weighting_name]) for row in tai_rows("tai_weights_table22.csv")}
    weights = [100 * shares[code] / sum(shares.values()) for code in CODES]
    found = by_unit(scored(tai_scheme(weights), tai_table()))
    published = {row["country"]: int(row[weighting_name]) for row in tai_rows("tai_published_ranks_table23.csv")}
    assert sum(found[country].rank != rank for country, rank in published.items()) == differing


def test_tai_scores_of_23_countries() -> None:
    wanted = json.loads(shared_file("data/expected.json").read_text("utf-8"))["values"]["oracles/tai"]["ew_scores"]
    found = by_unit(scored(tai_scheme(), tai_table()))
    assert {country: round(found[country].score / 100, 4) for country in wanted} == pytest.approx(wanted, abs=5.1e-5)


def test_tai_by_minmax_of_the_23_has_other_ranks() -> None:
    """Goalposts that are only the best and worst of the table meet 11 of the 23 published ranks."""
    tables = [indicator(code, 12.5, method="minmax") for code in CODES]
    found = by_unit(scored(scheme(*tables, grades=""), tai_table()))
    published = {row["country"]: int(row["EW"]) for row in tai_rows("tai_published_ranks_table23.csv")}
    assert sum(found[country].rank == rank for country, rank in published.items()) == 11


def test_tai_geometric_ranks_of_23_countries() -> None:
    table = tai_table()
    values = weighting.weighted_geometric([[row[code] for code in CODES] for row in table.values()], [1] * 8)
    found = dict(zip(table, ranks.ranks(values).tolist(), strict=True))
    published = {row["country"]: int(row["GME"]) for row in tai_rows("tai_published_ranks_table38.csv")}
    assert found == published


def test_tai_normalisations_of_table_15() -> None:
    rows = tai_rows("tai_table15_normalisation.csv")
    x = np.array([float(row["schooling"]) for row in rows])
    z, minmax, rank = (anchored(method, x) for method in ("zscore", "minmax", "rank"))
    assert points(z, x) == pytest.approx([float(row["z"]) for row in rows], abs=0.0051)
    assert points(minmax, x) / 100 == pytest.approx([float(row["minmax"]) for row in rows], abs=0.0051)
    assert points(rank, x) == pytest.approx([float(row["percentile"]) for row in rows], abs=0.051)


def anchored(method: str, x: np.ndarray) -> Anchors:
    return anchor(Indicator("x", 100, method), x, np.zeros(len(x), dtype=np.int64))


def test_schooling_z_and_minmax() -> None:
    x = np.array(SCHOOLING)
    assert points(anchored("zscore", x), x)[:2] == pytest.approx([0.256410, 1.524674], abs=1e-6, rel=0)
    assert points(anchored("minmax", x), x)[:2] == pytest.approx([59.1837, 100.0], abs=1e-4, rel=0)


@pytest.mark.parametrize(
    ("published", "shift"),
    [
        ([1, 2, 3, 5, 4, 8, 7, 6, 10, 11, 9, 13, 12, 14, 17, 15, 16, 18, 19, 21, 22, 20, 23], 0.869565),
        ([1, 3, 4, 5, 2, 11, 7, 6, 10, 9, 8, 16, 12, 13, 18, 15, 14, 17, 19, 21, 22, 20, 23], 1.565217),
        ([2, 1, 3, 4, 16, 5, 6, 18, 13, 14, 8, 11, 7, 9, 17, 12, 10, 15, 19, 21, 23, 22, 20], 3.043478),
    ],
)
def test_mean_rank_shift(published: list[int], shift: float) -> None:
    assert ranks.mean_rank_shift(np.array(published), np.arange(1, 24)) == pytest.approx(shift, abs=1e-6, rel=0)


def test_ahp_saaty_drinks() -> None:
    third, ninth = 1 / 3, 1 / 9
    upper = [
        9,
        5,
        2,
        1,
        1,
        0.5,
        third,
        ninth,
        ninth,
        ninth,
        ninth,
        third,
        0.25,
        third,
        ninth,
        0.5,
        1,
        third,
        2,
        0.5,
        third,
    ]
    found = weighting.ahp(weighting.reciprocal_matrix(upper, 7))
    expected = [0.177457, 0.019149, 0.041831, 0.116417, 0.189572, 0.128781, 0.326793]
    assert found.weights == pytest.approx(expected, abs=1e-6, rel=0)
    assert found.eigenvalue == pytest.approx(7.176629, abs=1e-6, rel=0)
    assert found.consistency_ratio == pytest.approx(0.022302, abs=1e-6, rel=0)


def test_ahp_oecd_table_20() -> None:
    upper = [2, 3, 2, 5, 5, 1, 3, 2, 0.5, 4, 4, 0.5, 3, 0.25, 2, 2, 0.2, 0.5, 4, 4, 0.5, 3, 1, 0.2, 0.5, 0.2, 0.5, 4]
    found = weighting.ahp(weighting.reciprocal_matrix(upper, 8))
    expected = [0.229063, 0.134571, 0.059362, 0.176145, 0.038542, 0.038542, 0.252235, 0.07154]
    assert found.weights == pytest.approx(expected, abs=1e-6, rel=0)
    assert (found.eigenvalue, found.consistency_ratio) == pytest.approx((8.211079, 0.021386), abs=1e-6, rel=0)
    assert weighting.accepted_weights(weighting.reciprocal_matrix(upper, 8)) == pytest.approx(expected, abs=1e-6, rel=0)


@pytest.mark.parametrize("upper", [[2, 4, 2], [3, 9, 3], [7, 49, 7]])
def test_ahp_of_judgements_without_a_contradiction_has_a_ratio_of_nought_and_no_sign(upper: list[float]) -> None:
    found = weighting.ahp(weighting.reciprocal_matrix(upper, 3))
    assert f"{found.consistency_ratio:.4f}" == "0.0000"


def test_ahp_refuses_contradicting_judgements() -> None:
    with pytest.raises(weighting.JudgementsContradict, match="discuss them again"):
        weighting.accepted_weights(weighting.reciprocal_matrix([9, 1 / 9, 9], 3))


def test_topsis_and_entropy_of_the_aircraft() -> None:
    closeness = weighting.topsis(AIRCRAFT, [0.2, 0.1, 0.1, 0.1, 0.2, 0.3], [True, True, True, False, True, True])
    assert closeness == pytest.approx([0.643277, 0.268384, 0.613542, 0.312291], abs=1e-6, rel=0)
    expected = [0.06419, 0.206088, 0.013445, 0.081326, 0.35868, 0.276272]
    assert weighting.entropy_weights(AIRCRAFT) == pytest.approx(expected, abs=1e-6, rel=0)


def test_entropy_survives_a_zero() -> None:
    assert np.isfinite(weighting.entropy_weights([[0, 1], [2, 3]])).all()


def test_geometric_means_of_the_handbook() -> None:
    found = weighting.weighted_geometric([[21, 1, 1, 1], [21, 2, 1, 1], [6, 7, 6, 6]], [1, 1, 1, 1])
    assert found == pytest.approx([2.140695, 2.54573, 6.235739], abs=1e-6, rel=0)


@pytest.mark.parametrize(("concentration", "expected"), [(50, 0.420084), (150, 0.244137), (400, 0.149813)])
def test_dirichlet_relative_spread(concentration: float, expected: float) -> None:
    assert weighting.dirichlet_relative_sd(0.1, concentration) == pytest.approx(expected, abs=1e-6, rel=0)


def test_pair_probability() -> None:
    assert ranks.probability_above(82, 2.25, 80, 4) == pytest.approx(0.788145, abs=1e-6, rel=0)


def test_joint_rank_z() -> None:
    assert ranks.joint_z(51, 0.9) == pytest.approx(3.0809, abs=1e-6, rel=0)


def test_joint_rank_intervals_by_hand() -> None:
    low, high = np.array([10, 12, 15, 18, 22, 30.0]), np.array([14, 16, 18, 24, 28, 33.0])
    first, last = ranks.joint_rank_intervals(-high, -low)  # the example counts rank 1 as the smallest value
    assert list(zip(first.tolist(), last.tolist(), strict=True)) == [(1, 2), (1, 3), (2, 3), (4, 5), (4, 5), (6, 6)]


def test_beta_binomial_by_moments_and_likelihood() -> None:
    found = fit_by_moments(HITS, CASES, passes=0)
    assert (found.mu, found.rho, found.size) == pytest.approx((0.344214, 0.055458, 17.031609), abs=1e-6, rel=0)
    assert fit_by_likelihood(HITS, CASES) == pytest.approx((6.46612, 12.41263, -37.361708), abs=5e-4, rel=0)


@pytest.mark.parametrize(
    ("a", "b", "y", "n", "mean", "sd", "within"),
    [(1.356149, 8.615058, 4, 14, 0.223441, 0.083358, 1e-6), (2.30478, 14.07979, 0, 20, 0.063345, None, 2e-5)],
)
def test_beta_posterior(
    monkeypatch: pytest.MonkeyPatch, a: float, b: float, y: int, n: int, mean: float, sd: float | None, within: float
) -> None:
    prior = BetaBinomial(a / (a + b), 1 / (a + b + 1))
    monkeypatch.setattr("evaluation.uncertainty.posterior._prior", lambda *_: prior)
    one, nothing = np.ones(1), np.full(1, np.nan)
    column = Column(y / n * one, y * one, n * one, nothing, nothing, np.array([n]), (None,))
    found = posterior(column, np.zeros(1, dtype=np.int64))
    assert found.mean[0] == pytest.approx(mean, abs=within, rel=0)
    assert sd is None or found.sd[0] == pytest.approx(sd, abs=within, rel=0)
    assert prior.shrunk(y, n) == pytest.approx(mean, abs=within, rel=0)


def test_efron_morris_baseball() -> None:
    hits = [18, 17, 16, 15, 14, 14, 13, 12, 11, 11, 10, 10, 10, 10, 10, 9, 8, 7]
    found = shrinkage.efron_morris(hits, 45)
    assert (found.spread, found.keep) == pytest.approx((18.96272, 0.208974), abs=1e-6, rel=0)
    assert (found.rates[0], found.rates[-1]) == pytest.approx((0.290127, 0.2387), abs=1e-6, rel=0)


def test_funnel_of_a_proportion() -> None:
    target = 0.8064244785714955
    ends = [*funnel.proportion_limits(target, 664), *funnel.proportion_limits(target, 664, funnel.Z_998)]
    assert ends == pytest.approx([0.776373, 0.836476, 0.759042, 0.853807], abs=1e-6, rel=0)


@pytest.mark.parametrize(
    ("expected", "alpha", "low", "high"),
    [
        (15, 0.05, 0.559692, 1.649348),
        (20, 0.05, 0.610826, 1.544419),
        (30, 0.05, 0.674696, 1.427562),
        (15, 0.002, 0.386265, 2.082907),
    ],
)
def test_funnel_of_a_ratio(expected: float, alpha: float, low: float, high: float) -> None:
    assert list(funnel.ratio_limits(expected, alpha)) == pytest.approx([low, high], abs=1e-6, rel=0)


def test_over_dispersion_of_ten_units() -> None:
    z, s = funnel.proportion_z(HITS, CASES)
    plain, winsorised = funnel.dispersion(z, s, winsor=None), funnel.dispersion(z, s)
    assert (plain.phi, plain.tau2) == pytest.approx((6.037391, 0.014356), abs=1e-6, rel=0)
    assert (winsorised.phi, winsorised.tau2) == pytest.approx((4.009053, 0.008688), abs=1e-6, rel=0)
    limits = funnel.additive_limits(sum(HITS) / sum(CASES), 100, plain.tau2)
    assert list(limits) == pytest.approx([0.132461, 0.595454], abs=1e-6, rel=0)


def test_expected_step_points() -> None:
    chance = step_probabilities(45.5, 5.5, (0.9, 0.8))
    assert chance == pytest.approx([0.474319, 0.495099, 0.030582], abs=1e-6, rel=0)
    assert np.dot(chance, [10, 8, 5]) == pytest.approx(8.856891, abs=1e-6, rel=0)


def test_expected_step_points_in_a_scheme() -> None:
    from evaluation.assess import assess
    from tests.evaluation.builders import rate, units

    used = scheme(indicator("x", 100, method="steps", steps=[[0, 5], [0.8, 8], [0.9, 10]]), grades="")
    found = assess(used, [rate("u", "x", 45, 50)], units(["u"]), period="p").units[0]
    assert found.score == pytest.approx(8.856891, abs=1e-6, rel=0)


def test_one_sided_wilson_bound() -> None:
    one = np.ones(1)
    column = Column(81 / 263 * one, 81 * one, 263 * one, np.nan * one, np.nan * one, np.array([263]), (None,))
    assert float(one_sided_bounds(column)[1][0]) == pytest.approx(0.356566, abs=1e-6, rel=0)


def test_indirect_standardisation() -> None:
    found = casemix.indirect([100, 50, 50], [0.95, 0.9, 0.6], 176)
    got = (found.expected, found.variance, found.z, found.adjusted, found.standard_error)
    assert got == pytest.approx((170, 21.25, 1.301583, 0.91, 0.023049), abs=1e-6, rel=0)


def test_moving_cases_to_hard_cells_at_the_average_changes_nothing() -> None:
    easy = casemix.indirect([100, 100], [0.9, 0.5], 140, overall=0.7)
    hard = casemix.indirect([50, 150], [0.9, 0.5], 120, overall=0.7)
    assert easy.adjusted == pytest.approx(hard.adjusted)


def test_posterior_of_a_group_is_the_beta_binomial_one() -> None:
    hits, cases = np.array(HITS + HITS, float), np.array(CASES + CASES, float)
    nothing = np.full(20, np.nan)
    column = Column(hits / cases, hits, cases, nothing, nothing, cases.astype(np.int64), (None,) * 20)
    found = posterior(column, np.zeros(20, dtype=np.int64))
    prior = fit_by_moments(hits, cases)
    assert found.mean == pytest.approx(prior.shrunk(hits, cases))
    assert found.reliability == pytest.approx(cases / (cases + prior.size))
