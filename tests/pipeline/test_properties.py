"""What must never change a number: order of rows, columns and batches, how files are cut, a batch that came back."""

from __future__ import annotations

import csv
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from imports.options import ImportOptions
from metrics.clocks import calendar
from pipeline import importing
from pipeline.numbers.counting import metric_values
from records.instance import Instance
from records.vocabulary import Kind
from tests.in_process import files_read_here
from tests.metrics.rows import facts_of, random_rows

HEADERS = (
    "工单编号", "主办单位", "工单类型", "问题分类", "来电时间", "派单时间", "首次答复时间", "办结时间", "工单状态",
    "是否有效回访", "是否解决", "是否满意", "回复内容", "主要内容",
)  # fmt: skip
FIRST = datetime(2025, 2, 20, 9)
pytestmark = pytest.mark.slow
# Each example builds instances of its own; `make torture` draws many more.
EXAMPLES = int(os.environ.get("WENXIAO_EXAMPLES", "4"))
DRAWN = settings(max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], derandomize=True,
                 suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])  # fmt: skip


@st.composite
def orders(draw: st.DrawFn) -> list[list[str]]:
    """Six to fourteen cases of two units, open or closed, answered or not, rated or not; each has its own number."""
    rows = []
    for place in range(draw(st.integers(6, 14))):
        received = FIRST + timedelta(minutes=draw(st.integers(0, 60_000)))
        waits = draw(st.lists(st.integers(1, 20_000), min_size=3, max_size=3))
        sent, answered, closed = (f"{received + timedelta(minutes=w):%Y-%m-%d %H:%M:%S}" for w in sorted(waits))
        is_closed, is_answered = draw(st.booleans()), draw(st.booleans())
        says, solved = draw(st.sampled_from([("满意", "解决"), ("不满意", "未解决"), ("", "")]))
        rows.append([
            f"A{place:03d}", draw(st.sampled_from(["城建局", "交通局"])), draw(st.sampled_from(["投诉", "咨询"])),
            draw(st.sampled_from(["住房->物业", "道路->路灯"])), f"{received:%Y-%m-%d %H:%M:%S}", sent,
            answered if is_answered else "", closed if is_closed else "", "已办结" if is_closed else "办理中",
            "是" if says else "否", solved, says, "已派人到现场处理完毕，请您放心。" if is_answered else "",
        ])  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance that knows both units, to be copied."""
    folder = tmp_path_factory.mktemp("template") / "instance"
    instance = Instance.open(folder)
    with files_read_here():
        row = ["A999", "城建局", "投诉", "住房->物业", "2025-02-20 09:00:00", *[""] * 3, "办理中", "否", "", "", ""]
        batch = take_in(instance, [row, ["A998", "交通局", *row[2:]]])
    importing.withdraw(instance, batch, "wang", "only for the names of the units")
    instance.close()
    return folder


@contextmanager
def fresh(template: Path) -> Iterator[Instance]:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(template, Path(folder) / "instance")
        instance = Instance.open(Path(folder) / "instance")
        yield instance
        instance.close()


def take_in(instance: Instance, rows: Sequence[Sequence[str]], order: Sequence[int] | None = None, day: int = 1) -> int:
    """Write the rows as the export of a day of May, its columns in this order, and accept it."""
    path = instance.folder / f"orders-{len(list(instance.folder.glob('orders-*')))}.csv"
    places, exported = order or range(len(HEADERS)), f"2025-05-0{day} 08:00"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[row[i] for i in places] for row in (HEADERS, *([*r, exported] for r in rows))])
    options = ImportOptions(create_units=True, register="热线", exported_at=exported)
    answer = importing.check(instance, path, kind=Kind.RESPONSES, options=options, by="wang")
    assert answer.state == "checked", [problem.message for problem in answer.problems]
    importing.confirm(instance, answer.batch or 0, "wang")
    return answer.batch or 0


def numbers(instance: Instance) -> list[dict[str, Any]]:
    return [row._asdict() for row in metric_values(instance, period="all", by=("unit", "month")).rows]


@DRAWN
@given(orders(), st.integers(1, 13), st.randoms(use_true_random=False))
def test_order_of_rows_and_columns_and_a_cut_into_two_files_change_nothing(
    template: Path, rows: list[list[str]], cut: int, draw: Any
) -> None:
    """The file against its rows shuffled and cut into two files, each with its columns in another order."""
    shuffled = list(rows)
    draw.shuffle(shuffled)
    cut = min(cut, len(rows) - 1)
    with fresh(template) as one, fresh(template) as other:
        take_in(one, rows)
        for part in (shuffled[:cut], shuffled[cut:]):
            places = list(range(len(HEADERS)))
            draw.shuffle(places)
            take_in(other, part, places)
        assert numbers(one) == numbers(other)


@DRAWN
@given(orders(), orders(), orders())
def test_the_latest_export_counts_whatever_came_in_first(
    template: Path, old: list[list[str]], new: list[list[str]], more: list[list[str]]
) -> None:
    """Three exports that say different things of the same numbers, taken in forwards and backwards."""
    exports = [(old, 1), (new, 2), (more, 3)]
    with fresh(template) as one, fresh(template) as other:
        for rows, day in exports:
            take_in(one, rows, day=day)
        for rows, day in reversed(exports):
            take_in(other, rows, day=day)
        assert numbers(one) == numbers(other)


@DRAWN
@given(orders(), orders())
def test_a_batch_withdrawn_and_restored_leaves_no_trace(
    template: Path, rows: list[list[str]], later: list[list[str]]
) -> None:
    with fresh(template) as instance:
        take_in(instance, rows)
        without = numbers(instance)
        second = take_in(instance, later, day=2)
        both = numbers(instance)
        importing.withdraw(instance, second, "wang", "to look at it again")
        assert numbers(instance) == without
        importing.restore(instance, second, "wang")
        assert numbers(instance) == both


@settings(max_examples=8, deadline=None, phases=[Phase.generate], derandomize=True)
@given(st.integers(0, 10_000), st.integers(0, 80))
def test_a_holiday_announced_late_changes_only_cases_open_on_that_day(seed: int, after: int) -> None:
    """Whoever had ended a clock before the day keeps its times and its standing, and nobody's limit gets shorter."""
    day = date(2025, 1, 6) + timedelta(days=after)
    office, rows = calendar.load(), random_rows(seed, 150)
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        before = facts_of(rows, Path(first), office=office)
        then = facts_of(rows, Path(second), office=office.with_layer({day: "off"}))
    ended = {"reply": "responded_at", "close": "closed_at", "sign": "signed_at"}
    newest = {row["case_no"]: row for row in rows}
    for old, new in zip(before, then, strict=True):
        row = newest[old["case_no"]]
        for clock in ended:
            names = [name for name in old if name.startswith(f"{clock}_") and not name.endswith("_limit")]
            end = row["first_response_at"] if clock == "reply" else row[ended[clock]]
            if end is not None and end.date() < day:
                assert [old[n] for n in names] == [new[n] for n in names], (clock, row)
            strict = f"{clock}_strict"
            assert not (old[strict] == 1 and new[strict] in (2, 3)), (clock, row)  # met does not become late
