"""Shared demands of the demonstration city: the planted one is found whole, kept, and grouped again on change."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.numbers import demands
from records.models import Batch


def test_the_planted_lift_is_one_demand_of_many_people(demo_instance) -> None:
    largest = demands.shared_demands(demo_instance, "2025")[0]
    assert largest.place == "翠湖花园"
    assert "电梯" in largest.category
    assert largest.people < largest.cases  # one person's repeats count once
    assert largest.people > 1


def test_demands_are_grouped_once_for_the_same_content(demo_copy, monkeypatch) -> None:
    first = demands.shared_demands(demo_copy, "2025Q2")
    monkeypatch.setattr(demands, "group_texts", lambda *_: pytest.fail("grouped again"))
    assert demands.shared_demands(demo_copy, "2025Q2") == first
    assert demands.shared_demands(demo_copy, "2025Q2", least_cases=3) == [d for d in first if d.cases >= 3]


def test_demands_follow_the_accepted_batches(demo_copy) -> None:
    before = demands.shared_demands(demo_copy, "2025")
    with demo_copy.session() as session:
        batches = session.query(Batch).filter(Batch.kind == "responses", Batch.state == "accepted").all()
        for batch in batches:
            batch.state = "withdrawn"
        numbers = [batch.id for batch in batches]
    assert demands.shared_demands(demo_copy, "2025") == []
    with demo_copy.session() as session:
        for number in numbers:
            session.get(Batch, number).state = "accepted"
    assert demands.shared_demands(demo_copy, "2025") == before


def test_a_case_of_a_demand_finds_it_and_a_lonely_one_none(demo_instance) -> None:
    largest = demands.shared_demands(demo_instance, "2025")[0]
    register, number = largest.records[0]
    assert demands.known_demand_of(demo_instance, register, number, date(2025, 6, 1)) == ("2025", largest)
    assert demands.known_demand_of(demo_instance, register, "nobody", date(2025, 6, 1)) == ("2025", None)
