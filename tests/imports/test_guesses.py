"""Columns that nobody named: proposals by heading and by content, which are shown and not used."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from imports.answer import CheckAnswer, ColumnInfo
from imports.check import check_file
from imports.columns.guesses import file_signature, with_guesses
from imports.columns.mapping import Column
from imports.options import ImportOptions, SavedLayout
from imports.values.units import UnitReader
from records.vocabulary import Kind
from tests.imports.small_files import HEADER, KEYS, UNITS, check, codes, stored, text_file


def guessed(header: str, cells: list[object], kind: Kind = Kind.RESPONSES, *taken: str) -> tuple[str | None, str]:
    """The field proposed for one unmapped column beside columns that fill the `taken` fields, and how."""
    mapped = [Column(n + 1, name, (name,), "exact") for n, name in enumerate(taken)]
    column = Column(0, header, (), "ignored")
    found = with_guesses([column, *mapped], [[cell] for cell in cells], kind, UnitReader(UNITS))[0]
    return found.guess, found.how


@pytest.mark.parametrize(
    ("header", "cells", "expected"),
    [
        ("承办单位名", ["东城区", "市人社局", "东城区"], ("unit", "similar")),
        ("来电时刻", ["2024-03-05 09:00", "2024-03-06 10:00"], ("received_at", "similar")),
        ("办完时间", ["2024-03-05 09:00", "2024-03-06 10:00"], ("closed_at", "similar")),  # as near to 转办时间
        ("来电时刻", ["张三", "李四", "王五"], (None, "ignored")),  # no time stands there, whatever the heading says
        ("答复内容时", ["2024-03-05", "2024-03-06"], (None, "ignored")),  # no text stands there
        ("甲", ["2024-03-05", "2024年3月6日", "2024/3/7"], ("received_at", "content")),
        ("甲", ["东城区", "市人社局", "市住建委"], ("unit", "content")),
        ("甲", ["已办结", "办理中", "已办结"], ("state", "content")),
        ("甲", ["非常满意", "不满意", "一般"], ("rating", "content")),
        ("甲", ["13812345678", "13912345678", "138****5678"], ("citizen_phone", "content")),
        ("甲", ["HC0001", "HC0002", "HC0003"], ("case_no", "content")),
        ("甲", ["是", "否", "是"], (None, "ignored")),  # says yes and no to nobody knows what
        ("甲", ["HC0001", "HC0001", "HC0003"], (None, "ignored")),  # a number of records is never repeated
        ("甲", ["路灯不亮", "井盖丢失", "噪声扰民"], (None, "ignored")),
        ("甲", ["东城区", "市人社局"], (None, "ignored")),  # too few to tell
    ],
)
def test_guess_of_one_column(header: str, cells: list[object], expected: tuple[str | None, str]) -> None:
    assert guessed(header, cells) == expected


def test_guess_of_durations_in_answers() -> None:
    assert guessed("甲", ["1分35秒", "95秒", "2分5秒"], Kind.SURVEYS) == ("seconds_used", "content")


def test_guess_takes_no_field_twice() -> None:
    assert guessed("甲", ["东城区", "市人社局", "市住建委"], Kind.RESPONSES, "unit") == (None, "ignored")


def test_heading_that_resembles_a_field_and_is_none(tmp_path: Path) -> None:
    rows = [("service_request_id", "agency_responsible", "requested_datetime", "updated_datetime", "address_id")]
    rows += [(f"A{n}", "东城区", "2024-03-05 09:00", "2024-03-06 10:00", f"78{n}") for n in range(4)]
    answer = check(text_file(tmp_path / "f.csv", rows), channel="website")
    assert (answer.layout, answer.state) == ("open311", "checked")
    assert {column.header: column.guess for column in answer.columns if not column.field} == {
        "updated_datetime": None,
        "address_id": None,
    }
    assert "updated_datetime" in next(p.message for p in answer.problems if p.code == "columns_unused")


def test_guess_is_shown_and_not_used(tmp_path: Path) -> None:
    rows = [("编号甲", *HEADER[1:]), *((f"A{n}", "东城区", "2024-03-05") for n in range(3))]
    answer = check(text_file(tmp_path / "f.csv", rows))
    column: ColumnInfo = answer.columns[0]
    assert (answer.state, column.field, column.guess, column.how) == ("refused", None, "case_no", "similar")
    assert {"columns_missing", "columns_guessed"} <= set(codes(answer))


def saved(answer: CheckAnswer, **options: object) -> SavedLayout:
    return SavedLayout("own", answer.signature, ImportOptions(layout="responses", **options))


def read(path: Path, entry: SavedLayout, **options: object) -> CheckAnswer:
    return check_file(
        path, kind=Kind.RESPONSES, options=ImportOptions(**options), directory=UNITS, keys=KEYS,
        staging=path.parent / "staging", saved=[entry],
    )  # fmt: skip


def test_saved_layout_is_recognised_by_its_headings(tmp_path: Path) -> None:
    rows = [["甲", "乙", "丙", "丁"], ["A1", "东城区", "2024-03-05", "了结"]]
    first = check(text_file(tmp_path / "3月.csv", rows))
    pairs = (("case_no", "甲"), ("unit", "乙"), ("received_at", "丙"), ("state", "丁"))
    entry = saved(first, map=pairs, value_map=(("state", "了结", "closed"),))
    turned = [list(reversed(row)) for row in rows]  # the columns may stand in another order
    answer = read(text_file(tmp_path / "4月.csv", turned), entry)
    assert (answer.state, answer.saved_layout) == ("checked", "own"), answer.problems
    assert stored(answer, "case_no, unit, state") == [("A1", "dc", "closed")]
    assert {column.how for column in answer.columns} == {"saved"}
    wider = read(text_file(tmp_path / "5月.csv", [[*row, "x"] for row in rows]), entry)
    assert (wider.state, wider.saved_layout) == ("refused", None)


@pytest.mark.parametrize("heading", ["未办结量", "按时办结量", "逾期办结量"])
def test_heading_that_says_the_opposite_or_a_part_is_not_proposed(heading: str, tmp_path: Path) -> None:
    rows = [["单位", "统计期间", "受理量", heading], ["东城区", "2025-03", "10", "8"]]
    answer = check(text_file(tmp_path / "f.csv", rows), Kind.COUNTS)
    assert answer.columns[3].guess is None
    rows[0][3] = "办结数量"
    assert check(text_file(tmp_path / "g.csv", rows), Kind.COUNTS).columns[3].guess == "closed"


DECIDED = (("case_no", "甲"), ("unit", "乙"), ("received_at", "丙"), ("state", "丁"), ("rating", "戊"))
FORMER = [["甲", "乙", "丙", "丁", "戊"], ["A1", "东城区", "2024-03-05", "了结", "5"]]


@pytest.mark.parametrize(
    ("headings", "told"),
    [
        ("甲乙丙丁戊己", "（缺少的列：—；多出的列：己）"),
        ("甲乙丙丁", "（缺少的列：戊；多出的列：—）"),
        ("甲乙丙己庚", None),
    ],
)
def test_file_of_a_changed_layout_is_read_by_it_and_a_person_looks(
    headings: str, told: str | None, tmp_path: Path
) -> None:
    first = check(text_file(tmp_path / "3月.csv", FORMER))
    entry = saved(first, map=DECIDED, value_map=(("state", "了结", "closed"),), scale=(("rating", "5=best"),))
    entry = dataclasses.replace(entry, headings=tuple(FORMER[0]))
    cells = [*FORMER[1], "x"][: len(headings)]
    answer = read(text_file(tmp_path / "4月.csv", [list(headings), cells]), entry, partial=True)
    assert answer.saved_layout == ("own" if told else None)
    warned = [problem.message for problem in answer.problems if problem.code == "layout_changed"]
    assert (told or "") in "".join(warned)
    assert len(warned) == (told is not None)
    assert ("scale_direction_unknown" in codes(answer)) == ("戊" in headings), "a direction is told once for a layout"
    if headings == "甲乙丙丁":
        assert stored(answer, "case_no, unit, state") == [("A1", "dc", "closed")]


def test_decision_beside_a_saved_layout_wins(tmp_path: Path) -> None:
    rows = [["甲", "乙", "丙"], ["A1", "东城区", "2024-03-05"]]
    path = text_file(tmp_path / "f.csv", rows)
    entry = saved(check(path), map=(("case_no", "甲"), ("unit", "乙"), ("received_at", "丙")))
    answer = read(path, entry, map=(("", "乙"),))
    assert [column.field for column in answer.columns] == ["case_no", None, "received_at"]
    assert answer.state == "refused"
    other = dataclasses.replace(entry, signature=file_signature("1", ["甲"]))
    assert read(path, other).saved_layout is None
