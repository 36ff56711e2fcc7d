"""Expected closures against R's survdiff, and what must not change them."""

from __future__ import annotations

import numpy as np
import pytest

from metrics.statistics.closing_speed import expected_closures
from tests.metrics.oracle_entries import ENTRIES


def test_expected_closures_oracle_ovarian() -> None:
    inputs, expected = ENTRIES["ovarian_oe"]["inputs"], ENTRIES["ovarian_oe"]["expected"]
    times = inputs["times_1"] + inputs["times_2"]
    events = inputs["events_1"] + inputs["events_2"]
    group = [1] * len(inputs["times_1"]) + [2] * len(inputs["times_2"])
    found = expected_closures(times, events, np.ones(len(times)), np.zeros(len(times)), group)
    assert (found[1].observed, found[2].observed) == (expected["o1"], expected["o2"])
    assert (found[1].expected, found[2].expected) == pytest.approx((expected["e1"], expected["e2"]), abs=1e-6)


def test_expected_closures_add_up_to_the_observed_in_every_cell() -> None:
    draw = np.random.default_rng(4)
    time, end, cell, group = (draw.integers(1, k, 500) for k in (60, 3, 5, 8))
    found = expected_closures(time, end == 1, np.ones(500), cell, group)
    assert sum(s.observed for s in found.values()) == pytest.approx(sum(s.expected for s in found.values()))


def test_a_histogram_and_its_rows_give_the_same_speed() -> None:
    rows = expected_closures([5, 5, 8, 9], [1, 1, 0, 1], [1, 1, 1, 1], [0] * 4, [0, 0, 1, 1])
    cells = expected_closures([5, 8, 9], [1, 0, 1], [2, 1, 1], [0] * 3, [0, 1, 1])
    assert rows == cells


def test_a_slow_unit_lies_below_one() -> None:
    time = np.r_[np.full(50, 10.0), np.full(50, 40.0)]
    found = expected_closures(time, np.ones(100), np.ones(100), np.zeros(100), np.r_[np.zeros(50), np.ones(50)])
    slow, fast = found[1], found[0]
    assert slow.ratio is not None
    assert fast.ratio is not None
    assert slow.ratio < 1 < fast.ratio
    assert slow.interval is not None
    assert slow.interval[0] < slow.ratio < slow.interval[1]
