"""Times of many keys at once against a plain reckoning of each key by itself, row by row."""

from __future__ import annotations

import math
import statistics
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.counting import times
from metrics.counting.count_table import gathered, table_of
from metrics.counting.times import Times, joined, shares_in_parts, shares_with_end, summed, times_of, times_of_cases
from metrics.statistics import survival
from metrics.statistics.interval import Z95
from metrics.values import waiting

KEYS = 4
TAU = 12.0
ROWS = st.lists(st.tuples(st.integers(0, KEYS - 1), st.integers(0, 20), st.booleans()), max_size=60)


def laid_out(rows: list[tuple[int, int, bool]]) -> Times:
    place, seconds, ended = (np.array([row[i] for row in rows], np.int64) for i in range(3))
    return times_of(place, seconds, None, ended, KEYS)


def plain_curve(own: list[tuple[int, bool]]) -> list[tuple[int, float, float]]:
    """Edge, share still waiting, Greenwood sum: one loop over the sorted times."""
    share, spread, found = 1.0, 0.0, []
    for edge in sorted({t for t, _ in own}):
        at_risk = sum(t >= edge for t, _ in own)
        ends = sum(t == edge and over for t, over in own)
        share *= 1 - ends / at_risk
        spread += ends / (at_risk * (at_risk - ends)) if at_risk > ends else 0.0
        found.append((edge, share, spread))
    return found


def plain_quantile(own: list[tuple[int, bool]], q: float) -> tuple[float, float, float]:
    curve = plain_curve(own)

    def first(shift: float) -> float:
        for edge, share, spread in curve:
            if shift == 0 and share <= 1 - q + 1e-12:
                return edge
            if shift and 0 < share < 1:
                theta = math.log(-math.log(share)) + shift * Z95 * math.sqrt(spread) / -math.log(share)
                if math.exp(-math.exp(theta)) <= 1 - q + 1e-12:
                    return edge
        return math.inf

    return first(0), first(1), first(-1)


def plain_mean_until(own: list[tuple[int, bool]], tau: float) -> float:
    """The area under the curve, step by step."""
    area, height, before = 0.0, 1.0, 0.0
    for edge, share, _ in plain_curve(own):
        area += height * (min(edge, tau) - min(before, tau))
        height, before = share, edge
    return area + height * max(tau - before, 0)


@given(ROWS)
def test_each_key_as_if_it_stood_alone(rows: list[tuple[int, int, bool]]) -> None:
    found = waiting.Waiting(laid_out(rows), TAU)
    for key in range(KEYS):
        own = [(t, over) for place, t, over in rows if place == key]
        ended = sorted(t for t, over in own if over)
        assert (found.cases[key], found.ended[key]) == (len(own), len(ended))
        if not own:
            assert all(math.isnan(found.numbers["rmst"][i][key]) for i in range(3))
            continue
        assert found.numbers["rmst"][0][key] == pytest.approx(plain_mean_until(own, TAU))
        for kind, q in waiting.QUANTILES.items():
            assert [found.numbers[f"{kind}_km"][i][key] for i in range(3)] == list(plain_quantile(own, q))
            if ended:
                assert found.numbers[kind][0][key] == ended[max(math.ceil(q * len(ended) - 1e-9), 1) - 1]
        if ended:
            assert found.numbers["mean"][0][key] == pytest.approx(statistics.fmean(ended))
        else:
            assert math.isnan(found.numbers["mean"][0][key])


@given(ROWS, st.integers(1, 7), st.integers(0, 60))
def test_pieces_of_keys_give_the_same(rows: list[tuple[int, int, bool]], at_once: int, cut: int) -> None:
    """However many keys stand in memory at a time: curves, ended cases, and tables of the same keys added up."""
    whole, before = waiting.Waiting(laid_out(rows), TAU), times.ENTRIES_AT_ONCE
    expected = whole.numbers
    times.ENTRIES_AT_ONCE = at_once
    try:
        pieces = waiting.Waiting(laid_out(rows), TAU)
        found, added = pieces.numbers, summed([laid_out(rows[:cut]), laid_out(rows[cut:])])
    finally:
        times.ENTRIES_AT_ONCE = before
    assert_equal(added, whole.times)
    for kind, bounds in expected.items():
        for mine, other in zip(bounds, found[kind], strict=True):
            np.testing.assert_array_equal(mine, other)


@pytest.mark.parametrize("factor", [1, 100_003, 2**40, 2**58])  # counted, sorted in 32 bits, in 64, key by key
@given(ROWS, st.lists(st.integers(0, 2), min_size=KEYS, max_size=KEYS))
def test_totals_sorted_with_their_keys_are_the_keys_put_together(
    factor: int, rows: list[tuple[int, int, bool]], total_of: list[int]
) -> None:
    """Every seventh case has no known time and is in neither."""
    place, seconds, ended = (np.array([row[i] for row in rows], np.int64) for i in range(3))
    seconds %= 8 if factor == 2**58 else 1_000
    seconds *= factor
    place[::7] = -1
    known, expected = place >= 0, times_of(place, seconds, None, ended, KEYS)
    cases = 2 * seconds + ended
    assert_equal(times_of_cases(place[known], cases[known], KEYS), expected)
    whole = times_of_cases(np.array(total_of)[place[known]], cases[known], 3)
    assert_equal(whole, expected.put_together(np.array(total_of), 3))


@pytest.mark.parametrize("limits", [[25_200, 45_360, 90_720], [999_983, 999_979, 999_961, 999_959]])
@given(ROWS, st.data())
def test_shares_of_a_limit_in_parts_and_in_bits(
    limits: list[int], rows: list[tuple[int, int, bool]], data: st.DataObject
) -> None:
    """Limits of a calendar have a unit in common; large primes have none, and their shares are sorted by their bits."""
    place, used, ended = (np.array([row[i] for row in rows], np.int64) for i in range(3))
    every = st.lists(st.sampled_from(limits), min_size=len(rows), max_size=len(rows))
    allowed = np.array(data.draw(every), np.int64)
    expected = times_of(place, used / allowed, None, ended, KEYS)
    parts = shares_in_parts(used, allowed)
    if len(set(allowed.tolist())) == len(limits):
        assert (parts is None) is (limits[0] == 999_983)
    if parts is not None:
        assert_equal(times_of_cases(place, 2 * parts[0] + ended, KEYS).in_measure(1, parts[1]), expected)
    assert_equal(times_of_cases(place, shares_with_end(used / allowed, ended), KEYS), expected)


@given(ROWS, st.integers(0, 60))
def test_tables_joined_and_sets_gathered(rows: list[tuple[int, int, bool]], cut: int) -> None:
    """Two tables beside each other are one of twice the keys; a set of keys is the sum of its members."""
    both = joined([laid_out(rows[:cut]), laid_out(rows[cut:])])
    shifted = [(place + KEYS * (i >= cut), t, over) for i, (place, t, over) in enumerate(rows)]
    columns = [np.array([row[i] for row in shifted], np.int64) for i in range(3)]
    expected = times_of(columns[0], columns[1], None, columns[2], 2 * KEYS)
    assert_equal(both, expected)
    units = [f"u{i}" for i in range(2 * KEYS)]
    table = table_of({(unit, "2025", None): {"n": 1} for unit in units})
    sets = gathered(type(table)(table.keys, table.counts, {("close", True): both}), {"all": units, "first": units[:1]})
    all_at = times_of(columns[0] * 0, columns[1], None, columns[2], 1)
    assert_equal(sets.times["close", True].part(0, 1), all_at)
    assert_equal(sets.times["close", True].part(1, 2), both.part(0, 1))


def assert_equal(one: Times, other: Times) -> None:
    for name in ("seconds", "n", "ended", "bounds"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_many_cases_do_not_overflow_their_small_types() -> None:
    """300 cases at one second each need more than a byte when they are added up."""
    rows: Any = [(0, second % 200, True) for second in range(40_000)]
    found = waiting.Waiting(laid_out(rows), TAU)
    assert (found.cases[0], found.ended[0], found.numbers["mean"][0][0]) == (40_000, 40_000, 99.5)


def test_curves_of_two_clocks_are_reckoned_beside_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each waits in the middle for the other, which never comes where one property is locked for all clocks."""
    both, curves = threading.Barrier(2, timeout=20), survival.curves

    def waiting_for_the_other(*columns: np.ndarray) -> survival.Curves:
        both.wait()
        return curves(*columns)

    monkeypatch.setattr(survival, "curves", waiting_for_the_other)
    clocks = [waiting.Waiting(laid_out([(0, 5, True)]), TAU) for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        found = list(threads.map(lambda clock: clock.numbers["median_km"], clocks))
    assert [value.tolist()[0] for value, _, _ in found] == [5, 5]


def test_only_the_kinds_asked_for_are_reckoned(monkeypatch: pytest.MonkeyPatch) -> None:
    times, tau = laid_out([(0, 5, True), (0, 9, False), (2, 3, True)]), TAU
    every = waiting.Waiting(times, tau).numbers
    assert tuple(every) == waiting.KINDS
    monkeypatch.delattr(survival, "restricted_means")
    for kind in waiting.KINDS[:-1]:
        found = waiting.Waiting(times, tau, {kind}).numbers
        assert list(found) == [kind]
        np.testing.assert_array_equal(found[kind], every[kind])
