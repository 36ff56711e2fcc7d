"""Counts, channels, exclusions and follow-ups through check, confirm, withdraw and restore."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from imports.answer import CheckAnswer
from imports.options import ImportOptions
from pipeline import importing
from pipeline.integrity.findings import find
from records.engine import Engine
from records.instance import Instance
from records.models import Exclusion
from records.tables import tables_for_metrics
from records.vocabulary import Kind

CREATE = ImportOptions(create_units=True)


@pytest.fixture
def instance(tmp_path: Path, database: str) -> Iterator[Instance]:
    opened = Instance.open(tmp_path / "instance")
    yield opened
    opened.close()


def table(tmp_path: Path, text: str, name: str = "a.csv") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def take_in(instance: Instance, path: Path, kind: Kind, options: ImportOptions = CREATE) -> CheckAnswer:
    answer = importing.check(instance, path, kind=kind, options=options, by="wang")
    assert answer.state == "checked", [problem.message for problem in answer.problems]
    return importing.confirm(instance, answer.batch, "wang")


def rows(instance: Instance, text: str) -> list[tuple[Any, ...]]:
    with instance.session() as session:
        views = tables_for_metrics(instance, session)
    return Engine(instance).run(text, views)


def test_counts_are_stored_withdrawn_and_restored_exactly(instance: Instance, tmp_path: Path) -> None:
    month = "单位,统计期间,受理量,有效回访\n市水务局,2025-03,{},20\n市住建委,2025-03,50,30\n合计,,90,50\n"
    first = take_in(instance, table(tmp_path, month.format(40)), Kind.COUNTS)
    before = rows(instance, "SELECT unit, measure, value, batch FROM counts ORDER BY ALL")
    assert (len(before), first.rows.new, first.rows.read) == (4, 4, 2)
    second = take_in(instance, table(tmp_path, month.format(41), "b.csv"), Kind.COUNTS)
    assert (second.rows.new, second.rows.changed, second.rows.unchanged) == (0, 1, 3)
    importing.withdraw(instance, second.batch, "wang", "wrong table")
    assert rows(instance, "SELECT unit, measure, value, batch FROM counts ORDER BY ALL") == before
    importing.restore(instance, second.batch, "wang")
    assert rows(instance, "SELECT sum(value) FROM counts WHERE measure = 'received'") == [(40 + 50 + 41 + 50,)]


def test_channels_are_stored_by_check(instance: Instance, tmp_path: Path) -> None:
    text = "渠道名称,主办单位,检查时间,是否可用,来电量,接通量\n12345,市水务局,2025-03-03 09:00,是,100,96\n"
    take_in(instance, table(tmp_path, text), Kind.CHANNELS)
    assert rows(instance, "SELECT channel_name, is_available, calls_answered FROM channels") == [("12345", 1, 96)]


def test_channels_silent_beyond_the_days_of_their_kind_become_a_finding(instance: Instance, tmp_path: Path) -> None:
    cases = "工单编号,承办单位,受理时间\nA1,市水务局,2025-03-01 09:00\n"
    take_in(instance, table(tmp_path, cases), Kind.RESPONSES)
    text = (
        "渠道名称,主办单位,渠道类型,检查时间,最近更新时间,最近答复时间\n"
        "水务微博,市水务局,政务微博,2025-03-20 09:00,2025-03-01,\n"
        "水务网站,市水务局,网站,2025-03-20 09:00,2025-03-18,\n"
        "局长信箱,市水务局,信箱,2025-03-20 09:00,,2025-02-01\n"
    )
    take_in(instance, table(tmp_path, text), Kind.CHANNELS)
    [finding] = [f for f in find(instance, "2025") if f.detector == "D16"]
    assert (finding.count, finding.n, finding.named) == (2, 3, True)
    assert [row[:3] for row in finding.evidence["checks"]] == [
        ["局长信箱", "mailbox", "no_answer"], ["水务微博", "microblog", "stale"],
    ]  # fmt: skip


def test_numbers_a_running_register_never_shows_become_a_finding(instance: Instance, tmp_path: Path) -> None:
    shown = [n for n in range(1, 121) if n not in range(40, 47)]
    lines = "".join(f"GD2025{n:06d},市水务局,2025-03-{1 + n // 10:02d} 09:00\n" for n in shown)
    take_in(instance, table(tmp_path, f"工单编号,承办单位,受理时间\n{lines}"), Kind.RESPONSES)
    [finding] = [f for f in find(instance, "2025") if f.variant == "gaps"]
    assert (finding.count, finding.n, finding.named) == (7, 120, False)
    assert finding.evidence["gaps"][0][:3] == ["GD20", "25000039", "25000047"]


def test_follow_ups_are_answers_of_their_cases(instance: Instance, tmp_path: Path) -> None:
    head = "回访工单编号,原工单编号,承办单位,回访时间,是否回访成功,整体服务评价\n"
    take_in(instance, table(tmp_path, f"{head}H1,G1,市水务局,2025-03-03,是,满意\n"), Kind.FOLLOWUPS)
    assert rows(instance, "SELECT case_no, source, rating FROM answers") == [("G1", "follow_up", 4)]


def test_follow_ups_without_their_case_are_refused(instance: Instance, tmp_path: Path) -> None:
    head = "回访工单编号,原工单编号,承办单位,回访时间,是否回访成功,整体服务评价\n"
    path = table(tmp_path, f"{head}H1,,市水务局,2025-03-03,是,满意\n")
    answer = importing.check(instance, path, kind=Kind.FOLLOWUPS, options=CREATE, by="wang")
    assert (answer.state, [p.code for p in answer.problems if p.row]) == ("refused", ["case_no_missing"])


def ledger(instance: Instance) -> list[tuple[str, str, str, int | None]]:
    with instance.session() as session:
        found = session.scalars(select(Exclusion).order_by(Exclusion.case_no))
        return [(row.case_no, row.ground, row.state, row.batch_id) for row in found]


def test_exclusions_wait_for_a_second_person(instance: Instance, tmp_path: Path) -> None:
    text = "工单编号,申请单位,剔除理由,说明\nG1,市水务局,不属于职责,电话13812345678\nG2,市水务局,重复诉求,\n"
    answer = take_in(instance, table(tmp_path, text), Kind.EXCLUSIONS)
    batch = answer.batch
    assert ledger(instance) == [("G1", "不属于职责", "applied", batch), ("G2", "重复诉求", "applied", batch)]
    with instance.session() as session:
        first = session.scalars(select(Exclusion).where(Exclusion.case_no == "G1")).one()
        assert first.note == "电话138****5678"
        first.state, first.decided_by = "approved", "li"
    importing.withdraw(instance, batch, "wang", "wrong ledger")
    assert [row[2] for row in ledger(instance)] == ["withdrawn", "withdrawn"]
    importing.restore(instance, batch, "wang")
    assert [row[2] for row in ledger(instance)] == ["approved", "applied"]


def test_exclusions_without_ground_are_refused_with_the_row(instance: Instance, tmp_path: Path) -> None:
    path = table(tmp_path, "工单编号,申请单位,剔除理由\nG1,市水务局,\n")
    answer = importing.check(instance, path, kind=Kind.EXCLUSIONS, options=CREATE, by="wang")
    assert [(p.code, p.cell) for p in answer.problems if p.row] == [("exclusion_incomplete", "C2")]


def test_exclusions_decided_are_not_changed_by_a_file(instance: Instance, tmp_path: Path) -> None:
    take_in(instance, table(tmp_path, "工单编号,申请单位,剔除理由\nG1,市水务局,甲\n"), Kind.EXCLUSIONS)
    with instance.session() as session:
        row = session.scalars(select(Exclusion)).one()
        row.state, row.decided_by = "refused", "li"
    again = take_in(instance, table(tmp_path, "工单编号,申请单位,剔除理由\nG1,市水务局,乙\n", "b.csv"), Kind.EXCLUSIONS)
    assert (again.rows.unchanged, [row[1:3] for row in ledger(instance)]) == (1, [("甲", "refused")])
