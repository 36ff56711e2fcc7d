"""Rates adjusted for category, channel and urgency."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrics.value import MetricValue
from pipeline.numbers.case_mix import LEAST_REFERENCE, Adjusted, adjusted
from pipeline.numbers.counting import metric_values


def value(unit: str, group: str, hits: float, n: float) -> MetricValue:
    return MetricValue(unit, "2024", "R5", hits, n, hits / n, 0.0, 1.0, int(n), None, group)


def of(rows: list[MetricValue], peers: dict[str, str | None] | None = None) -> dict[str, Adjusted]:
    return {rate.unit: rate for rate in adjusted(rows, in_one_group(rows) if peers is None else peers)}


def in_one_group(rows: list[MetricValue]) -> dict[str, str | None]:
    return {row.unit: "all" for row in rows if row.unit is not None}


def city(**units: list[tuple[str, float, float]]) -> list[MetricValue]:
    """Small units beside a large one that sets the reference: 95 % of easy, 90 % of middle, 60 % of hard cases."""
    rest = [("easy", 9_500, 10_000), ("middle", 9_000, 10_000), ("hard", 6_000, 10_000)]
    return [value(unit, cell, hits, n) for unit, cells in {"rest": rest, **units}.items() for cell, hits, n in cells]


def test_expected_variance_and_z_as_in_the_worked_example() -> None:
    rows = city(u=[("easy", 96, 100), ("middle", 45, 50), ("hard", 35, 50)])
    found = of(rows)["u"]
    pooled = {"easy": 9_596 / 10_100, "middle": 9_045 / 10_050, "hard": 6_035 / 10_050}
    expected = 100 * pooled["easy"] + 50 * pooled["middle"] + 50 * pooled["hard"]
    variance = sum(n * pooled[c] * (1 - pooled[c]) for c, n in (("easy", 100), ("middle", 50), ("hard", 50)))
    assert found.expected == pytest.approx(expected / 200)
    assert found.z == pytest.approx((176 - expected) / math.sqrt(variance))
    assert (found.value - found.low) == pytest.approx(1.959964 * math.sqrt(variance) / 200, rel=1e-6)


def test_hard_cases_at_average_performance_cost_nothing() -> None:
    found = of(city(easy=[("easy", 950, 1_000)], hard=[("hard", 600, 1_000)]))
    assert found["hard"].raw < found["easy"].raw
    assert found["hard"].value == pytest.approx(found["easy"].value)


def test_a_large_unit_is_not_its_own_reference() -> None:
    rows = [value("big", "a", 500, 1_000), *(value(f"s{i}", "a", 90, 100) for i in range(3))]
    assert of(rows)["big"].expected == pytest.approx(0.9)


def test_a_small_cell_takes_the_rate_of_the_wider_one() -> None:
    rows = [value("u", "road|hotline|urgent", 5, 10), value("rest", "road|hotline|normal", 90 * 5, 100 * 5)]
    assert LEAST_REFERENCE > 10
    assert of(rows)["u"].expected == pytest.approx((450 + 5) / 510)


def test_only_the_peers_are_the_reference() -> None:
    town, bureau = (
        city(u=[("easy", 96, 100), ("hard", 35, 50)]),
        [value("b", "easy", 1, 900), value("c", "easy", 2, 90)],
    )
    peers = {"rest": "town", "u": "town", "b": "bureau", "c": "bureau"}
    found = of([*town, *bureau], peers)
    assert found["u"] == of(town)["u"], "cases of another group change nothing"
    assert found["c"].expected == pytest.approx(3 / 990)
    assert found["u"].overlap == pytest.approx(2 / 3, abs=0.01)


def test_a_unit_alone_in_its_group_is_compared_with_nobody() -> None:
    rows = city(u=[("easy", 96, 100)])
    assert set(of(rows, {"rest": "town", "u": "bureau"})) == set()
    assert set(of([*rows, value("v", "easy", 9, 10)], {"rest": "town", "u": "bureau", "v": "bureau"})) == {"u", "v"}
    assert of(rows, {"u": "town"}) == {}, "who is not assessed is nobody's peer"


def test_the_cells_that_move_a_rate_explain_it() -> None:
    cells = [("easy", 94, 100), ("hard", 70, 100), ("middle|web", 9, 10), ("rare", 1, 9)]
    found = of(city(u=cells))["u"]
    assert [row["cell"] for row in found.moving] == ["hard", "easy", "middle"], "rare: too few cases to be named"
    overall = (9_500 + 9_000 + 6_000 + 94 + 70 + 9 + 1) / 30_219
    hard = found.moving[0]
    assert hard["share"] == pytest.approx(100 / 219)
    assert hard["reference"] == pytest.approx(6_070 / 10_100)
    assert hard["moved"] == pytest.approx(100 / 219 * (overall - 6_070 / 10_100))
    only = of(city(u=cells[:2]))["u"]
    assert sum(row["moved"] for row in only.moving) == pytest.approx(only.value - only.raw), "nothing else moves it"


def test_a_rare_cell_is_named_by_the_wider_one_it_is_measured_by() -> None:
    rest = [("road|hotline|urgent", 30, 50), ("road|hotline|normal", 90, 100), ("other|web|normal", 990, 1_000)]
    rows = [value("rest", *cell) for cell in rest] + [value("u", "road|hotline|urgent", 9, 20)]
    assert [row["cell"] for row in of(rows)["u"].moving] == ["road|hotline"]


def test_a_mix_nobody_else_has_is_not_comparable() -> None:
    rows = city(odd=[("rare", 50, 100)], usual=[("easy", 95, 100), ("middle", 90, 100), ("hard", 60, 100)])
    found = of(rows)
    assert found["odd"].overlap < 0.01
    assert found["usual"].overlap > 0.99


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=12),
       st.randoms())  # fmt: skip
def test_adjusted_rates_stay_rates_in_any_order(cells: list, draw) -> None:
    rows = [value(f"u{i % 4}", f"{cell}{i}|x|y", hits, hits + more + 1) for i, (cell, hits, more) in enumerate(cells)]
    found = adjusted(rows, in_one_group(rows))
    assert all(0 <= rate.low <= rate.value <= rate.high <= 1 for rate in found)
    draw.shuffle(rows)
    for one, other in zip(found, adjusted(rows, in_one_group(rows)), strict=True):
        assert one.value == pytest.approx(other.value)


def test_the_mix_adds_up_to_the_unit(demo_instance) -> None:
    whole = metric_values(demo_instance, period="2025", codes=("R5", "H2"))
    parts = metric_values(demo_instance, period="2025", by=("unit", "mix"), codes=("R5", "H2"))
    assert {row.group.count("|") for row in parts.rows if row.group is not None} == {2}
    for row in whole.rows:
        if row.total == "mean_of_units" or row.denominator is None:
            continue
        mine = [p for p in parts.rows if (p.unit, p.metric, p.total) == (row.unit, row.metric, row.total)]
        assert sum(p.denominator or 0 for p in mine) == row.denominator
        assert sum(p.numerator or 0 for p in mine) == row.numerator
