"""Which cases a share detector counts, read from small tables whose answers stand beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from imports.options import ImportOptions
from pipeline import importing
from pipeline.integrity.detecting import unit_shares
from pipeline.integrity.findings import ground_of
from records.instance import Instance
from records.vocabulary import Kind

SOON = "我们将尽快安排维修。"
SIGNED = "经核查，路灯已经修复，由城管中队负责日常巡查。2025年3月3日"
HEAD = "工单编号,承办单位,来电时间,派单时间,退单时间,首次答复时间,办结时间,评价时间,首次满意度,是否满意,答复内容"
ROWS = {
    # Turned from bad to good: on the day after the closing, at an unknown time, and after a rework of two weeks.
    "rating_jump": (
        ["2025-03-03 09:00,,,,2025-03-05 10:00,2025-03-06 10:00,不满意,满意,",
         "2025-03-03 09:00,,,,2025-03-05 10:00,,不满意,满意,"],
        ["2025-03-03 09:00,,,,2025-03-05 10:00,2025-03-19 10:00,不满意,满意,",
         "2025-03-03 09:00,,,,2025-03-05 10:00,2025-03-06 10:00,不满意,不满意,"],
    ),
    # Returned a week after dispatch; on the Monday after a Thursday.
    "returned_late": (
        ["2025-03-03 09:00,2025-03-03 10:00,2025-03-10 10:00,,,,,,"],
        ["2025-03-06 09:00,2025-03-06 10:00,2025-03-10 09:00,,,,,,"],
    ),
    # Sent eight days after the date at its end; sent on the next day.
    "sent_late": (
        [f"2025-03-01 09:00,,,2025-03-11 10:00,2025-03-11 10:00,,,,{SIGNED}"],
        [f"2025-03-01 09:00,,,2025-03-04 10:00,2025-03-04 10:00,,,,{SIGNED}"],
    ),
    # "Soon", and closed with the reply or never; closed three months later; a promise too young to be late.
    "undated_promise": (
        [f"2025-03-01 09:00,,,2025-03-04 10:00,2025-03-04 10:00,,,,{SOON}",
         f"2025-03-01 09:00,,,2025-03-04 10:00,,,,,{SOON}"],
        [f"2025-03-01 09:00,,,2025-03-04 10:00,2025-06-05 10:00,,,,{SOON}",
         f"2025-08-01 09:00,,,2025-08-25 10:00,2025-08-25 10:00,,,,{SOON}"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("signal", ROWS)
def test_a_signal_counts_the_cases_that_show_it(tmp_path: Path, signal: str) -> None:
    shown, others = ROWS[signal]
    lines = [f"{number},甲局,{row}" for number, row in enumerate((*shown, *others), 1)]
    path = tmp_path / "cases.csv"
    path.write_text("\n".join((HEAD, *lines)) + "\n", encoding="utf-8")
    instance = Instance.open(tmp_path / "instance")
    given = ImportOptions(create_units=True, exported_at="2025-09-01 12:00")
    answer = importing.check(instance, path, kind=Kind.RESPONSES, options=given, by="wang")
    assert answer.state == "checked", [problem.message for problem in answer.problems]
    importing.confirm(instance, answer.batch, "wang")
    ground = ground_of(instance, "2025")
    assert ground is not None
    (shares,) = unit_shares(ground)
    assert shares.counts[signal] == (len(lines), len(shown))
    instance.close()
