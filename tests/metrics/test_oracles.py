"""Published and independently computed numbers for intervals and times with open cases."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from metrics.clocks import clock
from metrics.clocks.calendar import from_document
from metrics.counting.times import Times
from metrics.statistics import interval, survival
from metrics.values.waiting import percentiles

FOLDER = Path(__file__).parent / "oracles"
ENTRIES = {e["id"]: e for e in json.loads((FOLDER / "methods.json").read_text("utf-8"))}
TABLES = json.loads((FOLDER / "intervals.json").read_text("utf-8"))
SIMPLE: dict[str, Callable[..., Any]] = {
    "wilson": interval.wilson,
    "wilson_continuity": interval.wilson_continuity,
    "clopper_pearson": interval.clopper_pearson,
    "jeffreys": interval.jeffreys,
    "newcombe_difference": interval.newcombe_difference,
    "manski": interval.manski,
}


def of_check(*checks: str) -> list[str]:
    return [name for name, entry in ENTRIES.items() if entry["check"] in checks]


@pytest.mark.parametrize("name", of_check(*SIMPLE))
def test_interval_oracle(name: str) -> None:
    entry = ENTRIES[name]
    low, high = SIMPLE[entry["check"]](**entry["inputs"])
    assert (low, high) == pytest.approx((entry["expected"]["low"], entry["expected"]["high"]), abs=entry["tolerance"])


def test_one_sided_bounds_oracle() -> None:
    entry = ENTRIES["wilson_one_sided_81_263"]
    assert interval.wilson_one_sided_upper(81, 263) == pytest.approx(entry["expected"]["high"], abs=1e-6)
    assert interval.none_of_n_upper(20) == pytest.approx(ENTRIES["none_of_20"]["expected"]["high"], abs=1e-6)


def ended_percentile(times: Iterable[int], q: float) -> float:
    """A percentile of cases that all ended, each after another time."""
    seconds = np.array(sorted(times))
    one = np.ones(len(seconds), int)
    return float(percentiles(Times(seconds, one, one, np.array([0, len(seconds)])), q)[0][0][0])


def curve_of(name: str) -> survival.Curve:
    inputs = ENTRIES[name]["inputs"]
    return survival.kaplan_meier(np.array(inputs["times"]), np.array(inputs["events"]))


@pytest.mark.parametrize("name", of_check("km_median"))
def test_kaplan_meier_median_oracle(name: str) -> None:
    expected = [math.inf if v == "inf" else v for v in ENTRIES[name]["expected"]["median"]]
    assert list(survival.quantile(curve_of(name), 0.5)) == expected


@pytest.mark.parametrize("name", of_check("km_quartiles_rmst"))
def test_quartiles_and_restricted_mean_oracle(name: str) -> None:
    expected, curve = ENTRIES[name]["expected"], curve_of(name)
    for key, q in (("q25", 0.25), ("q50", 0.5), ("q75", 0.75)):
        assert list(survival.quantile(curve, q)) == [math.inf if v == "inf" else v for v in expected[key]]
    mean, error = survival.restricted_mean(curve, ENTRIES[name]["inputs"]["tau"])
    assert (mean, error) == pytest.approx((expected["rmst"], expected["rmst_se"]), abs=1e-6)


def test_competing_ends_oracle() -> None:
    entry = ENTRIES["cif_small"]
    shares = survival.cumulative_incidence(entry["inputs"]["times"], entry["inputs"]["cause"], entry["inputs"]["at"])
    assert shares[1] == pytest.approx(entry["expected"]["cause_1"], abs=1e-6)
    assert shares[2] == pytest.approx(entry["expected"]["cause_2"], abs=1e-6)


def test_working_days_oracle() -> None:
    inputs = ENTRIES["workdays_2024_02"]["inputs"]
    off = dict.fromkeys(inputs["days_off"], "off")
    everyday = {key: ["09:00-17:00"] for key in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    calendar = from_document({"week": everyday, "days": off})
    start, end = date.fromisoformat(inputs["start"]), date.fromisoformat(inputs["end"])
    one = timedelta(days=1)
    assert clock.working_days(calendar, start - one, end - one) == ENTRIES["workdays_2024_02"]["expected"]["days"]


def test_fifth_working_day_oracle() -> None:
    entry = ENTRIES["workday_5_after"]
    everyday = {key: ["09:00-17:00"] for key in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    calendar = from_document({"week": everyday, "days": dict.fromkeys(entry["inputs"]["days_off"], "off")})
    start = datetime.combine(date.fromisoformat(entry["inputs"]["day"]), time(10))
    due = clock.due(calendar, start, clock.Limit.parse(f"{entry['inputs']['k']} working_day"))
    assert due.date().isoformat() == entry["expected"]["day"]


@pytest.mark.parametrize("row", TABLES["proportions_wilson_newcombe_1998"], ids=lambda r: f"{r['k']}/{r['n']}")
def test_wilson_of_newcombe_1998(row: dict) -> None:
    assert interval.wilson(row["k"], row["n"]) == pytest.approx(row["wilson95"], abs=5e-5)


@pytest.mark.parametrize("row", TABLES["proportions_wilson_phe"], ids=lambda r: f"{r['k']}/{r['n']}")
def test_wilson_of_public_health_england(row: dict) -> None:
    assert interval.wilson(row["k"], row["n"]) == pytest.approx(row["wilson95"], abs=1e-9)
    assert interval.wilson(row["k"], row["n"], 3.090232306167813) == pytest.approx(row["wilson99_8"], abs=1e-9)


@pytest.mark.parametrize(
    "row", TABLES["proportions_wilson_continuity_newcombe_1998"], ids=lambda r: f"{r['k']}/{r['n']}"
)
def test_wilson_with_continuity_of_newcombe_1998(row: dict) -> None:
    assert interval.wilson_continuity(row["k"], row["n"]) == pytest.approx(row["wilson95_cc"], abs=5e-5)


@pytest.mark.parametrize("row", TABLES["differences_newcombe_1998_method10"], ids=lambda r: f"{r['k1']}-{r['k2']}")
def test_differences_of_newcombe_1998(row: dict) -> None:
    found = interval.newcombe_difference(row["k1"], row["n1"], row["k2"], row["n2"])
    assert found == pytest.approx(row["diff95"], abs=5e-5)


def test_case_048_open_cases_move_the_median() -> None:
    curve = survival.kaplan_meier(np.array([1, 2, 3, 2, 4]), np.array([1, 1, 1, 0, 0]))
    assert curve.survival[:3].round(2).tolist() == [0.8, 0.6, 0.3]
    assert survival.quantile(curve, 0.5)[0] == 3
    assert ended_percentile([1, 2, 3], 0.5) == 2


def test_a_histogram_and_its_rows_give_one_curve() -> None:
    rows = np.array([5, 5, 5, 8, 8, 9]), np.array([1, 1, 0, 1, 1, 0])
    cells = np.array([5, 5, 8, 9]), np.array([1, 0, 1, 0]), np.array([2, 1, 2, 1])
    by_row, by_cell = survival.kaplan_meier(*rows), survival.kaplan_meier(*cells)
    assert by_row.survival.tolist() == by_cell.survival.tolist()
    assert survival.restricted_mean(by_row, 10) == survival.restricted_mean(by_cell, 10)


@pytest.mark.parametrize(("q", "expected"), [(0.5, 5), (0.9, 9), (0.1, 1), (1.0, 10)])
def test_rank_percentile_needs_no_rounding_luck(q: float, expected: int) -> None:
    assert ended_percentile(range(1, 11), q) == expected


def test_no_interval_without_cases() -> None:
    with pytest.raises(ValueError, match="at least one case"):
        interval.wilson(0, 0)


def test_a_curve_that_never_falls_is_not_reached() -> None:
    curve = survival.kaplan_meier(np.array([1, 2, 3]), np.array([1, 0, 0]))
    assert survival.quantile(curve, 0.5)[0] == survival.NOT_REACHED
