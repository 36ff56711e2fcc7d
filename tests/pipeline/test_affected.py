"""What a checked file would do to the headline numbers is what it does once it is confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from imports.answer import CheckAnswer
from pipeline import importing
from pipeline.importing import affected
from pipeline.importing.affected import HEADLINES, BatchEffect, effect_of_batch
from pipeline.numbers.counting import metric_values
from records.instance import Instance
from records.vocabulary import Kind
from tests.pipeline.test_importing import LATER, OPTIONS, line, orders, take_in


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    opened = Instance.open(tmp_path / "instance")
    yield opened
    opened.close()


def checked(instance: Instance, path: Path) -> CheckAnswer:
    answer = importing.check(instance, path, kind=Kind.RESPONSES, options=LATER, by="wang")
    assert answer.state == "checked", answer.problems
    return answer


def effect(instance: Instance, answer: CheckAnswer) -> BatchEffect | None:
    return effect_of_batch(instance, answer.batch or 0, Kind.RESPONSES, rows=answer.rows.accepted)


def counted(instance: Instance, period: str) -> dict[tuple[str | None, str], float | None]:
    rows = metric_values(instance, period=period, codes=HEADLINES).rows
    return {(row.unit, row.metric): row.value for row in rows}


def test_effect_is_what_the_confirmation_does(instance: Instance, tmp_path: Path) -> None:
    other = "市教育局"
    take_in(instance, orders(tmp_path, "a.csv", line(1), line(2, ""), line(3, unit=other), line(4, unit=other)))
    later = orders(tmp_path, "b.csv", line(2), line(3, "2024-04-20 10:00:00", other), line(5), line(6, ""))
    answer = checked(instance, later)
    found = effect(instance, answer)
    assert found is not None
    before = counted(instance, found.period)
    importing.confirm(instance, answer.batch or 0, "wang")
    after = counted(instance, found.period)
    assert found.count == 2
    for unit in found.units:
        assert unit.values == {code: (before[unit.unit, code], after[unit.unit, code]) for code in HEADLINES}
    water = next(unit for unit in found.units if unit.name == "市水务局")
    assert water.values["n_received"] == (2, 4)


def test_effect_changes_no_number_and_leaves_no_record(instance: Instance, tmp_path: Path) -> None:
    take_in(instance, orders(tmp_path, "a.csv", line(1), line(2, "")))
    before = metric_values(instance, period="2024").rows
    answer = checked(instance, orders(tmp_path, "b.csv", line(2), line(3)))
    assert effect(instance, answer) is not None
    assert metric_values(instance, period="2024").rows == before
    importing.discard(instance, answer.batch or 0, "wang")
    assert metric_values(instance, period="2024").rows == before


def test_effect_names_the_unit_that_loses_a_record(instance: Instance, tmp_path: Path) -> None:
    take_in(instance, orders(tmp_path, "a.csv", line(1), line(2), line(3, unit="市教育局")))
    found = effect(instance, checked(instance, orders(tmp_path, "b.csv", line(2, unit="市教育局"))))
    assert found is not None
    assert {unit.name: unit.values["n_received"] for unit in found.units} == {"市水务局": (2, 1), "市教育局": (1, 2)}


def test_effect_into_an_empty_store_has_no_before(instance: Instance, tmp_path: Path) -> None:
    take_in(instance, orders(tmp_path, "a.csv", line(1)))
    importing.withdraw(instance, 1, "wang", "wrong file")
    found = effect(instance, checked(instance, orders(tmp_path, "b.csv", line(1), line(2))))
    assert found is not None
    assert [unit.values["n_received"] for unit in found.units] == [(None, 2)]


def test_effect_of_a_large_batch_is_not_counted(
    instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = importing.check(instance, orders(tmp_path, "a.csv", line(1), line(2)), kind=Kind.RESPONSES,
                             options=OPTIONS, by="w")  # fmt: skip
    monkeypatch.setattr(affected, "ROWS_UP_TO", 1)
    assert effect(instance, answer) is None
