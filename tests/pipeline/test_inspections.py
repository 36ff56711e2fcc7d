"""Faults that inspectors of websites wrote down: a file in, the scheme of the State Council's check table out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from pipeline.judgement import assessing
from records.instance import Instance
from records.models import Unit
from tests.pipeline.test_table_counts import ask, take_in

HEADER = (
    "单位,统计期间,政策文件问题项数,答复公开问题项数,发布互动功能问题项数,"
    "是否提供办事服务,办事统计问题项数,办事服务问题项数\n"
)
ROWS = {
    "甲局": "2025-03,1,1,4,是,1,5",  # 100 - 5 - 3 - 4 - 2 - 5
    "乙局": "2025-03,0,0,15,否,,",  # 60 of 75 points, no services: x 4/3
    "丙局": "2025-03,0,0,0,是,0,0",
    "丁局": "2025-03,,,,,,",  # not inspected
    "戊局": "2025-03,1,0,60,是,2,24",
}
FILE = HEADER + "".join(f"{unit},{cells}\n" for unit, cells in ROWS.items())


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    opened = Instance.open(tmp_path / "instance")
    yield opened
    opened.close()


def test_preset_of_websites_scores_a_file_of_faults(instance: Instance) -> None:
    take_in(instance, FILE)
    made = assessing.make_draft(instance, scheme_id="website_interaction", period="2025-03", draws=100)
    units = {unit.name: unit for unit in made.result.units}
    assert {name: unit.score for name, unit in units.items()} == {
        "甲局": pytest.approx(81), "乙局": pytest.approx(80), "丙局": 100, "丁局": None, "戊局": pytest.approx(10),
    }  # fmt: skip
    assert units["乙局"].indicator("W2.service").reason == "not_applicable"
    assert {row.reason for row in units["丁局"].indicators} == {"not_inspected"}
    assert [units[name].grade for name in ("甲局", "乙局", "丙局", "戊局")] == ["A", "A", "A", "D"]
    assert assessing.recompute(instance, made.number) == []


def test_an_empty_cell_is_not_inspected_and_never_no_fault(instance: Instance) -> None:
    take_in(instance, HEADER + "甲局,2025-03,0,0,,是,0,0\n乙局,2025-03,0,0,2,,0,\n丙局,2025-03,0,0,0,否,,\n")
    with instance.session() as session:
        names = {unit.code: unit.name for unit in session.scalars(select(Unit))}
    found = {
        (names[row.unit], code): (row.value, row.reason)
        for code in ("W2.content", "W2.service")
        for row in ask(instance, code, "2025-03")
        if row.unit
    }
    assert [found[unit, "W2.content"] for unit in ("甲局", "乙局", "丙局")] == [
        (None, "not_inspected"), (2.0, None), (0.0, None)]  # fmt: skip
    # Who does not say that it offers none is taken to offer services, so that an empty cell stays missing.
    assert [found[unit, "W2.service"] for unit in ("甲局", "乙局", "丙局")] == [
        (0.0, None), (None, "not_inspected"), (None, "not_applicable")]  # fmt: skip


def test_checks_of_a_quarter_are_added_and_a_corrected_file_replaces_its_rows(instance: Instance) -> None:
    take_in(instance, HEADER + "甲局,2025-01,0,0,2,是,0,0\n甲局,2025-02,0,0,3,是,0,1\n")
    take_in(instance, HEADER + "甲局,2025-02,0,0,1,是,0,1\n")
    [row] = [row for row in ask(instance, "W2.content", "2025Q1") if row.unit]
    assert row.value == 3.0
