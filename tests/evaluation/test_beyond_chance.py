"""Better or worse than the peers: cases by hand, a second computation, units that are honest by construction, power."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evaluation.assess import assess
from evaluation.scores.observations import AssessedUnit, Column, Observation, columns_of
from evaluation.scores.result import Assessment
from evaluation.uncertainty.beyond_chance import RULE, USUAL_RHO, against_peers, is_tail_within
from tests.evaluation.builders import indicator, rate, scheme

PEERS = [(90, 100)] * 19


def column_of(rows: list[Observation]) -> Column:
    return columns_of(rows, [AssessedUnit(row.unit or "", "") for row in rows], ["x"])["x"]


def rates(pairs: list[tuple[float, float]]) -> Column:
    return column_of([rate(f"u{n:04}", "x", *pair) for n, pair in enumerate(pairs)])


def means(values: list[float], half: float) -> Column:
    """Values with a 95 % interval of this half width."""
    return column_of([Observation(f"u{n:04}", "x", v, low=v - half, high=v + half) for n, v in enumerate(values)])


def judged(column: Column, **settings: float) -> list[int]:
    return against_peers(column, np.zeros(len(column.value), np.int64), **settings).tolist()


@pytest.mark.parametrize(
    ("unit", "peers", "side"),
    [
        ((28, 28), [(966, 1000)] * 9, 0),  # chance alone gives 28 of 28 in 38 of 100 such units
        ((10, 10), PEERS, 0),  # .35 of such units
        ((30, 30), PEERS, 0),  # .042, and the limit of one tail is .018 with 20 units
        ((60, 60), PEERS, 1),  # .0018
        ((97, 100), PEERS, 1),  # P(X >= 97) = .0078
        ((96, 100), PEERS, 0),  # P(X >= 96) = .0237
        ((82, 100), PEERS, -1),  # P(X <= 82) = .0100
        ((84, 100), PEERS, 0),  # P(X <= 84) = .0399
        ((90, 100), PEERS, 0),
        ((27, 30), [(100, 100)] * 19, -1),  # peers without a single miss leave half a miss to measure by
        ((30, 30), [(100, 100)] * 19, 0),
        ((4250, 5000), [(80, 100), (85, 100), (90, 100), (95, 100), (98, 100)] * 4, 0),  # inside what peers differ
        ((2500, 5000), [(80, 100), (85, 100), (90, 100), (95, 100), (98, 100)] * 4, -1),
        ((8, 10), [(90, 100)], 0),  # two units: there are no peers to speak of
        ((0, 10), [(90, 100)], 0),
    ],
)
def test_cases_by_hand(unit: tuple[float, float], peers: list[tuple[float, float]], side: int) -> None:
    found = judged(rates([unit, *peers]))
    assert found[0] == side
    if side == 0 and unit != (30, 30):
        assert set(found) == {0}


def test_tails_are_those_of_the_law() -> None:
    generator = np.random.default_rng(3)
    n = np.exp(generator.uniform(np.log(10), np.log(8_000), 600)).round()
    mean, rho = generator.beta(5, 1, 600), 10 ** generator.uniform(-5, -0.4, 600)
    a, b = mean * (1 / rho - 1), (1 - mean) * (1 / rho - 1)
    far = mean + 1.9 * np.sqrt(mean * (1 - mean) * (rho + (1 - rho) / n))
    x = np.clip((far * n).round(), np.ceil(mean * n), n)
    law = stats.betabinom.sf(x - 1, n, a, b)
    for limit in (0.1, 0.025, 1e-4):
        assert (is_tail_within(x, n, a, b, limit) == (law <= limit)).all()
        assert limit < 0.001 or 0.1 < (law <= limit).mean() < 0.9


def _plain(pairs: list[tuple[float, float]], level: float = 0.95) -> list[int]:
    """The same rule written out unit by unit, with the law of scipy."""
    answer = []
    for number, (x, n) in enumerate(pairs):
        others = [pair for place, pair in enumerate(pairs) if place != number]
        weights = [m / (1 + USUAL_RHO * (m - 1)) for _, m in others]
        total = sum(weights)
        mean = sum(w * y / m for w, (y, m) in zip(weights, others, strict=True)) / total
        edge = 0.5 / (sum(m for _, m in others) + 1)
        q = min(max(mean, edge), 1 - edge)
        q, mu = q * (1 - q), q
        scatter = sum(w * (y / m - mean) ** 2 for w, (y, m) in zip(weights, others, strict=True))
        a = sum(w * (1 - w / total) / m for w, (_, m) in zip(weights, others, strict=True))
        b = sum(w * (1 - w / total) for w in weights)
        rho = max(0.0, (scatter - q * a) / (q * (b - a)))
        chance = sum(w * w * (rho + (1 - rho) / m) for w, (_, m) in zip(weights, others, strict=True)) / total**2
        rho += chance
        law = stats.betabinom(n, mu * (1 / rho - 1), (1 - mu) * (1 / rho - 1))
        limit = stats.norm.cdf(-stats.t.ppf((1 + level) / 2, len(others) - 1))
        answer.append(1 if law.sf(x - 1) <= limit else -1 if law.cdf(x) <= limit else 0)
    return answer


@pytest.mark.parametrize(("units", "rho"), [(16, 0.02), (40, 0.0), (40, 0.05)])
def test_same_as_the_rule_written_out(units: int, rho: float) -> None:
    pairs = _city(np.random.default_rng(units), units, 0.9, rho)
    pairs[0], pairs[1] = (pairs[0][1] // 3, pairs[0][1]), (pairs[1][1], pairs[1][1])
    assert judged(rates(pairs)) == _plain(pairs)
    assert judged(rates(pairs))[0] == -1


def _city(generator: np.random.Generator, units: int, mean: float, rho: float) -> list[tuple[int, int]]:
    """Units that differ as Beta(mean, rho) units do and by chance, with 10 to 600 cases."""
    cases = np.exp(generator.uniform(np.log(10), np.log(600), units)).astype(int)
    true = generator.beta(mean * (1 / rho - 1), (1 - mean) * (1 / rho - 1), units) if rho else np.full(units, mean)
    return list(zip(generator.binomial(cases, true).tolist(), cases.tolist(), strict=True))


@pytest.mark.parametrize("rho", [0.0, 0.002, 0.02, 0.08])
@pytest.mark.parametrize("units", [4, 10, 20, 100])
def test_at_most_one_honest_unit_in_twenty_is_called_different(units: int, rho: float) -> None:
    generator, flagged, all_units = np.random.default_rng(20260127), 0, 0
    for mean in (0.6, 0.9, 0.97):
        for _ in range(max(10, 2_000 // units)):
            flagged += np.count_nonzero(judged(rates(_city(generator, units, mean, rho))))
            all_units += units
    assert flagged <= 0.05 * all_units


def test_honest_times_are_called_different_as_rarely() -> None:
    generator = np.random.default_rng(5)
    for spread in (0.0, 3.0, 30.0):
        flags = [judged(means((50 + generator.normal(0, np.hypot(spread, 5), 12)).tolist(), 1.96 * 5))
                 for _ in range(300)]  # fmt: skip
        assert np.mean(np.array(flags) != 0) <= 0.05


def test_a_unit_fifteen_points_below_its_peers_is_nearly_always_seen() -> None:
    generator, seen = np.random.default_rng(9), 0
    for _ in range(200):
        pairs = _city(generator, 20, 0.9, 0.003)
        pairs[0] = (int(generator.binomial(200, 0.75)), 200)
        seen += judged(rates(pairs))[0] == -1
    assert seen >= 190


def test_times_and_their_usual_spread() -> None:
    alike = [50.0, 51.0, 49.0, 50.5, 49.5] * 4
    assert judged(means([70.0, *alike], 5.0))[0] == 1
    assert judged(means([54.0, *alike], 5.0))[0] == 0
    apart = [30.0, 40.0, 50.0, 60.0, 70.0] * 4
    assert judged(means([70.0, *apart], 5.0))[0] == 0  # as far as others lie
    assert judged(means([70.0, *alike], 0.0)) == [0] * 21  # without an interval nothing is known of chance


def test_a_small_group_borrows_the_spread_of_the_others() -> None:
    small, large = [(72, 100), *[(90, 100)] * 3], [(70, 100)] * 20
    column = rates([*small, *large])
    groups = np.array([0] * 4 + [1] * 20)
    assert judged(rates(small)) == [0] * 4  # three peers alone do not tell how peers differ
    assert against_peers(column, groups)[0] == -1
    assert against_peers(column, groups, least=3)[0] == 0


def test_honest_units_of_a_small_group_beside_a_larger_one_are_called_different_as_rarely() -> None:
    generator, flags = np.random.default_rng(11), []
    groups = np.array([0] * 4 + [1] * 20)
    for rho in (0.0, 0.02, 0.08):
        for _ in range(250):
            pairs = [*_city(generator, 4, 0.9, rho), *_city(generator, 20, 0.8, rho)]
            flags += against_peers(rates(pairs), groups)[:4].tolist()
    assert np.mean(np.array(flags) != 0) <= 0.05


def test_raising_a_value_never_makes_it_worse() -> None:
    pairs = _city(np.random.default_rng(2), 15, 0.85, 0.01)
    pairs[0] = (0, 80)
    found = [judged(rates([(hits, 80), *pairs[1:]]))[0] for hits in range(81)]
    assert found == sorted(found)
    assert found[0] == -1
    assert found[-1] == 1


def test_the_level_is_a_setting_of_the_scheme_and_the_rule_stands_in_the_result() -> None:
    rows = [rate("u00", "x", 96, 100), *(rate(f"u{n:02}", "x", *pair) for n, pair in enumerate(PEERS, 1))]
    units = [AssessedUnit(row.unit or "", "") for row in rows]

    def told(*settings: str) -> Assessment:
        used = scheme(indicator("x", 100, zero=0.0, full=1.0), *settings)
        return assess(used, rows, units, period="2024", draws=100)

    assert told().units[0].indicators[0].comparison is None
    found = told("[comparison]\ndifference_level = 0.9")
    assert found.units[0].indicators[0].comparison == "better"
    assert found.comparison_rule == RULE
    document = found.to_json()
    del document["comparison_rule"]  # as results frozen before the rule had a name
    assert Assessment.from_json(document).comparison_rule is None


def test_lower_is_better_where_the_scheme_says_so() -> None:
    rows = [rate("u00", "x", 40, 100), *(rate(f"u{n:02}", "x", 10, 100) for n in range(1, 20))]
    units = [AssessedUnit(row.unit or "", "") for row in rows]
    found = assess(scheme(indicator("x", 100, zero=1.0, full=0.0)), rows, units, period="2024", draws=100)
    assert found.units[0].indicators[0].comparison == "worse"
