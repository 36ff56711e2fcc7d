"""A file converted whole columns at a time equals the same file read cell by cell: answer, problems, stored rows."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from imports.answer import CheckAnswer, FileInfo
from imports.judging.running import run_check
from imports.options import ImportOptions
from imports.parts import bulk, cell_table
from imports.reading import encoding, text_reader
from imports.reading.grid import OtherText
from imports.reading.opening import open_grid
from records.vocabulary import Kind
from tests.imports.hostile import NAUGHTY
from tests.imports.small_files import KEYS, UNITS, workbook

HEADER = (
    "工单编号", "承办单位", "来电时间", "办结时间", "工单状态", "主要内容", "回复内容", "问题分类", "来电人电话",
    "是否解决", "是否满意", "退回次数",
)  # fmt: skip
SPACES = (
    " ",
    "\t",
    "\x0b",
    "\x1c",
    "\x85",
    "\xa0",
    "\u1680",
    "\u2009",
    "\u2028",
    "\u202f",
    "\u3000",
    "\u200b",
    "\ufeff",
)
NUMBERS = (
    "A-{}",
    "热线-{}",
    "{}",
    "'{}",
    '="{}"',
    "{}.0",
    "{}.5",
    "1.1E+17",
    "ａ{}",
    " {} ",
    "{}\u200b",
    "K_{}#/",
    "Ⅳ{}",
    "",
)
MOMENTS = (
    "2024-03-05 09:10:00", "2024-03-05 09:10:00", "2024/03/05 09:10:00", "2024-3-5 9:10", "2024-03-05T09:10:00",
    "2024-03-05x09:10:00", "2024-02-30 09:10:00", "2024-03-05 24:00:00", "2024-03-05 09:60:00", "2024-03-05 09:10:60",
    "1979-12-31 00:00:00", "2101-01-01 00:00:00", "2100-12-31 23:59:59", "1980-01-01 00:00:00", "0000-00-00 00:00:00",
    "1900-01-01 00:00:00", "9999-12-31 23:59:59", "2024-03-05", "45356.375", "20240305", "5-Mar-24", "13/05/2024",
    "2024-03-05 09:10:00.5", "2024-03-05T09:10+08:00", "infinity", "epoch", "", "-", "无", " 2024-03-05 09:10:00",
    "二〇二四年", "2024-03-05 00:00:00", "1709602200", "2024年3月5日 14:05", "03-05", "2024-03-05 09:10:00+08",
    "２０２４-03-05 09:10:00", "12024-03-05 9:10:00", "-024-03-05 09:10:00",
)  # fmt: skip
TEXTS = (
    "路灯不亮", "请回电13812345678", "联系人张三，手机138 1234 5678", "('甲', '乙')", "(见附件)", "京A12345",
    "3号楼502室", "身份证110101199003071234", "a@b.cn", "qq 123456", "全角１３８１２３４５６７８", "第12街道123号院",
    "", "合计", "注：无", "x" * 50,
    "您好！已办结。", "尊敬的市民，您好：编号123。", "Hello, World", "ÀÉ ß İ", "一行\n两行", "一行\r\n两行", '他说"好"',
    "a,b", "null", "NULL",
    "1. 已办；2、未办", "𠮷野家", "e\u0301", "室", "我是李", "\u202eabc",
)  # fmt: skip
WORDS = (
    "1",
    "",
    "已办结",
    "办理中",
    "closed",
    "满意",
    "不满意",
    "5",
    "是",
    "否",
    "解决",
    "未解决",
    "",
    "-",
    "怪词",
    "3次",
    "1.5",
    "１２",
)
UNIT_NAMES = (
    "东城区",
    "市人社局",
    "市人社局、市住建委",
    "新单位",
    "新单位 ",
    "New Unit",
    "new-unit",
    "",
    "/",
    "@市住建委",
)
PHONES = (
    "13812345678",
    "+86 138-1234-5678",
    "138****5678",
    "010-12345678",
    "",
    "１３８１２３４５６７８",
    "12345",
    " 13812345678",
    "无",
)
CELLS: tuple[Sequence[str], ...] = (
    NUMBERS, UNIT_NAMES, MOMENTS, MOMENTS, ("已办结", "办理中", *WORDS), TEXTS, TEXTS, TEXTS, PHONES,
    ("解决", "未解决", *WORDS), WORDS, WORDS,
)  # fmt: skip


def _cell(rng: random.Random, choices: Sequence[str], number: int) -> str:
    chance = rng.random()
    if chance < 0.02:
        return rng.choice(NAUGHTY).replace("\x00", "")
    text = rng.choice(choices).replace("{}", str(number % 37))
    if chance < 0.04:
        return rng.choice(SPACES) + text
    return text + rng.choice(SPACES) if chance < 0.06 else text


def _clean_cell(rng: random.Random, choices: Sequence[str], number: int) -> str:
    """Cells as a healthy export holds them, so that some files are accepted as a whole."""
    return rng.choice(choices[:2]).replace("{}", str(number))


def _rows(rng: random.Random, count: int) -> list[list[str]]:
    """Rows of which some cells are ugly: none, few, many or all of them."""
    share = rng.choice((0.0, 0.02, 0.1, 1.0))

    def cell(choices: Sequence[str], number: int) -> str:
        return (_cell if rng.random() < share else _clean_cell)(rng, choices, number)

    rows = [[cell(choices, number) for choices in CELLS] for number in range(count)]
    for _ in range(rng.randrange(4)):
        rows.insert(rng.randrange(len(rows)), rng.choice(ODD_ROWS))
    return rows


ODD_ROWS = (
    list(HEADER), ["合计", *["3"] * (len(HEADER) - 1)], ["注：截至三月", *[""] * (len(HEADER) - 1)], [""] * len(HEADER),
    ["Total", *[""] * (len(HEADER) - 1)], ["\u200b", *[" "] * (len(HEADER) - 1)],
)  # fmt: skip


def _write(path: Path, rng: random.Random, rows: list[list[str]]) -> None:
    """Write the rows in one of the ways in which programs write text."""
    delimiter = rng.choice(",,\t;|")
    end = rng.choice(("\r\n", "\n"))
    always = rng.random() < 0.3

    def quote(cell: str) -> str:
        is_needed = always or any(sign in cell for sign in (delimiter, '"', "\n", "\r"))
        return '"' + cell.replace('"', '""') + '"' if is_needed else cell

    text = end.join(delimiter.join(map(quote, row)) for row in [list(HEADER), *rows])
    text += end if rng.random() < 0.7 else ""
    encoding = rng.choice(("utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16"))
    path.write_bytes(text.encode(encoding, "replace"))


def _both(
    path: Path, options: ImportOptions, monkeypatch: pytest.MonkeyPatch, kind: Kind = Kind.RESPONSES
) -> tuple[Any, Any, bool]:
    """What both ways make of a file, and whether the store itself read the text."""
    counts: list[int | None] = []
    load = bulk.load_text

    def watched(*arguments: Any, **words: Any) -> int | None:
        counts.append(load(*arguments, **words))
        return counts[-1]

    found = []
    for fewest in (0, 10**9):
        folder = path.parent / f"staging-{fewest}"
        folder.mkdir()
        with monkeypatch.context() as patch:
            patch.setattr(bulk, "FEWEST_ROWS", fewest)
            patch.setattr(bulk, "load_text", watched)
            if fewest == 0:
                _hurry(patch)
            answer = _checked(path, options, folder, kind)
        found.append((_told(answer), _part(answer)))
    return found[0], found[1], counts != [] and counts[0] is not None


def _hurry(patch: pytest.MonkeyPatch) -> None:
    """Take a text for what its first bytes are, as is done with large ones."""
    patch.setattr(text_reader, "_PROVEN_AT_ONCE", 0)
    patch.setattr(encoding, "BEGINNING", 200)


def _checked(path: Path, options: ImportOptions, folder: Path, kind: Kind) -> CheckAnswer:
    file = FileInfo(path.name, "0" * 64)
    return run_check(path, file, kind, options, UNITS, KEYS, folder)


def _told(answer: CheckAnswer) -> dict[str, Any]:
    return dataclasses.replace(answer, seconds=0.0, staged=None).to_json()


def _part(answer: CheckAnswer) -> list[tuple[Any, ...]]:
    """Every row of the part, in the order in which it is stored."""
    if answer.staged is None:
        return []
    return duckdb.sql(f"SELECT * FROM '{answer.staged}'").fetchall()


def _add_up(answer: dict[str, Any], rows: int) -> None:
    """Every row of the file is taken in, refused, repeated, or left out for a reason that is counted."""
    counts = answer["rows"]
    assert counts["read"] + sum(counts["skipped"].values()) == rows
    if answer["state"] == "checked":
        assert counts["accepted"] + counts["rejected"] + counts["duplicate_in_file"] == counts["read"]
    else:
        assert counts["accepted"] == 0


def _options(rng: random.Random) -> ImportOptions:
    return ImportOptions(
        partial=rng.random() < 0.7, create_units=rng.random() < 0.7, scale=(("rating", "5=best"),),
        date_order=rng.choice((None, "mdy")), channel="hotline",
    )  # fmt: skip


SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_bulk_equals_row_by_row_on_random_ugly_text(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(seed)
    path = tmp_path / "orders.csv"
    rows = _rows(rng, rng.randrange(1, 60))
    _write(path, rng, rows)
    at_once, row_by_row, _ = _both(path, _options(rng), monkeypatch)
    assert at_once == row_by_row
    _add_up(at_once[0], len(rows))
    assert at_once[1] or at_once[0]["state"] == "refused"


NATIVE: tuple[Any, ...] = (
    1.0, 2.5, 12345678901234567.0, 45356.375, 20240305.0, 0.0, -3.0, True, False, dt.datetime(2024, 3, 5, 9, 10),
    dt.datetime(2024, 3, 5), dt.datetime(1979, 1, 1), dt.datetime(2024, 3, 5, 9, 10, 0, 500_000),
)  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_bulk_equals_cell_by_cell_on_random_ugly_workbooks(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(seed)
    monkeypatch.setattr(cell_table, "_PIECE", 5)
    monkeypatch.setattr(cell_table, "_ROWS_CONVERTED", 20)
    rows: list[list[Any]] = [*_rows(rng, rng.randrange(1, 60))]
    for index in rng.sample(range(len(HEADER)), rng.randrange(len(HEADER))):
        share = rng.choice((0.05, 0.5, 1.0))
        for row in rows:
            row[index] = rng.choice(NATIVE) if rng.random() < share else row[index]
    if rng.random() < 0.5:
        rows[0][5] = "\x1f"
    path = workbook(tmp_path / "orders.xlsx", [list(HEADER), *rows])
    at_once, cell_by_cell, _ = _both(path, _options(rng), monkeypatch)
    assert at_once == cell_by_cell


CLEAN = [["A-1", "东城区", "2024-03-05 09:10:00", "2024-03-06 09:10:00", "已办结", "路灯不亮", "已修", "市政->路灯",
          "13812345678", "解决", "满意", "0"] for _ in range(3)]  # fmt: skip


def _text(rows: list[list[str]], end: str = "\n") -> str:
    return end.join(",".join(row) for row in [list(HEADER), *rows]) + end


@pytest.mark.parametrize(
    ("text", "is_at_once"),
    [
        (_text(CLEAN), True),
        (_text(CLEAN, "\r\n"), True),
        (_text(CLEAN).replace("路灯不亮", '"路灯\n不亮"'), True),
        (_text(CLEAN).replace("路灯不亮", '"他说""不亮"""'), True),
        (_text(CLEAN).replace("路灯不亮", ' "不亮"'), False),
        (_text(CLEAN).replace("路灯不亮", '"路灯" '), False),
        (_text(CLEAN).replace("路灯不亮", "路灯\r不亮"), False),
        (_text(CLEAN) + "\n" + ",".join(CLEAN[0]), False),
        (_text(CLEAN) + "合计,3\n", False),
        (_text(CLEAN).replace("路灯不亮", "路灯\0不亮"), False),
        (_text(CLEAN).replace("路灯不亮", '"路灯不亮'), False),
    ],
)  # fmt: skip
def test_text_that_readers_may_split_otherwise_is_read_row_by_row(
    text: str, is_at_once: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(text.encode())
    at_once, row_by_row, was_at_once = _both(path, ImportOptions(partial=True), monkeypatch)
    assert at_once == row_by_row
    assert was_at_once is is_at_once


LONG = _text(CLEAN * 20).encode()
LATE = {
    "nothing": b"",
    "gb18030": _text(CLEAN).encode("gb18030"),
    "zero": b"A-2,\0,2024-03-05\n",
    "surrogate": b"A-2,\xed\xa0\x80,2024-03-05\n",
    "overlong": b"A-2,\xc0\xaf,2024-03-05\n",
    "beyond": b"A-2,\xf4\x90\x80\x80,2024-03-05\n",
    "cut": b"A-2,\xe4\xb8",
    "spare": b"A-2,\xff,2024-03-05\n",
}
OTHERS = {
    "bom": b"\xef\xbb\xbf" + LONG,
    "late in bom": b"\xef\xbb\xbf" + LONG + LATE["spare"],
    "gb18030": _text(CLEAN * 20).encode("gb18030"),
    "late in gb18030": _text(CLEAN * 20).encode("gb18030") + b"A-2,\xff\xff,2024-03-05\n",
    "english, then chinese": b"case_no,unit,received_at\n"
    + b"A-1,Roads,2024-03-05\n" * 50
    + "A-2,东城区,2024-03-05\n".encode("gb18030"),
}


@pytest.mark.parametrize("fewest", [0, 10**9], ids=["at once", "row by row"])
@pytest.mark.parametrize("content", [*(LONG + late for late in LATE.values()), *OTHERS.values()], ids=[*LATE, *OTHERS])
def test_text_that_ends_otherwise_than_it_begins_is_read_again(
    content: bytes, fewest: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(content)
    monkeypatch.setattr(bulk, "FEWEST_ROWS", fewest)
    found = []
    for name in ("slow", "hurried"):
        folder = tmp_path / name
        folder.mkdir()
        answer = _checked(
            path, ImportOptions(partial=True, create_units=True, channel="hotline"), folder, Kind.RESPONSES
        )
        found.append((_told(answer), _part(answer)))
        _hurry(monkeypatch)
    assert found[0] == found[1]


def test_text_taken_for_what_it_begins_with_is_not_decoded_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(LONG + LATE["spare"])
    _hurry(monkeypatch)
    with open_grid(path) as grid, pytest.raises(OtherText):
        list(grid.rows())
    with open_grid(path, may_hurry=False) as grid:
        assert len(list(grid.rows())) == 62


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_file_without_a_known_column(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [["measure", "value"], *([f"m{number}", "x"] for number in range(30))]
    path = tmp_path / f"answers{suffix}"
    if suffix == ".xlsx":
        workbook(path, rows)
    else:
        path.write_text("\n".join(map(",".join, rows)), encoding="utf-8")
    at_once, cell_by_cell, _ = _both(path, ImportOptions(exported_at="2024-03-05 10:00:00"), monkeypatch, Kind.SURVEYS)
    assert at_once == cell_by_cell
    assert at_once[0]["rows"]["accepted"] == 30
