"""The text pass reads the replies of a file once: at the first look after it was accepted, never again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from imports.options import ImportOptions
from pipeline import importing
from pipeline.integrity import findings
from pipeline.numbers import reply_features
from records.instance import Instance
from records.vocabulary import Kind

HEADER = "工单编号,承办单位,来电时间,办结时间,工单状态,答复内容"


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    opened = Instance.open(tmp_path / "instance")
    yield opened
    opened.close()


def _take_in(instance: Instance, path: Path, numbers: range) -> None:
    lines = [f"G{n:03d},市水务局,2025-01-10 09:00,2025-01-12 10:00,已办结,经核查第{n}处水管已修复" for n in numbers]
    path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
    options = ImportOptions(create_units=True)
    answer = importing.check(instance, path, kind=Kind.RESPONSES, options=options, by="wang")
    assert answer.state == "checked", [problem.message for problem in answer.problems]
    importing.confirm(instance, answer.batch, "wang")


def test_only_the_rows_of_a_new_file_are_read(
    instance: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    real = reply_features.text_features

    def counted(rows):
        read.append(len(rows))
        return real(rows)

    monkeypatch.setattr(reply_features, "text_features", counted)
    _take_in(instance, tmp_path / "a.csv", range(30))
    findings.find(instance, "2025-01")
    findings.find(instance, "2025-01")
    assert read == [30]
    _take_in(instance, tmp_path / "b.csv", range(100, 107))
    findings.find(instance, "2025-01")
    assert read == [30, 7]
