"""A large sheet read in pieces gives the grid and the answer that it gives as a whole, or is read as a whole."""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from imports.answer import FileInfo
from imports.judging.running import run_check
from imports.options import ImportOptions
from imports.problems import Unreadable
from imports.reading import package_parts, sheet_pieces
from imports.reading.divided_workbook import divided_grid
from imports.reading.grid import Grid, UnevenPieces
from imports.reading.opening import open_grid
from records.vocabulary import Kind
from tests.imports.small_files import HEADER, KEYS, UNITS, workbook

CELLS = (
    "路灯不亮",
    "a & b < c",
    " x ",
    "",
    None,
    1.0,
    2.5,
    True,
    dt.datetime(2024, 3, 5, 9, 10),
    "第一行\n第二行",
    "=1/0",
)


@pytest.fixture(autouse=True, params=["a workbook for each piece", "one workbook for all"])
def _small_pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet_pieces, "FEWEST_BYTES", 0)
    monkeypatch.setattr(sheet_pieces, "PIECE_BYTES", 300)
    monkeypatch.setattr(package_parts, "_BLOCK", 400)
    if request.param == "one workbook for all":
        monkeypatch.setattr(sheet_pieces, "_MOST_STRINGS", -1)


def _seen(grid: Grid) -> tuple[Any, ...]:
    return [*grid.rows()], grid.sheet, grid.sheets, grid.notes, grid.is_1904, grid.about_rows, grid.format


def _whole(path: Path, sheet: str | None = None) -> tuple[Any, ...]:
    with open_grid(path, sheet, may_hurry=False) as grid:
        return _seen(grid)


def _random_rows(rng: random.Random, height: int, width: int) -> Iterator[list[Any]]:
    for _ in range(height):
        yield [] if rng.random() < 0.2 else [rng.choice(CELLS) for _ in range(width)]


@pytest.mark.parametrize("seed", range(12))
def test_pieces_equal_the_whole_on_random_sheets(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    width = rng.randrange(1, 6)
    rows = [*_random_rows(rng, rng.randrange(0, 4), width), ["x"] * width, *_random_rows(rng, 60, width), ["y"] * width]
    left = rng.choice((0, 0, 2))
    others = {"空": [], "备注": [["说明"]]} if rng.random() < 0.5 else None
    path = workbook(tmp_path / "orders.xlsx", [[*[None] * left, *row] for row in rows], others)
    with divided_grid(path) as grid:
        assert grid is not None
        assert _seen(grid) == _whole(path)
        assert [*grid.rows()] == _whole(path)[0]


def test_a_wider_row_in_the_middle_is_found(tmp_path: Path) -> None:
    rows = [["a", "b"]] * 60
    path = workbook(tmp_path / "orders.xlsx", [*rows, ["a", "b", "c"], *rows])
    with divided_grid(path) as grid:
        assert grid is not None
        with pytest.raises(UnevenPieces):
            [*grid.rows()]


def test_file_of_uneven_pieces_is_checked_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows: list[list[Any]] = [[f"A-{number}", "东城区", dt.datetime(2024, 3, 5, 9, 10)] for number in range(60)]
    rows[40] += ["", "夹带"]
    path = workbook(tmp_path / "orders.xlsx", [list(HEADER), *rows])
    divided = _answer(path, tmp_path / "a")
    monkeypatch.setattr(sheet_pieces, "FEWEST_BYTES", 1 << 30)
    assert divided == _answer(path, tmp_path / "b")
    assert divided["rows"]["accepted"] == 60


def _answer(path: Path, folder: Path) -> dict[str, Any]:
    folder.mkdir()
    answer = run_check(
        path, FileInfo(path.name, "0"), Kind.RESPONSES, ImportOptions(), UNITS, KEYS, folder
    )  # fmt: skip
    return dataclasses.replace(answer, seconds=0.0, staged=None).to_json()


def _hide_row(sheet: Any) -> None:
    sheet.set_row(30, options={"hidden": True})


def _hide_column(sheet: Any) -> None:
    sheet.set_column(1, 1, options={"hidden": True})


def _merge(sheet: Any) -> None:
    sheet.merge_range(30, 0, 33, 0, "merged")


@pytest.mark.parametrize("oddity", [_hide_row, _hide_column, _merge])
def test_what_concerns_several_rows_is_read_as_a_whole(oddity: Callable[[Any], None], tmp_path: Path) -> None:
    path = tmp_path / "orders.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("数据")
    for row in range(60):
        sheet.write_row(row, 0, ["a", "b", "c"])
    oddity(sheet)
    book.close()
    with divided_grid(path) as grid:
        assert grid is None


def _changed(path: Path, change: Callable[[bytes], bytes]) -> Path:
    """The workbook with other XML in its first sheet."""
    target = path.with_name("changed.xlsx")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            content = source.read(name)
            archive.writestr(name, change(content) if name.endswith("sheet1.xml") else content)
    return target


ODD_XML: list[Callable[[bytes], bytes]] = [
    lambda xml: xml.replace(b'<row r="30"', b"<row"),
    lambda xml: xml.replace(b'<row r="30"', b'<row r="3"'),
    lambda xml: xml.replace(b'<row r="30"', b'<row spans="1:3" r="30"'),
    lambda xml: xml.replace(b"</row>", b"</row><!-- note -->", 1),
    lambda xml: xml.replace(b"<sheetData>", b'<sheetData x="1">'),
    lambda xml: xml.replace(b"</row>", b"</row><?pi?>", 1),
    lambda xml: re.sub(rb"<(/?)(row|c|v|sheetData)\b", rb"<\1x:\2", xml),
    lambda xml: xml[: len(xml) // 2],
    lambda xml: xml.replace(b"</sheetData>", b""),
]


@pytest.mark.parametrize("change", ODD_XML)
def test_xml_of_another_form_is_read_as_a_whole(change: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = _changed(workbook(tmp_path / "orders.xlsx", [["a", "b", "c"]] * 60), change)
    with divided_grid(path) as grid:
        assert grid is None


def test_a_piece_that_cannot_be_parsed_leaves_the_word_to_the_whole(tmp_path: Path) -> None:
    path = workbook(tmp_path / "orders.xlsx", [["a", "b", 1.5]] * 60)
    path = _changed(path, lambda xml: xml.replace(b'<c r="C30"><v>1.5</v>', b'<c r="C30" t="x"><v>1.5</v>'))
    with pytest.raises(Unreadable):
        _whole(path)
    with divided_grid(path) as grid:
        assert grid is not None
        with pytest.raises(UnevenPieces):
            [*grid.rows()]


def test_the_sheet_that_is_asked_for(tmp_path: Path) -> None:
    path = workbook(tmp_path / "orders.xlsx", [["a", "b", "c"]] * 60, {"别的": [["1"]]})
    with divided_grid(path, "数据") as grid:
        assert grid is not None
        assert _seen(grid) == _whole(path, "数据")
    with divided_grid(path, "别的") as grid:
        assert grid is None
