"""Acceptance cases that need rows, facts and counts together: cohorts, duplicates, reopened cases, periods, owners."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from metrics.clocks import clock
from metrics.clocks.daytable import day_number
from metrics.clocks.limits import MISSED
from metrics.clocks.period import parse
from metrics.clocks.standard import Rule, Standard
from metrics.counting import answers, counts
from metrics.counting.counts import Cells
from metrics.counting.rates import rates
from pipeline.numbers.facts_store import days_view
from pipeline.views.timeline import timeline_of
from records.engine import Engine
from records.engine_views import Columns, PartFiles
from records.vocabulary import ANSWER_COLUMNS
from tests.metrics.rows import case_row, days_of, facts_of

EIGHT_DAYS = Standard("test", "1", (Rule("T", clock.Limit(8, "calendar_day", roll_forward=False)),))


def counted(rows: list[dict[str, Any]], folder: Path, first: date, end: date, **more: Any) -> dict[str, Any]:
    """The counts of the receipt cohort of these days and, as `closings`, the closings of these days."""
    facts_of(rows, folder, **more)
    engine, views = Engine(None), {"facts": PartFiles((folder / "facts.parquet",))}
    cells = Cells(day_number(first), day_number(end))
    cohort = engine.dictionaries(counts.counts_text(cells), views)
    closings = engine.dictionaries(counts.closings_text(cells), views)
    return {**(cohort[0] if cohort else {"n_received": 0}), "closings": sum(row["n"] for row in closings)}


def test_case_023_a_month_ends_before_the_next_one_begins(tmp_path: Path) -> None:
    rows = [case_row("1", "2025-03-31 23:59:59"), case_row("2", "2025-04-01 00:00:00")]
    march = parse("2025-03")
    assert counted(rows, tmp_path, march.start, march.end)["n_received"] == 1


def test_case_039_closings_and_closed_cases_are_two_numbers(tmp_path: Path) -> None:
    done = {"closed_at": "2025-03-10 10:00", "state": "closed"}
    reopened = done | {"state": "open", "reopened_at": "2025-03-12 09:00"}
    rows = [case_row("1", "2025-03-03", **done), case_row("2", "2025-03-03", **done),
            case_row("3", "2025-03-03", **reopened)]  # fmt: skip
    found = counted(rows, tmp_path, date(2025, 3, 1), date(2025, 4, 1))
    assert (found["closings"], found["n_closed"], found["n_open"]) == (3, 2, 1)


def test_case_040_cohort_by_receipt_activity_by_event(tmp_path: Path) -> None:
    answered = {"first_response_at": "2025-05-01 09:00", "closed_at": "2025-05-01 09:00", "state": "closed"}
    rows = [case_row("1", "2025-04-30 23:00", **answered, exported_at=datetime(2025, 5, 2))]
    later = {"as_of": datetime(2025, 5, 2)}
    april = counted(rows, tmp_path, date(2025, 4, 1), date(2025, 5, 1), **later)
    may = counted(rows, tmp_path, date(2025, 5, 1), date(2025, 6, 1), **later)
    assert (april["n_received"], april["e_replied"], april["closings"]) == (1, 1, 0)
    assert (may["n_received"], may["closings"]) == (0, 1)


def test_case_041_duplicates_stay_in_the_intake_and_out_of_the_rate(tmp_path: Path) -> None:
    rows = [case_row(f"d{i}", "2025-03-03", outcome="duplicate", closed_at="2025-03-04") for i in range(2)]
    rows += [case_row(f"e{i}", "2025-03-03", closed_at="2025-03-05" if i < 6 else "2025-03-25") for i in range(8)]
    found = counted(rows, tmp_path, date(2025, 3, 1), date(2025, 4, 1), limits=EIGHT_DAYS)
    assert (found["n_received"], found["n_eligible"]) == (10, 8)
    met, due = rates()["H1.strict"].parts(found)
    assert met / due == 0.75


def test_case_047_closed_late_and_reopened_remains_late(tmp_path: Path) -> None:
    row = case_row(
        "1", "2025-03-03 09:00", due_at="2025-03-03 17:00", closed_at="2025-03-04 09:30",
        reopened_at="2025-03-05 09:00", final_closed_at="2025-03-05 10:00", state="closed",
    )  # fmt: skip
    fact = facts_of([row], tmp_path)[0]
    assert (fact["close_strict"], fact["close_allowed"], fact["is_closed"]) == (MISSED, MISSED, 1)


@pytest.mark.parametrize(
    ("first", "then", "rule"), [("normal", "urgent", "L03"), ("urgent", "normal", "L01"), (None, "urgent", "L01")]
)
def test_case_063_the_urgency_at_receipt_sets_the_limit(demo_instance: Any, first: str, then: str, rule: str) -> None:
    older = case_row("1", "2025-03-03 09:00", urgency=first, case_type="complaint", channel="hotline", sheet="a")
    newer = older | {"urgency": then, "batch": 2}
    shown = timeline_of(demo_instance, [newer, older])
    assert {line["rule"] for line in shown["clocks"] if line["clock"] == "close"} == {rule}


def test_the_explanation_names_holidays_and_adds_up(demo_instance: Any) -> None:
    row = case_row("1", "2025-01-27 16:30", closed_at="2025-02-05 10:00", channel="hotline", case_type="complaint",
                   suspended_from=datetime(2025, 1, 27, 17), suspended_until=datetime(2025, 2, 5, 9, 30))  # fmt: skip
    line = next(c for c in timeline_of(demo_instance, [row])["clocks"] if c["clock"] == "close")
    assert sum((b - a).total_seconds() for a, b in line["intervals"]) == line["business_seconds"]
    assert line["net_seconds"] == line["business_seconds"] - line["pause_seconds"]
    assert {day["name_zh"] for day in line["days_off"]} == {"春节"}
    assert (line["limit"]["id"], line["limit"]["amount"], line["limit"]["unit"]) == ("L03", 13, "working_day")
    assert line["due"] <= line["due_allowed"]
    assert line["met"] is True


def test_a_case_that_moved_shows_both_units_and_their_own_clocks(demo_instance: Any) -> None:
    first = case_row("1", "2025-03-03 09:00", unit="A", dispatched_at="2025-03-03 09:00")
    moved = first | {"unit": "B", "batch": 2, "transferred_at": datetime(2025, 3, 3, 11),
                     "first_response_at": datetime(2025, 3, 3, 15)}  # fmt: skip
    shown = timeline_of(demo_instance, [moved, first])
    assert [(h["unit"], h["how"], h["seconds"]) for h in shown["holds"]] == [
        ("A", "transferred", 7_200), ("B", "answered", 14_400),
    ]  # fmt: skip
    assert shown["handling"]["final_closed"] is None


@pytest.mark.parametrize(("asked", "owner"), [("A", "A"), (None, "B")])
def test_case_070_a_rating_belongs_to_the_unit_asked_about(tmp_path: Path, asked: str | None, owner: str) -> None:
    facts_of([case_row("1", "2025-03-03 09:00", unit="B")], tmp_path)
    types = {column.name: column.type for column in ANSWER_COLUMNS}
    answer = dict.fromkeys(types) | {
        "case_no": "1", "unit": asked, "source": "platform", "answered_at": datetime(2025, 3, 9, 10), "rating": 5,
        "row_hash": "x", "batch": 1, "row_no": 1,
    }  # fmt: skip
    views = {
        "facts": PartFiles((tmp_path / "facts.parquet",)), "days": days_view(days_of()),
        "answers": Columns({name: [value] for name, value in answer.items()}, types),
    }  # fmt: skip
    cells = Cells(day_number(date(2025, 3, 1)), day_number(date(2025, 4, 1)))
    found = Engine(None).dictionaries(answers.answers_text(cells), views)
    assert [(row["unit"], row["rating_5"]) for row in found] == [(owner, 1)]
