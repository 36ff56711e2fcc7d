"""The statistics of a unit against plain loops over the facts, and what they say of made-up units."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest
from scipy import stats

from metrics.clocks.daytable import day_number
from metrics.clocks.period import parse
from metrics.statistics.betabinomial import fit_by_moments
from metrics.statistics.surveys import weighted_rate
from metrics.value import MetricValue
from pipeline.judgement.measuring import options_of
from pipeline.numbers.counting import build_facts, metric_values
from pipeline.numbers.unit_statistics import END_DAYS, against_last_year, how_cases_end, speeds, statistics_of
from records.engine import Engine
from tests.evaluation.builders import indicator, scheme

DAY = 86_400


@pytest.fixture(scope="module")
def told(demo_instance: Any) -> dict[str, dict[str, Any]]:
    return statistics_of(demo_instance, "2025", scope="kept", start_day=1, standard=None)


@pytest.fixture(scope="module")
def cases(demo_instance: Any) -> list[dict[str, Any]]:
    span = parse("2025")
    rows = Engine(demo_instance).dictionaries("SELECT * FROM facts", build_facts(demo_instance).views)
    inside = range(day_number(span.start), day_number(span.end))
    return [r for r in rows if r["received_day"] in inside and not r["is_excluded"] and not r["is_duplicate"]]


def test_ends_of_a_city_by_a_loop_over_its_cases(told: Any, cases: list[dict[str, Any]]) -> None:
    """Aalen-Johansen day by day: of those still waiting, who leaves and why."""
    compared = 0
    for unit, own in told.items():
        mine = [c for c in cases if c["unit"] == unit and c["close_calendar_seconds"] is not None]
        leaving: dict[int, Counter] = defaultdict(Counter)
        for case in mine:
            why = (
                0 if not case["close_ended"] else 3 if case["is_withdrawn"] else 2 if case["is_not_responsible"] else 1
            )
            leaving[-(-case["close_calendar_seconds"] // DAY)][why] += 1
        for days, *shares in own.get("ends", ()):
            waiting, left, found = len(mine), 1.0, Counter()
            for day in sorted(d for d in leaving if d <= days):
                for why in (1, 2, 3):
                    found[why] += left * leaving[day][why] / waiting
                left *= 1 - sum(leaving[day][why] for why in (1, 2, 3)) / waiting
                waiting -= sum(leaving[day].values())
            assert shares == pytest.approx([found[1], found[2], found[3], left])
            assert sum(shares) == pytest.approx(1)
            compared += 1
    assert compared > 20


def test_rivals_are_ends_and_not_waiting() -> None:
    (row,) = how_cases_end([("u", DAY, 1, 2), ("u", 2 * DAY, 2, 1), ("u", 3 * DAY, 3, 1), ("u", 9 * DAY, 0, 4)])["u"]
    assert row == [END_DAYS[0], 0.25, 0.125, 0.125, 0.5]


def test_closings_expected_of_all_units_are_those_observed(told: Any) -> None:
    """The expectation moves closings between units and makes none."""
    found = [own["speed"] for own in told.values() if "speed" in own]
    assert sum(s["expected"] for s in found) == pytest.approx(sum(s["observed"] for s in found))
    assert speeds([]) == {}


def test_a_cell_of_quick_matters_does_not_make_a_unit_quick() -> None:
    """Both units close their easy cases in one hour and their hard ones in ten; one has more easy ones."""
    rows = [("a", "easy", "x", 3600, 1, 90), ("a", "hard", "x", 36_000, 1, 10),
            ("b", "easy", "x", 3600, 1, 10), ("b", "hard", "x", 36_000, 1, 90)]  # fmt: skip
    assert [found["ratio"] for found in speeds(rows).values()] == pytest.approx([1.0, 1.0])


def test_weighted_answers_of_the_city_meet_the_mix(told: Any, demo_instance: Any) -> None:
    rows = metric_values(demo_instance, period="2025", by=("unit", "mix"), codes=["S1c", "n_eligible"]).rows
    weighted = {unit: own["weighted"] for unit, own in told.items() if "weighted" in own}
    assert weighted
    for unit, found in weighted.items():
        answers = sum(r.denominator or 0 for r in rows if r.unit == unit and r.metric == "S1c")
        good = sum(r.numerator or 0 for r in rows if r.unit == unit and r.metric == "S1c")
        assert (found["answers"], found["raw"]) == (answers, pytest.approx(good / answers))
        assert found["effective"] <= answers + 1e-9
        assert found["low"] <= found["raked"] <= found["high"]


def test_answers_in_proportion_need_no_weights() -> None:
    cells = {(row, column): (400, 40, 30 + place) for place, (row, column) in enumerate(
        [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")])}  # fmt: skip
    found = weighted_rate(cells)
    assert found is not None
    assert found.raked == pytest.approx(found.raw) == pytest.approx(found.stratified)
    assert found.design_effect == pytest.approx(1)
    assert weighted_rate({("a", "x"): (400, 29, 20)}) is None


def value(unit: str, y: int, n: int) -> MetricValue:
    return MetricValue(unit, "2025", "R5", y, n, y / n if n else None, None, None, n, None if n else "no_cases")


def test_last_year_with_its_peers_is_what_this_year_is_measured_by() -> None:
    """Prior from the peers, mid-p of the beta-binomial, the whole group adjusted at once."""
    before = {"u0": (66, 70), "u1": (60, 70), "u2": (110, 120), "u3": (40, 52), "u4": (80, 90), "u5": (4, 5)}
    now = {"u0": (30, 70), "u1": (59, 70), "u2": (108, 120), "u3": (44, 52), "u4": (81, 90), "u5": (5, 5)}
    found = against_last_year({u: (value(u, *before[u]), value(u, *now[u])) for u in before})
    assert set(found) == {"u0", "u1", "u2", "u3", "u4"}  # u5 had too few cases to expect anything
    prior = fit_by_moments([y for y, _ in before.values()], [n for _, n in before.values()])
    for unit, told in found.items():
        (y1, n1), (y2, n2) = before[unit], now[unit]
        law = stats.betabinom(n2, prior.a + y1, prior.b + n1 - y1)
        tail = law.cdf(y2 - 1) + law.pmf(y2) / 2
        assert told["p"] == pytest.approx(min(1.0, 2 * min(tail, 1 - tail)))
        assert told["p_adjusted"] >= told["p"]
        assert told["expected"] == pytest.approx((prior.a + y1) / (prior.a + prior.b + n1))
    assert found["u0"]["p_adjusted"] < 0.05 < found["u1"]["p_adjusted"]
    assert against_last_year({u: (value(u, 5, 10), value(u, 5, 10)) for u in ("a", "b")}) == {}


def test_a_year_of_the_city_is_set_against_the_one_before(told: Any, demo_instance: Any) -> None:
    counted = {p: metric_values(demo_instance, period=p, codes=["R4.strict", "R5"]).rows for p in ("2024", "2025")}
    rows = {period: {(r.unit, r.metric): r for r in found} for period, found in counted.items()}
    changes = {(unit, code): change for unit, own in told.items() for code, change in own.get("change", {}).items()}
    assert {code for _, code in changes} > {"R4.strict", "H1.strict"}
    for (unit, code), change in changes.items():
        if code in ("R4.strict", "R5"):
            before, after = (rows[period][unit, code] for period in ("2024", "2025"))
            assert change["then"] == "2024"
            assert (change["y1"], change["n1"]) == (before.numerator, before.denominator)
            assert (change["y2"], change["n2"]) == (after.numerator, after.denominator)


def test_the_longest_wait_of_a_mean_is_a_setting_of_the_scheme(demo_instance: Any) -> None:
    """Half a day: means fall to what they are when nobody waits longer; medians, quantiles and rates stay."""
    codes = ("R3.rmst", "H1.rmst", "R3.median", "R5")
    standard, short = (
        metric_values(demo_instance, period="2025", codes=codes, options=options_of(used))
        for used in (
            scheme(indicator("R5", 100)),
            scheme(indicator("R5", 100), "[waiting]\nlongest_working_hours = 3.5"),
        )
    )
    assert standard.rows == metric_values(demo_instance, period="2025", codes=codes).rows
    pairs = [(a, b) for a, b in zip(standard.rows, short.rows, strict=True) if a.value is not None]
    changed = {a.metric for a, b in pairs if a.value != b.value}
    assert {code.split(".")[1] for code in changed} == {"rmst"}
    assert all(b.value <= 3.5 for _, b in pairs if b.metric in changed)
