"""The text pass reads a reply once: at the first look after its file came in, not in later exports."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from imports.options import ImportOptions
from pipeline import importing
from pipeline.integrity import findings
from pipeline.numbers import reply_features
from records.engine import Engine
from records.instance import Instance
from records.parts import withdraw
from records.vocabulary import Kind

HEADER = "工单编号,承办单位,来电时间,首次答复时间,工单状态,答复内容"


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    opened = Instance.open(tmp_path / "instance")
    yield opened
    opened.close()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The numbers of the cases whose replies were read, one list for each file."""
    seen: list[list[str]] = []
    real = reply_features.text_features

    def noted(rows):
        seen.append([row.case_no for row in rows])
        return real(rows)

    monkeypatch.setattr(reply_features, "text_features", noted)
    return seen


def _line(number: int, *, reply: str = "", state: str = "已办结", day: int = 12) -> str:
    text = reply or f"经核查第{number}处水管已修复"
    return f"G{number:03d},市水务局,2025-01-10 09:00,2025-01-{day} 10:00,{state},{text}"


def _take_in(instance: Instance, path: Path, lines: Iterable[str], exported_at: str = "2025-02-01 08:00") -> int:
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    options = ImportOptions(create_units=True, exported_at=exported_at)
    answer = importing.check(instance, path, kind=Kind.RESPONSES, options=options, by="wang")
    assert answer.state == "checked", [problem.message for problem in answer.problems]
    importing.confirm(instance, answer.batch, "wang")
    assert answer.batch is not None
    return answer.batch


def test_only_the_rows_of_a_new_file_are_read(instance: Instance, tmp_path: Path, read: list[list[str]]) -> None:
    _take_in(instance, tmp_path / "a.csv", map(_line, range(30)))
    findings.find(instance, "2025-01")
    findings.find(instance, "2025-01")
    _take_in(instance, tmp_path / "b.csv", map(_line, range(100, 107)))
    findings.find(instance, "2025-01")
    assert [len(numbers) for numbers in read] == [30, 7]


def test_of_an_overlapping_export_only_new_and_changed_replies_are_read(
    instance: Instance, tmp_path: Path, read: list[list[str]]
) -> None:
    _take_in(instance, tmp_path / "a.csv", map(_line, range(30)))
    findings.find(instance, "2025-01")
    again = [
        _line(0, reply="经再次核查水管仍在漏水，已重新安排维修"),  # another reply
        _line(1, day=14),  # the same words on another day: the date in the text may now be late
        _line(2, state="办理中"),  # nothing the pass reads has changed
        *map(_line, range(3, 32)),
    ]
    batch = _take_in(instance, tmp_path / "b.csv", again, "2025-03-01 08:00")
    findings.find(instance, "2025-01")
    assert read[1:] == [["G000", "G001", "G030", "G031"]]
    with instance.session() as session:
        view = reply_features.features_view(instance, session)
    found = Engine(instance).run(
        "SELECT batch, count(*), count(DISTINCT case_no) FROM features GROUP BY batch", {"features": view}
    )
    assert dict((b, (n, distinct)) for b, n, distinct in found)[batch] == (32, 32)


def test_copied_facts_are_those_of_the_reply_and_survive_a_third_export(
    instance: Instance, tmp_path: Path, read: list[list[str]]
) -> None:
    for turn in (1, 2, 3):
        lines = [
            _line(n, reply=f"您好，{'水' * (n + 1)}管已修复。", state=f"已办结{turn}"[:3]) for n in range(20 + turn)
        ]
        _take_in(instance, tmp_path / f"{turn}.csv", lines, f"2025-0{turn + 1}-01 08:00")
        findings.find(instance, "2025-01")
    assert [len(numbers) for numbers in read] == [21, 1, 1]
    with instance.session() as session:
        view = reply_features.features_view(instance, session)
    text = "SELECT case_no, count(DISTINCT core_length), count(*) FROM features GROUP BY case_no"
    rows = {case: (lengths, n) for case, lengths, n in Engine(instance).run(text, {"features": view})}
    assert rows["G000"] == (1, 3)
    assert rows["G022"] == (1, 1)
    text = "SELECT core_length - (SELECT min(core_length) FROM features), case_no FROM features WHERE batch = 3"
    assert sorted(int(case[1:]) - longer for longer, case in Engine(instance).run(text, {"features": view})) == [0] * 23


def test_a_withdrawn_export_takes_nothing_with_it(instance: Instance, tmp_path: Path, read: list[list[str]]) -> None:
    first = _take_in(instance, tmp_path / "a.csv", map(_line, range(30)))
    findings.find(instance, "2025-01")
    _take_in(instance, tmp_path / "b.csv", map(_line, range(31)), "2025-03-01 08:00")
    findings.find(instance, "2025-01")
    with instance.session() as session:
        withdraw(session, first, by="wang", why="错发")
        assert len(reply_features.features_view(instance, session).paths) == 1
    assert [len(numbers) for numbers in read] == [30, 1]
