"""The detectors with rules of their own: for each a unit that shows the practice, one that does not, and one with an
ordinary explanation or too little to say."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from integrity.detectors.batch_closing import UnitClosings, batch_closing
from integrity.detectors.bursts import UnitHours, rating_bursts
from integrity.detectors.dormant import Silence, dormant_channels
from integrity.detectors.follow_up_gap import TwoSources, follow_up_gap
from integrity.detectors.odd_figures import UnitFigures, odd_figures
from integrity.detectors.registers import Overlap, under_recorded
from metrics.clocks.daytable import day_number
from metrics.counting import batches
from records.columns import FACT_COLUMNS
from records.engine import Engine
from records.engine_views import PartFiles
from tests.metrics.rows import case_row, days_of, facts_of, views_of

MINUTE = datetime(2025, 3, 10, 16, 55)


@pytest.mark.parametrize(("alike", "found"), [(13, True), (12, False)])  # 32.5 % and 30.0 % of 40
def test_case_044_closings_of_one_second(alike: int, found: bool, tmp_path: Path) -> None:
    """From the rows: as many closings in one second, the others each at a time of its own."""
    moments = [datetime(2025, 3, 10, 16, 55, 7)] * alike + [datetime(2025, 3, 11) + timedelta(hours=i)
                                                            for i in range(40 - alike)]  # fmt: skip
    facts_of([case_row(str(i), "2025-03-03 09:00", closed_at=at) for i, at in enumerate(moments)], tmp_path)
    views = views_of(tmp_path, days_of()) | {"facts": PartFiles((tmp_path / "facts.parquet",), FACT_COLUMNS)}
    rows = Engine(None).run(batches.seconds_text(day_number(date(2025, 1, 1)), day_number(date(2025, 4, 1))), views)
    (unit,) = [UnitClosings(unit, "g", n, largest) for unit, n, largest in rows]
    peers = [UnitClosings(f"p{i}", "g", 700 + i, 1) for i in range(10)]
    assert [finding.unit for finding in batch_closing([*peers, unit])] == (["u1"] if found else [])


@pytest.mark.parametrize(
    ("closings", "found"),
    [
        (UnitClosings("u", "g", 19, 15), False),  # too few closings to say anything
        (UnitClosings("u", "g", 800, 1, tuple((MINUTE + timedelta(days=d), 6) for d in range(8))), True),
        (UnitClosings("u", "g", 800, 1, ((MINUTE, 12),)), False),  # one event with many demands
    ],
)
def test_batch_closing(closings: UnitClosings, found: bool) -> None:
    peers = [UnitClosings(f"p{i}", "g", 700 + i, 1) for i in range(10)]
    assert [f.unit for f in batch_closing([*peers, closings])] == (["u"] if found else [])


def test_batch_closing_where_all_peers_close_in_batches_is_no_finding() -> None:
    batches = tuple((MINUTE + timedelta(days=d), 6) for d in range(8))
    assert batch_closing([UnitClosings(f"p{i}", "g", 800, 1, batches) for i in range(10)]) == []


@pytest.mark.parametrize(
    ("silence", "found"),
    [
        (Silence("u", "message_board", 20_000, 20_120, 12), True),
        (Silence("u", "message_board", 20_000, 20_090, 12), False),  # exactly three months
        (Silence("u", "message_board", 20_000, 20_200, 2), False),  # hardly anybody wrote
    ],
)
def test_dormant_channels(silence: Silence, found: bool) -> None:
    answer = dormant_channels([silence], {("u", "message_board"): 60})
    assert [(f.unit, f.count, f.n) for f in answer] == ([("u", 12, 60)] if found else [])


def _sources(seed: int, units: int = 30) -> list[TwoSources]:
    rng = np.random.default_rng(seed)
    out = []
    for i in range(units):
        own, third = int(rng.integers(100, 400)), int(rng.integers(40, 120))
        rate = float(rng.beta(40, 10))
        out.append(TwoSources(f"p{i:02d}", "g", (own, int(rng.binomial(own, rate))),
                              (third, int(rng.binomial(third, rate - 0.08)))))  # fmt: skip
    return out


def test_follow_up_gap_planted_unit_is_found() -> None:
    found = follow_up_gap([*_sources(1), TwoSources("u", "g", (300, 294), (80, 40))])
    assert [f.unit for f in found] == ["u"]
    assert "98.0%" in found[0].sentence["zh"]
    assert "50.0%" in found[0].sentence["zh"]


@pytest.mark.parametrize("seed", range(5))
def test_follow_up_gap_a_gap_all_units_share_is_the_way_of_asking(seed: int) -> None:
    assert follow_up_gap(_sources(seed)) == []


def test_follow_up_gap_small_sample_says_nothing() -> None:
    assert follow_up_gap([*_sources(1), TwoSources("u", "g", (300, 294), (12, 4))]) == []


def _figures(unit: str, rate: float, n: int = 60, minutes: list[int] | None = None) -> UnitFigures:
    months = {name: [(n + m, int((n + m) * rate) + m % 3) for m in range(8)] for name in ("in_time", "solved")}
    if rate == 1:
        months = {name: [(n, n)] * 8 for name in months}
    return UnitFigures(unit, "g", months, minutes or [15] * 60)


def _found(unit: UnitFigures) -> list[tuple[str, str]]:
    peers = [_figures(f"p{i}", 0.85 + i / 200) for i in range(10)]
    return [(f.detector, f.variant) for f in odd_figures([*peers, unit]) if f.unit == unit.unit]


def test_odd_figures_all_perfect() -> None:
    assert _found(_figures("u", 1.0)) == [("D21", "")]


def test_odd_figures_small_perfect_unit_is_no_finding() -> None:
    assert _found(_figures("u", 1.0, n=5)) == []


def test_odd_figures_minutes_unlike_the_peers() -> None:
    assert _found(_figures("u", 0.9, minutes=[200, *[10] * 29, 150, *[10] * 29])) == [("D21", "minutes")]


def test_odd_figures_round_minutes_of_everybody_are_the_system() -> None:
    heaped = [200, *[10] * 29, 150, *[10] * 29]
    assert odd_figures([_figures(f"p{i}", 0.85 + i / 200, minutes=heaped) for i in range(10)]) == []


def test_odd_figures_equal_months() -> None:
    months = {name: [(100 + 10 * m, 90 + 9 * m) for m in range(6)] for name in ("in_time", "solved")}
    assert _found(UnitFigures("u", "g", months, [15] * 60)) == [("D21", "equal")]


def _hours(seed: int, unit: str, extra: int = 0) -> UnitHours:
    rng = np.random.default_rng(seed)
    start = datetime(2025, 1, 6, 8)
    hours = {start + timedelta(days=d, hours=h): int(rng.negative_binomial(1.5, 0.8))
             for d in range(90) for h in range(10)}  # fmt: skip
    hours = {hour: n for hour, n in hours.items() if n}
    if extra:
        hours[datetime(2025, 2, 12, 14)] = extra
    return UnitHours(unit, hours)


def test_rating_bursts_planted_hour_is_found() -> None:
    found = rating_bursts([_hours(i, f"p{i}") for i in range(20)] + [_hours(99, "u", extra=60)], 90)
    assert [(f.unit, f.count) for f in found] == [("u", 60)]
    assert found[0].evidence["hours"][0] == ["2025-02-12 14:00", 60]


@pytest.mark.parametrize("seed", range(3))
def test_rating_bursts_uneven_hours_are_ordinary(seed: int) -> None:
    assert rating_bursts([_hours(100 * seed + i, f"p{i}") for i in range(30)], 90) == []


def _overlap(unit: str, m: int, c: int, r: int) -> Overlap:
    return Overlap(unit, "12345", "mailbox", m, c, r)


def test_chapman_total_and_coverage() -> None:
    overlap = _overlap("u", 500, 400, 320)
    assert overlap.total == pytest.approx(624.859813, abs=1e-6)
    assert overlap.coverage == pytest.approx(500 / 624.859813)


@pytest.mark.parametrize(
    ("overlap", "found"),
    [
        (_overlap("u", 250, 400, 160), ["u"]),  # 40 % against 80 % elsewhere
        (_overlap("u", 500, 400, 320), []),
        (_overlap("u", 30, 40, 10), []),  # too small an overlap to estimate from
    ],
)
def test_under_recorded(overlap: Overlap, found: list[str]) -> None:
    peers = [_overlap(f"p{i}", 500 + i, 400, 320) for i in range(6)]
    assert [f.unit for f in under_recorded([*peers, overlap])] == found
