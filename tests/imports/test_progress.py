"""Progress of a check: the waiting process hears rows and stages while the child reads, and nothing stays behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from imports import check as entrance
from imports.options import ImportOptions
from records.vocabulary import Kind
from tests.imports.small_files import HEADER, KEYS, UNITS, text_file, workbook

pytestmark = pytest.mark.reader_process

ROWS = 45_000


def heard(path: Path) -> list[tuple[int, int, str]]:
    said: list[tuple[int, int, str]] = []
    answer = entrance.check_file(
        path, kind=Kind.RESPONSES, options=ImportOptions(), directory=UNITS, keys=KEYS,
        staging=path.parent / "staging", tell=lambda *words: said.append(words),
    )  # fmt: skip
    assert answer.rows.accepted == ROWS
    return said


@pytest.mark.parametrize("make", [text_file, workbook], ids=["csv", "xlsx"])
def test_rows_are_told_while_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make) -> None:
    monkeypatch.setattr(entrance, "_SECONDS_BETWEEN_WORDS", 0.002)
    rows = ((f"A{n}", "东城区", f"2024-03-05 09:{n % 60:02d}:00") for n in range(ROWS))
    said = heard(make(tmp_path / f"f.{'csv' if make is text_file else 'xlsx'}", [HEADER, *rows]))
    assert said[0] == (0, 0, "opening")
    reading = [(done, total) for done, total, stage in said if stage == "reading"]
    assert reading == sorted(reading)
    assert reading[0][0] == (40_000 if make is workbook else 0)  # a text is converted in one large step
    assert abs(reading[0][1] - ROWS) <= 1  # a last line may have no end
    assert said[-1] == (ROWS, ROWS, "writing")
    assert not list((tmp_path / "staging").glob("**/progress*"))
