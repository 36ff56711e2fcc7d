"""Files with one row per event: cycles, pauses, transfers and reopenings reach the clocks through the normal import."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from imports.options import ImportOptions
from pipeline import importing
from pipeline.numbers.counting import build_facts, metric_values
from pipeline.views.timeline import timeline
from records.engine import Engine
from records.instance import Instance
from records.vocabulary import Kind

HEAD = "工单编号,事件时间,事件,操作单位,操作者,事件内容,渠道"
OFFICE = "[week]\n" + "".join(f'{day} = ["09:00-17:00"]\n' for day in ("mon", "tue", "wed", "thu", "fri"))
CASE_26 = ["26,2025-03-03 09:00:00,受理,甲局,,路灯不亮,信箱", "26,2025-03-03 09:00:01,自动回执,甲局,系统,已收悉,",
           "26,2025-03-03 14:00:00,答复,甲局,工作人员,已修好,"]  # fmt: skip
CASE_34 = [
    "34,2025-03-03 09:00,受理,甲局,,,网站",
    "34,2025-03-03 11:00,转派,乙局,,,",
    "34,2025-03-03 15:00,答复,乙局,,,",
]
CASE_38 = ["38,2025-03-03 09:00,受理,甲局,,,网站", "38,2025-03-03 11:00,办结,甲局,,,",
           "38,2025-03-05 09:00,重办,,群众,,",
           "38,2025-03-05 10:00,办结,甲局,,,"]  # fmt: skip
PAUSED = ["54,2025-03-03 09:00,受理,甲局,,,网站", "54,2025-03-03 10:00,挂账,甲局,,,",
          "54,2025-03-03 11:00,恢复,甲局,,,",
          "54,2025-03-04 10:00,挂账,甲局,,,", "54,2025-03-04 13:00,恢复,甲局,,,",
          "54,2025-03-05 10:00,办结,甲局,,,"]  # fmt: skip


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[Instance]:
    opened = Instance.open(tmp_path / "instance")
    (opened.folder / "calendar.toml").write_text(OFFICE, encoding="utf-8")
    yield opened
    opened.close()


def check(instance: Instance, lines: list[str], head: str = HEAD, **options: Any) -> Any:
    path = instance.folder / "events.csv"
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    given = ImportOptions(create_units=True, exported_at="2025-03-10 12:00", **options)
    return importing.check(instance, path, kind=Kind.RESPONSES, options=given, by="wang")


def take_in(instance: Instance, lines: list[str]) -> Any:
    answer = check(instance, lines)
    assert answer.state == "checked", [problem.message for problem in answer.problems]
    return importing.confirm(instance, answer.batch, "wang")


def facts(instance: Instance, number: str) -> dict[str, Any]:
    views = build_facts(instance).views
    return Engine(instance).dictionaries(f"SELECT * FROM facts WHERE case_no = '{number}'", views)[0]


def test_case_026_the_automatic_notice_is_no_answer(instance: Instance) -> None:
    take_in(instance, CASE_26)
    found, line = facts(instance, "26"), timeline(instance, "26")
    assert (found["reply_seconds"], found["reply_ended"]) == (5 * 3600, 1)
    assert line is not None
    acknowledged = next(e["at"] for e in line["events"] if e["event"] == "acknowledged_at")
    assert (acknowledged - datetime(2025, 3, 3, 9)).total_seconds() == 1


def test_case_027_only_the_notice_is_no_response(instance: Instance) -> None:
    take_in(instance, CASE_26[:2])
    found = next(row for row in metric_values(instance, period="2025-03", codes=["R5"]).rows if row.total == "pooled")
    assert (found.value, found.reason) == (None, "not_recorded")
    assert facts(instance, "26")["is_replied"] == 0


def test_case_030_three_messages_of_the_unit_are_one_answer(instance: Instance) -> None:
    start = "30,2025-03-03 09:00,受理,甲局,,,网站"
    take_in(instance, [start, *(f"30,2025-03-03 10:0{i},答复,甲局,,," for i in range(3))])
    assert facts(instance, "30")["reply_seconds"] == 3600


def test_case_032_an_internal_note_is_no_answer(instance: Instance) -> None:
    take_in(instance, ["32,2025-03-03 09:00,受理,甲局,,,网站", "32,2025-03-03 09:10,内部备注,甲局,,,", *CASE_26])
    assert facts(instance, "32")["reply_ended"] == 0


def test_case_034_each_unit_has_its_own_clock(instance: Instance) -> None:
    take_in(instance, CASE_34)
    line, found = timeline(instance, "34"), facts(instance, "34")
    assert line is not None
    first, second = line["holds"]
    assert (first["how"], first["seconds"]) == ("transferred", 7_200)
    assert (second["how"], second["seconds"]) == ("answered", 14_400)
    assert found["reply_seconds"] == 21_600
    assert found["unit"] == line["unit"] != first["unit"]


def test_case_038_reopened_and_closed_again(instance: Instance) -> None:
    take_in(instance, CASE_38)
    line, found = timeline(instance, "38"), facts(instance, "38")
    assert line is not None
    handling = line["handling"]
    assert handling["working"] == {"first": 7_200, "full": 61_200, "net": 10_800, "credited": 10_800,
                                   "cycles": [7_200, 3_600]}  # fmt: skip
    assert (handling["calendar"]["full"], handling["reopens"]) == (176_400, 1)
    assert (found["close_seconds"], found["is_rework"], found["is_closed"]) == (7_200, 1, 1)


def test_case_054_every_pause_is_kept(instance: Instance) -> None:
    take_in(instance, PAUSED)
    line = timeline(instance, "54")
    assert line is not None
    close = next(clock for clock in line["clocks"] if clock["clock"] == "close")
    assert (len(close["pauses"]), close["pause_seconds"], close["net_seconds"]) == (2, 4 * 3600, 17 * 3600 - 4 * 3600)


def test_the_order_of_rows_changes_nothing(instance: Instance, tmp_path: Path) -> None:
    lines = [*CASE_26, *CASE_34, *CASE_38, *PAUSED]
    random.Random(4).shuffle(lines)
    take_in(instance, lines)
    shuffled = [facts(instance, number) for number in ("26", "34", "38", "54")]
    other = Instance.open(tmp_path / "other")
    (other.folder / "calendar.toml").write_text(OFFICE, encoding="utf-8")
    try:
        take_in(other, [*CASE_26, *CASE_34, *CASE_38, *PAUSED])
        assert [facts(other, number) for number in ("26", "34", "38", "54")] == shuffled
    finally:
        other.close()


def test_a_log_says_how_many_events_and_cases_it_holds(instance: Instance) -> None:
    answer = check(instance, [*CASE_34, *CASE_38])
    document = answer.to_json()
    assert document["rows"]["accepted"] == 2
    assert document["rows"]["skipped"]["event"] == 5


@pytest.mark.parametrize(
    ("line", "code", "row"),
    [
        ("38,2025-03-05 11:00,奇怪的事,甲局,,,", "value_unknown", 6),
        ("38,昨天,办结,甲局,,,", "date_unreadable", 6),
        ("38,2025-03-05,办结,甲局,,,", "event_without_time", 6),
        ("38,2025-03-05 11:00,办结,甲局,外星人,,", "value_unknown", 6),
    ],
)
def test_an_event_that_cannot_be_read_refuses_its_case_and_no_other(
    instance: Instance, line: str, code: str, row: int
) -> None:
    answer = check(instance, [*CASE_38, line, *CASE_34])
    assert answer.state == "refused"
    assert [(p.code, p.row) for p in answer.problems if p.severity == "block"] == [(code, row)]
    kept = check(instance, [*CASE_38, line, *CASE_34], partial=True)
    assert (kept.state, kept.to_json()["rows"]["accepted"], kept.to_json()["rows"]["rejected"]) == ("checked", 1, 1)


def test_a_case_without_receipt_is_refused_by_name(instance: Instance) -> None:
    answer = check(instance, ["7,2025-03-03 10:00,答复,甲局,,,"])
    assert [p.code for p in answer.problems if p.severity == "block"] == ["received_missing"]
