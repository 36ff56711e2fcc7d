"""Check, confirm, withdraw, restore on small files: nothing before confirm, nothing twice, one of two people wins."""

from __future__ import annotations

import re
import stat
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook

from imports.answer import CheckAnswer
from imports.options import ImportOptions
from pipeline import importing
from pipeline.importing.checking import FileMissing
from pipeline.importing.directory import UnitRowsError, add_alias, read_directory
from pipeline.importing.staged import staging_folder
from pipeline.numbers.counting import metric_values
from records import audit
from records.access import OPERATOR
from records.instance import Instance
from records.queries import batches
from records.vocabulary import Kind
from tests.shared_data import shared_file

HEADER = "工单编号,承办单位,来电时间,办结时间,工单状态"
OPTIONS = ImportOptions(create_units=True, register="12345", exported_at="2024-04-05 08:00")
LATER = ImportOptions(create_units=True, register="12345", exported_at="2024-05-05 08:00")


@pytest.fixture
def instance(tmp_path: Path, database: str) -> Iterator[Instance]:
    opened = Instance.open(tmp_path / "instance")
    yield opened
    opened.close()


def orders(tmp_path: Path, name: str, *rows: str) -> Path:
    path = tmp_path / name
    path.write_text("\n".join((HEADER, *rows)), encoding="utf-8")
    return path


def line(number: int, closed: str = "2024-03-06 10:00:00", unit: str = "市水务局") -> str:
    return f"热线-{number:06d},{unit},2024-03-05 09:00:00,{closed},{'已办结' if closed else '办理中'}"


def take_in(instance: Instance, path: Path, options: ImportOptions = OPTIONS) -> CheckAnswer:
    answer = importing.check(instance, path, kind=Kind.RESPONSES, options=options, by="wang")
    assert answer.state == "checked", answer.problems
    return importing.confirm(instance, answer.batch, "wang")


def received(instance: Instance) -> float | None:
    rows = metric_values(instance, period="2024", by=("total",), codes=["n_received"]).rows
    return next((row.value for row in rows if row.unit is None), None)


def test_check_stores_nothing_before_confirm(instance: Instance, tmp_path: Path) -> None:
    answer = importing.check(instance, orders(tmp_path, "a.csv", line(1)), kind=Kind.RESPONSES, options=OPTIONS, by="w")
    assert (answer.state, answer.rows.new) == ("checked", 1)
    with instance.session() as session:
        assert read_directory(session).names == {}
        assert batches.list_batches(session, viewer=OPERATOR) == []
    assert list(instance.parts_folder.rglob("*.parquet")) == []


@pytest.mark.reader_process
def test_confirm_makes_records_units_and_an_audit_entry(instance: Instance, tmp_path: Path) -> None:
    answer = take_in(instance, orders(tmp_path, "a.csv", line(1), line(2, unit="市教育局")))
    assert answer.state == "accepted"
    assert received(instance) == 2
    with instance.session() as session:
        assert set(read_directory(session).names) == {"市水务局", "市教育局"}
        assert audit.check_chain(session).first_bad is None
        row = batches.one(session, viewer=OPERATOR, number=answer.batch)
    assert row is not None
    assert (row.state, row.accepted_by, row.n_new) == ("accepted", "wang", 2)
    assert not staging_folder(instance, answer.batch).exists()


def test_case_106_same_file_again_is_refused_with_its_batch(instance: Instance, tmp_path: Path) -> None:
    path = orders(tmp_path, "a.csv", line(1))
    first = take_in(instance, path)
    again = importing.check(instance, path, kind=Kind.RESPONSES, options=OPTIONS, by="li")
    assert (again.state, again.same_as_batch, again.batch) == ("refused", first.batch, None)
    assert [problem.code for problem in again.problems] == ["same_file"]


def test_rows_left_out_come_in_by_the_same_file_with_its_corrected_list(instance: Instance, tmp_path: Path) -> None:
    path, errors = orders(tmp_path, "a.csv", line(1), line(2, "soon"), line(3)), tmp_path / "errors.xlsx"
    partial = replace(OPTIONS, partial=True, errors=str(errors))
    first = take_in(instance, path, partial)
    assert (first.rows.accepted, first.rows.rejected) == (2, 1)
    again = importing.check(instance, path, kind=Kind.RESPONSES, options=partial, by="li")
    assert (again.state, again.same_as_batch) == ("refused", first.batch)

    book = load_workbook(errors)
    faulty = next(cell for row in book.worksheets[0].iter_rows(min_row=2) for cell in row if cell.value == "soon")
    faulty.value = "2024-03-07 10:00:00"
    book.save(errors)
    second = take_in(instance, path, replace(OPTIONS, repaired=(str(errors),)))
    assert (second.rows.new, second.rows.unchanged, received(instance)) == (1, 2, 3)
    twice = importing.check(instance, path, kind=Kind.RESPONSES, options=OPTIONS, by="li")
    assert (twice.state, twice.same_as_batch) == ("refused", second.batch)


def test_same_file_after_withdraw_may_come_again_and_then_restore_is_refused(
    instance: Instance, tmp_path: Path
) -> None:
    path = orders(tmp_path, "a.csv", line(1))
    first = take_in(instance, path)
    importing.withdraw(instance, first.batch, "wang", "wrong month")
    second = take_in(instance, path)
    with pytest.raises(importing.BatchConflict, match=f"batch {second.batch}"):
        importing.restore(instance, first.batch, "wang")


def test_later_export_counts_new_changed_unchanged_and_vanished(instance: Instance, tmp_path: Path) -> None:
    take_in(instance, orders(tmp_path, "a.csv", *(line(i) for i in range(1, 11)), line(11, "")))
    later = orders(tmp_path, "b.csv", *(line(i) for i in range(2, 11)), line(11), line(12))
    answer = take_in(instance, later, LATER)
    assert (answer.rows.new, answer.rows.changed, answer.rows.unchanged, answer.vanished) == (1, 1, 9, 1)
    assert received(instance) == 12


def test_closed_cases_that_are_open_in_a_later_export_are_told(instance: Instance, tmp_path: Path) -> None:
    take_in(instance, orders(tmp_path, "a.csv", line(1), line(2), line(3, "")))
    later = importing.check(
        instance, orders(tmp_path, "b.csv", line(1, ""), line(2), line(3)), kind=Kind.RESPONSES, options=LATER, by="li"
    )
    told = {problem.code: problem for problem in later.problems}
    assert (told["state_moved_backwards"].count, told["state_moved_backwards"].value) == (1, "热线-000001")
    earlier = replace(OPTIONS, exported_at="2024-03-08 08:00")
    before = importing.check(
        instance, orders(tmp_path, "c.csv", line(1, "")), kind=Kind.RESPONSES, options=earlier, by="li"
    )
    assert "state_moved_backwards" not in {problem.code for problem in before.problems}


def test_case_109_withdraw_and_restore_return_the_numbers_exactly(instance: Instance, tmp_path: Path) -> None:
    take_in(instance, orders(tmp_path, "a.csv", line(1), line(2, "")))
    before = metric_values(instance, period="2024").rows
    batch = take_in(instance, orders(tmp_path, "b.csv", line(2), line(3)), LATER).batch
    after = metric_values(instance, period="2024").rows
    assert after != before
    importing.withdraw(instance, batch, "wang", "wrong file")
    assert metric_values(instance, period="2024").rows == before
    importing.restore(instance, batch, "wang")
    assert metric_values(instance, period="2024").rows == after


def test_withdraw_needs_a_reason_and_an_accepted_batch(instance: Instance, tmp_path: Path) -> None:
    answer = take_in(instance, orders(tmp_path, "a.csv", line(1)))
    with pytest.raises(importing.BatchConflict, match="why"):
        importing.withdraw(instance, answer.batch, "wang", "  ")
    with pytest.raises(importing.BatchConflict, match="no batch 99"):
        importing.withdraw(instance, 99, "wang", "x")
    with pytest.raises(importing.BatchConflict, match="accepted"):
        importing.restore(instance, answer.batch, "wang")


def test_confirm_twice_is_refused_and_names_who(instance: Instance, tmp_path: Path) -> None:
    answer = take_in(instance, orders(tmp_path, "a.csv", line(1)))
    with pytest.raises(importing.BatchConflict, match="wang"):
        importing.confirm(instance, answer.batch, "li")
    assert received(instance) == 1


def test_second_of_two_people_is_told_who_was_faster(instance: Instance, tmp_path: Path) -> None:
    mine = importing.check(instance, orders(tmp_path, "a.csv", line(1)), kind=Kind.RESPONSES, options=OPTIONS, by="w")
    theirs = importing.check(instance, orders(tmp_path, "b.csv", line(1), line(2)), kind=Kind.RESPONSES,
                             options=OPTIONS, by="li")  # fmt: skip
    importing.confirm(instance, theirs.batch, "li")
    with pytest.raises(importing.BatchConflict, match=r"b\.csv.*by li"):
        importing.confirm(instance, mine.batch, "w")
    assert received(instance) == 2


def test_case_110_two_people_at_once_one_wins_and_nothing_is_half(instance: Instance, tmp_path: Path) -> None:
    numbers = [
        importing.check(instance, orders(tmp_path, f"{who}.csv", line(1), line(i)), kind=Kind.RESPONSES,
                        options=OPTIONS, by=who).batch
        for i, who in ((2, "wang"), (3, "li"))
    ]  # fmt: skip
    told: list[str] = []
    gate = threading.Barrier(2)

    def press(batch: int, who: str) -> None:
        gate.wait()
        try:
            importing.confirm(instance, batch, who)
        except importing.BatchConflict as conflict:
            told.append(str(conflict))

    threads = [threading.Thread(target=press, args=entry) for entry in zip(numbers, ("wang", "li"), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1
    assert re.search(r"confirmed meanwhile by (wang|li) at 20\d\d-\d\d-\d\d", told[0])
    with instance.session() as session:
        assert len(batches.list_batches(session, viewer=OPERATOR)) == 1
    assert received(instance) == 2


def test_other_registers_do_not_stand_in_each_others_way(instance: Instance, tmp_path: Path) -> None:
    board = ImportOptions(create_units=True, register="board", exported_at="2024-04-05 08:00")
    mine = importing.check(instance, orders(tmp_path, "a.csv", line(1)), kind=Kind.RESPONSES, options=OPTIONS, by="w")
    other = orders(tmp_path, "b.csv", line(1), line(2))
    theirs = importing.check(instance, other, kind=Kind.RESPONSES, options=board, by="l")
    importing.confirm(instance, theirs.batch, "l")
    importing.confirm(instance, mine.batch, "w")
    assert received(instance) == 3


def test_discard_leaves_nothing_to_confirm(instance: Instance, tmp_path: Path) -> None:
    answer = importing.check(instance, orders(tmp_path, "a.csv", line(1)), kind=Kind.RESPONSES, options=OPTIONS, by="w")
    importing.discard(instance, answer.batch, "w")
    assert not staging_folder(instance, answer.batch).exists()
    with pytest.raises(importing.BatchConflict, match="discarded"):
        importing.confirm(instance, answer.batch, "w")


@pytest.mark.reader_process
def test_refused_file_leaves_no_staged_rows(instance: Instance, tmp_path: Path) -> None:
    path = orders(tmp_path, "a.csv", "热线-000001,市水务局,,2024-03-06 10:00:00,已办结")
    answer = importing.check(instance, path, kind=Kind.RESPONSES, options=OPTIONS, by="w")
    assert answer.state == "refused"
    assert not staging_folder(instance, answer.batch).exists()
    with pytest.raises(importing.BatchConflict, match="refused"):
        importing.confirm(instance, answer.batch, "w")


def test_missing_file_is_a_named_error(instance: Instance, tmp_path: Path) -> None:
    with pytest.raises(FileMissing, match="no file"):
        importing.check(instance, tmp_path / "none.csv", kind=Kind.RESPONSES, by="w")


def test_unit_file_adds_changes_and_keeps(instance: Instance, tmp_path: Path) -> None:
    def units(name: str, *rows: str) -> Path:
        path = tmp_path / name
        path.write_text("\n".join(("单位编码,单位名称,单位简称,别名,上级单位,同类组", *rows)), encoding="utf-8")
        return path

    child = "A2,节水中心,,,海川市水务局,市直部门"
    path = units("u.csv", "A1,海川市水务局,市水务局,市水利局、水务局,,市直部门", child)
    first = importing.check(instance, path, kind=Kind.UNITS, by="w")
    assert (first.state, first.rows.new) == ("checked", 2)
    importing.confirm(instance, first.batch, "w")
    path = units("v.csv", "A1,海川市水务局,水务局,市水利局,,市直部门", child)
    second = importing.check(instance, path, kind=Kind.UNITS, by="w")
    assert (second.rows.new, second.rows.changed, second.rows.unchanged) == (0, 1, 1)
    importing.confirm(instance, second.batch, "w")
    with instance.session() as session:
        names = read_directory(session).names
        assert {names[n] for n in ("海川市水务局", "水务局", "市水利局")} == {"A1"}
        assert names["节水中心"] == "A2"
        with pytest.raises(UnitRowsError, match="already means"):
            add_alias(session, "市水利局", "A2", by="w")
    with pytest.raises(importing.BatchConflict, match="corrected"):
        importing.withdraw(instance, first.batch, "w", "x")


def test_saved_layout_is_used_by_its_name(instance: Instance, tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("甲,乙,丙\n1,市水务局,2024-03-05 09:00:00\n", encoding="utf-8")
    options = ImportOptions(create_units=True, map=(("case_no", "甲"), ("unit", "乙"), ("received_at", "丙")))
    answer = importing.check(instance, path, kind=Kind.RESPONSES, options=options, by="w")
    assert answer.state == "checked", answer.problems
    importing.save_layout(instance, "our_own", answer, options, by="w")
    again = ImportOptions(create_units=True, layout="our_own")
    assert importing.check(instance, path, kind=Kind.RESPONSES, options=again, by="w").state == "checked"
    assert {"our_own"} == {row["id"] for row in importing.all_layouts(instance) if row["saved"]}
    with pytest.raises(importing.LayoutNameError):
        importing.save_layout(instance, "no/way", answer, options, by="w")


@pytest.mark.reader_process
def test_baltimore_csv_then_xlsx_adds_nothing(instance: Instance) -> None:
    options = ImportOptions(layout="baltimore_311", create_units=True)
    first = take_in(instance, shared_file("data/requests/baltimore_311_sample.csv"), options)
    before = metric_values(instance, period="all").rows
    second = take_in(instance, shared_file("data/requests/baltimore_311_sample.xlsx"), options)
    assert (first.rows.accepted, first.rows.new) == (10_000, 10_000)
    assert (second.rows.accepted, second.rows.new, second.rows.changed, second.rows.unchanged) == (10_000, 0, 0, 10_000)
    after = metric_values(instance, period="all").rows
    assert after == before
    value = {(row.metric, row.total): row for row in after if row.unit is None}
    assert value["n_closed", "pooled"].value == 9792
    assert (value["n_met", "pooled"].value, value["n_missed", "pooled"].value) == (7988, 1567)
    assert value["H1c.mean", "pooled"].value == pytest.approx(296.5522, abs=5e-5)
    assert value["H1c.median_km", "pooled"].value == pytest.approx(39.3958, abs=5e-5)
    assert value["n_backlog", "pooled"].value == 208


def test_part_of_a_batch_is_for_its_owner_only(instance: Instance, tmp_path: Path) -> None:
    take_in(instance, orders(tmp_path, "a.csv", line(1)))
    part = next(instance.parts_folder.rglob("*.parquet"))
    assert stat.S_IMODE(part.stat().st_mode) == 0o400
