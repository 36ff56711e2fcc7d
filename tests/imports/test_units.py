"""Names of units: districts before them, units that were merged away."""

from __future__ import annotations

from pathlib import Path

import pytest

from imports.check import check_file
from imports.options import ImportOptions, UnitDirectory
from imports.values.cells import CellError
from imports.values.units import UnitReader
from records.vocabulary import Kind
from tests.imports.small_files import HEADER, KEYS, check, codes, problem, stored, text_file

NAMES = {"东城区住建委": "d1", "西城区住建委": "x1", "东城区人社局": "d2", "市水务局": "s1", "教育局": "j1"}


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("北京市东城区人社局", "d2"),  # with the city before it
        ("北京市北京市东城区人社局", "d2"),  # doubled, as one export writes it
        ("区人社局", "d2"),  # the only district that has one
        ("人社局", "d2"),
        ("北京市水务局", "s1"),
        ("区住建委", None),  # two districts have one
        ("住建委", None),
        ("南城区住建委", None),  # another district is another unit
        ("市教育居", None),
    ],
)
def test_unit_by_the_name_of_its_district(written: str, code: str | None) -> None:
    reader = UnitReader(UnitDirectory(NAMES))
    if code is None:
        with pytest.raises(CellError):
            reader(written)
    else:
        assert reader(written) == (code, None)
        assert written in reader.by_prefix


def test_units_are_not_taken_for_others_where_they_may_be_created() -> None:
    reader = UnitReader(UnitDirectory(NAMES), can_create=True)
    code, _ = reader("北京市东城区人社局") or ("", None)
    assert code not in NAMES.values()


def test_prefix_is_told(tmp_path: Path) -> None:
    answer = check(text_file(tmp_path / "f.csv", [HEADER, ("A1", "北京市人社局", "2024-03-05")]))
    assert stored(answer, "unit") == [("rsj",)]
    assert "北京市人社局 → 市人社局" in problem(answer, "unit_by_prefix").message


def test_rows_outside_the_days_of_a_unit_are_told(tmp_path: Path) -> None:
    directory = UnitDirectory(
        {"市环保局": "hb", "市生态环境局": "st"}, {"hb": "市环保局", "st": "市生态环境局"},
        {"hb": ("2018-11-08", "市生态环境局")}, {"st": "2018-11-09"},
    )  # fmt: skip
    rows = [
        HEADER,
        ("A1", "市环保局", "2018-11-08 17:00"),
        ("A2", "市环保局", "2018-11-09"),
        ("A3", "市生态环境局", "2018-11-09 08:00"),
        ("A4", "市生态环境局", "2018-11-08 08:00"),
    ]
    answer = check_file(
        text_file(tmp_path / "f.csv", rows), kind=Kind.RESPONSES, options=ImportOptions(), directory=directory,
        keys=KEYS, staging=tmp_path / "staging",
    )  # fmt: skip
    assert (answer.state, codes(answer)["unit_ended"]) == ("checked", 1)
    told = problem(answer, "unit_ended")
    assert (told.row, told.cell) == (3, "B3")
    assert "2018-11-08" in told.message
    assert "市生态环境局" in told.message
    early = problem(answer, "unit_not_yet")
    assert (early.cell, early.count, early.value) == ("B5", 1, "市生态环境局（2018-11-09 设立）")
    assert "2018-11-09" in early.message
