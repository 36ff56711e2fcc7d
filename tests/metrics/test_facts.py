"""Facts: the newest observation, clocks, limits and flags, against a plain loop over the same rows."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from metrics.clocks import calendar, clock, standard
from metrics.clocks.limits import MET, MISSED, NO_LIMIT, NOT_YET_DUE, OPEN_PAST_DUE
from metrics.clocks.standard import Rule, Standard
from metrics.counting import counts
from metrics.counting.counts import Cells
from records.engine import Engine
from records.engine_views import PartFiles
from tests.metrics.rows import AS_OF, case_row, facts_of, random_rows

OFFICE = calendar.load()
LIMITS = standard.load()


def one(rows: list[dict[str, Any]], folder: Path, **more: Any) -> dict[str, Any]:
    return facts_of(rows, folder, **more)[0]


def ten_hours(unit: str, amount: int, **more: Any) -> Standard:
    return Standard("test", "1", (Rule("T", clock.Limit(amount, unit, **more)),))


def naive_current(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    newest: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda r: (r["exported_at"], r["batch"], r["row_no"])):
        newest[row["case_no"]] = row
    return [newest[key] for key in sorted(newest)]


def naive_standing(row: dict[str, Any], event: datetime | None, name: str) -> int:
    rule = LIMITS.rule_for(name, row["channel"], row["case_type"], row["urgency"], row["received_at"].date())
    assert rule is not None
    end = clock.due(OFFICE, row["received_at"], rule.limit)
    if event is not None:
        return MET if event <= end else MISSED
    return OPEN_PAST_DUE if end < AS_OF else NOT_YET_DUE


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict], list[dict], Path]:
    rows, folder = random_rows(7, 600), tmp_path_factory.mktemp("facts")
    return naive_current(rows), facts_of(rows, folder), folder / "facts.parquet"


def test_every_case_once_in_its_newest_observation(sample: tuple) -> None:
    current, facts, _ = sample
    assert [f["case_no"] for f in facts] == [row["case_no"] for row in current]
    assert [f["is_closed"] for f in facts] == [int(bool(r["closed_at"] or r["state"] == "closed")) for r in current]


@pytest.mark.parametrize(("name", "event"), [("close", "closed_at"), ("reply", "first_response_at")])
def test_clocks_equal_the_plain_loop(sample: tuple, name: str, event: str) -> None:
    current, facts, _ = sample
    for row, fact in zip(current, facts, strict=True):
        if row[event] is None and (row["state"] == "closed" and name == "close"):
            assert fact[f"{name}_ended"] is None
            continue
        end = row[event] or AS_OF
        assert fact[f"{name}_ended"] == int(row[event] is not None)
        assert fact[f"{name}_seconds"] == clock.business_seconds(OFFICE, row["received_at"], end)
        assert fact[f"{name}_calendar_seconds"] == int((end - row["received_at"]).total_seconds())
        assert fact[f"{name}_strict"] == naive_standing(row, row[event], name)


def test_counts_equal_a_plain_count(sample: tuple) -> None:
    current, facts, path = sample
    engine, views = Engine(None), {"facts": PartFiles((path,))}
    found = engine.dictionaries(counts.counts_text(Cells(0, 100_000)), views)
    assert sum(row["n_received"] for row in found) == len(current)
    by_unit = Counter(row["unit"] for row in current)
    excluded = Counter(row["unit"] for row in current if row["is_excluded"] == 1)
    fit = [r for r in current if r["is_excluded"] != 1 and r["outcome"] not in ("duplicate", "withdrawn")]
    for row in found:
        mine = [r for r in fit if r["unit"] == row["unit"]]
        valid = [r for r in mine if r["valid_follow_up"] == 1]
        assert row["n_received"] == by_unit[row["unit"]]
        assert row["n_excluded"] == excluded[row["unit"]]
        assert row["n_eligible"] == len(mine)
        assert row["v"] == len(valid)
        assert row["v_satisfied"] == sum((r["rating"] or 0) >= 4 for r in valid)
        assert row["v_resolved"] == sum(r["resolved"] == "yes" for r in valid)
        assert [row[f"rating_{k}"] for k in range(6)] == [sum(r["rating"] == k for r in mine) for k in range(6)]
        assert row["e_returned"] == sum(r["n_returns"] == 1 for r in mine)
    standings = Counter(f["close_strict"] for f, r in zip(facts, current, strict=True) if r in fit)
    assert sum(row["close_strict_met"] for row in found) == standings[MET]
    assert sum(row["close_strict_open"] for row in found) == standings[OPEN_PAST_DUE]


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    rows = random_rows(3, 60)
    assert facts_of(rows, tmp_path) == facts_of(rows[::-1], tmp_path)


@pytest.mark.parametrize(
    ("closed", "standing"), [("2025-03-05 12:00:00", MET), ("2025-03-05 12:00:01", MISSED), (None, OPEN_PAST_DUE)]
)
def test_case_018_business_hours_to_the_second(tmp_path: Path, closed: str | None, standing: int) -> None:
    rows = [case_row("1", "2025-03-05 10:00", closed_at=closed), case_row("2", "2025-03-05 10:00", closed_at=AS_OF)]
    assert one(rows, tmp_path, limits=ten_hours("business_hour", 2))["close_strict"] == standing


def test_off_hours_after_a_limit_that_ended_at_closing_time_are_late(tmp_path: Path) -> None:
    # Two hours from 15:30 end at 17:30; half an hour later no working second has passed, and it is late all the same.
    row = case_row("1", "2025-03-05 15:30", closed_at="2025-03-05 18:00")
    assert one([row], tmp_path, limits=ten_hours("business_hour", 2))["close_strict"] == MISSED


def test_case_016_calendar_days_roll(tmp_path: Path) -> None:
    rows = [case_row("1", "2025-01-14 10:00", closed_at="2025-02-05 23:00")]
    assert one(rows, tmp_path, limits=ten_hours("calendar_day", 15))["close_strict"] == MET
    assert one(rows, tmp_path, limits=ten_hours("calendar_day", 15, roll_forward=False))["close_strict"] == MISSED


def test_case_024_date_only_has_no_duration_but_a_standing(tmp_path: Path) -> None:
    row = case_row("1", "2025-03-05", closed_at="2025-03-07", received_at_is_date=1, closed_at_is_date=1)
    fact = one([row], tmp_path, limits=ten_hours("working_day", 2))
    assert (fact["close_seconds"], fact["close_calendar_seconds"], fact["close_strict"]) == (None, None, MET)
    assert fact["is_date_only"] == 1


def test_case_027_silence_is_late_once_due(tmp_path: Path) -> None:
    rows = [
        case_row("1", "2025-03-03 09:00", acknowledged_at="2025-03-03 09:00:01"),
        case_row("2", "2025-03-03 09:00", first_response_at="2025-03-03 14:00"),
    ]
    first, second = facts_of(rows, tmp_path, limits=ten_hours("working_day", 1))
    assert (first["is_replied"], first["reply_strict"]) == (0, OPEN_PAST_DUE)
    assert (second["is_replied"], second["reply_strict"]) == (1, MET)


def test_case_033_solved_by_phone(tmp_path: Path) -> None:
    solved = {"channel": "hotline", "contacted_at": "2025-03-03 09:20", "closed_at": "2025-03-03 09:30"}
    assert one([case_row("1", "2025-03-03 09:00", **solved)], tmp_path)["reply_calendar_seconds"] == 1_200


def test_case_043_closed_without_a_time_is_closed_and_has_no_duration(tmp_path: Path) -> None:
    rows = [case_row("1", "2025-03-03 09:00", state="closed"), case_row("2", "2025-03-03", closed_at="2025-03-04")]
    fact = facts_of(rows, tmp_path)[0]
    assert (fact["is_closed"], fact["close_ended"], fact["close_seconds"]) == (1, None, None)


def test_case_061_replied_is_not_closed(tmp_path: Path) -> None:
    fact = one([case_row("1", "2025-03-03 09:00", state="replied", first_response_at="2025-03-03 10:00")], tmp_path)
    assert (fact["reply_ended"], fact["is_closed"]) == (1, 0)


def test_case_k7_limit_into_an_unpublished_year_is_unknown(tmp_path: Path) -> None:
    row = case_row("1", "2026-12-30 10:00", closed_at="2026-12-31 10:00")
    as_of = datetime(2026, 12, 31, 12, 0)
    fact = one([row], tmp_path, limits=ten_hours("working_day", 5), as_of=as_of)
    assert fact["close_strict"] == NO_LIMIT


@pytest.mark.parametrize(
    ("applied", "closed", "strict", "allowed"),
    [("2025-03-03 16:00", "2025-03-04 10:00", MISSED, MET), ("2025-03-04 09:00", "2025-03-04 10:00", MISSED, MISSED)],
)
def test_case_k8_extension_must_be_applied_for_in_time(
    tmp_path: Path, applied: str, closed: str, strict: int, allowed: int
) -> None:
    row = case_row("1", "2025-03-03 09:00", due_at="2025-03-03 17:00", closed_at=closed,
                   extended_due_at="2025-03-05 17:00", extension_applied_at=applied)  # fmt: skip
    fact = one([row], tmp_path)
    assert (fact["close_strict"], fact["close_allowed"]) == (strict, allowed)


def test_case_060_pause_after_the_due_time_does_not_help(tmp_path: Path) -> None:
    row = case_row("1", "2025-03-03 09:00", due_at="2025-03-03 17:00", closed_at="2025-03-04 13:00",
                   suspended_from=datetime(2025, 3, 4, 9), suspended_until=datetime(2025, 3, 4, 12))  # fmt: skip
    assert one([row], tmp_path)["close_allowed"] == MISSED


@pytest.mark.parametrize(("days", "allowed"), [(12, MET), (14, MISSED)])
def test_case_062_pause_credit_is_at_most_a_fifth(tmp_path: Path, days: int, allowed: int) -> None:
    start = datetime(2025, 3, 3, 9)
    row = case_row("1", start, closed_at=start + timedelta(days=days), suspended_from=start + timedelta(days=1),
                   suspended_until=start + timedelta(days=11))  # fmt: skip
    fact = one([row], tmp_path, limits=ten_hours("calendar_day", 10, roll_forward=False))
    assert (fact["close_strict"], fact["close_allowed"]) == (MISSED, allowed)


def test_source_limits_win_unless_a_standard_is_named(tmp_path: Path) -> None:
    rows = [
        case_row("1", "2025-03-03 09:00", due_at="2025-03-03 17:00", closed_at="2025-03-04 10:00"),
        case_row("2", "2025-03-03 09:00", closed_at="2025-03-04 10:00"),
    ]
    assert [f["close_strict"] for f in facts_of(rows, tmp_path)] == [MISSED, NO_LIMIT]
    assert [f["close_strict"] for f in facts_of(rows, tmp_path, uses_source_limits=False)] == [MET, MET]


def test_reply_before_receipt_is_counted_not_measured(tmp_path: Path) -> None:
    fact = one([case_row("1", "2025-03-05 09:00", closed_at="2025-03-04 09:00")], tmp_path)
    assert (fact["is_contradictory"], fact["close_seconds"], fact["close_strict"]) == (1, None, None)


def test_case_046_repeat_within_ninety_days(tmp_path: Path) -> None:
    same = {"person_token": "p", "category": "road"}
    rows = [
        case_row("1", "2024-11-01 09:00", closed_at="2024-11-05 09:00", **same),
        case_row("2", "2024-12-01 09:00", closed_at="2024-12-05 09:00", **same),
        case_row("3", "2024-11-02 09:00", closed_at="2024-11-05 09:00", person_token="q", category="road"),
    ]
    assert [f["is_repeated"] for f in facts_of(rows, tmp_path)] == [1, 0, 0]
