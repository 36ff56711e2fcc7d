"""Scoring against a known truth, two small cities: the long run is `bench/bench_truth.py`."""

from __future__ import annotations

from bench.bench_truth import truth


def test_truth_intervals_cover_and_penalties_spare_the_honest() -> None:
    found = truth(cities=3)
    assert found.rank_coverage >= 0.85
    assert found.joint_coverage == 1.0
    assert found.false_certain <= 0.05
    assert found.honest_penalised <= 0.05
    assert found.naive_penalised > 4 * found.honest_penalised
    assert found.guilty_penalised > 0.6
