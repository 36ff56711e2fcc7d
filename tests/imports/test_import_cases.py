"""Cases of the import that need a whole file: far cells, cells that look like formulas, unsafe files."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from imports import worker
from imports.limits import limits
from tests.imports.small_files import HEADER, check, codes, problem, stored, text_file, workbook
from tests.shared_data import shared_file

FORMULAS = ("=cmd()", "+1", "-1+1", "@x")


def test_case_096_far_blank_cell_adds_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet, coloured = book.add_worksheet(), book.add_format({"bg_color": "#FFFF00"})
        sheet.write_row(0, 0, HEADER)
        for number in range(1, 201):
            sheet.write_row(number, 0, (f"A{number}", "东城区", "2024-03-05"))
        sheet.write_blank(1_048_575, 0, None, coloured)
    answer = check(path)
    assert (answer.state, answer.rows.read, answer.rows.accepted) == ("checked", 200, 200)


def test_case_103_texts_like_formulas_stay_texts(tmp_path: Path) -> None:
    header, errors = (*HEADER, "标题"), tmp_path / "errors.xlsx"
    good = [(f"A{n}", "东城区", "2024-03-05", text) for n, text in enumerate(FORMULAS)]
    assert stored(check(workbook(tmp_path / "f.xlsx", [header, *good])), "title") == [(text,) for text in FORMULAS]
    bad = [(case, unit, "不详", text) for case, unit, _, text in good]
    named = ("{=1+1}", "=1+1", "+ 2")  # columns that nothing knows come back under their own names
    check(
        text_file(tmp_path / "f.csv", [(*header, *named), *((*row, "x", "y", "z") for row in bad)]), errors=str(errors)
    )
    sheet = openpyxl.load_workbook(errors).worksheets[0]
    assert [(cell.value, cell.data_type) for cell in sheet[1][len(header) :][: len(named)]] == [
        (text, "s") for text in named
    ]
    assert [(cell.value, cell.data_type) for cell in sheet["D"][1:]] == [(text, "s") for text in FORMULAS]


@pytest.mark.parametrize("suffix", ["xlsx", "zip", "csv"])
def test_case_104_bomb_is_refused_whatever_its_name(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"f.{suffix}"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.csv", b"0" * 200_000_000)
    answer = check(path)
    assert (answer.state, answer.is_unreadable) == ("refused", True)
    assert "100:1" in problem(answer, "file_too_large").message


@pytest.mark.parametrize(("declared", "told"), [(3, []), (4, ["declared_rows_differ"]), (None, [])])
def test_rows_are_compared_with_the_number_the_sender_declared(
    tmp_path: Path, declared: int | None, told: list[str]
) -> None:
    rows = [HEADER, *((f"A{n}", "东城区", "2024-03-05") for n in range(3)), ("合计", "3", "")]
    answer = check(text_file(tmp_path / "f.csv", rows), declared_rows=declared)
    assert answer.state == "checked"
    assert [code for code in codes(answer) if code == "declared_rows_differ"] == told


@pytest.mark.shared
def test_case_104_protected_workbook_is_refused_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "f.xlsx"
    path.write_bytes(shared_file("data/ugly/exceldatareader/agile_AES256_SHA512_CBC_pwd_password.xlsx").read_bytes())
    answer = check(path)
    assert (answer.state, answer.is_unreadable) == ("refused", True)
    assert list(codes(answer)) == ["password_protected"]
    assert "密码" in problem(answer, "password_protected").message


def test_case_104_macros_are_left_out_of_everything(tmp_path: Path) -> None:
    plain, path, errors = (
        workbook(tmp_path / "f.xlsx", [HEADER, ("A1", "东城区", "soon")]),
        tmp_path / "f.xlsm",
        tmp_path / "e.xlsx",
    )
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "[Content_Types].xml":
                content = content.replace(b"sheet.main+xml", b"sheet.macroEnabled.main+xml")
            target.writestr(name, content)
        target.writestr("xl/vbaProject.bin", b"Attribute VB_Name")
    answer = check(path, errors=str(errors))
    assert (answer.file.format, answer.rows.read) == ("xlsx", 1)
    with zipfile.ZipFile(errors) as written:
        assert not [name for name in written.namelist() if "vba" in name.lower()]


@pytest.mark.shared
def test_case_104_old_workbook_named_csv_is_read_as_what_it_is(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(shared_file("data/ugly/poi/chinese-provinces.xls").read_bytes())
    answer = check(path)
    assert answer.file.format == "xls"
    assert "实际是 xls" in problem(answer, "format_differs").message
    assert not answer.is_unreadable


def test_memory_of_the_reading_process_goes_by_the_unpacked_size_of_the_file(tmp_path: Path) -> None:
    little, packed, large = tmp_path / "a.xls", tmp_path / "b.xlsx", tmp_path / "c.csv"
    little.write_bytes(b"\xd0\xcf\x11\xe0" + b"0" * 996)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", b"0" * 2_000_000)
    with large.open("wb") as file:
        file.truncate(500_000_000)
    rule = limits()
    expected = [rule.memory_bytes_least + rule.memory_times * size for size in (1_000, 2_000_000)]
    assert [worker.memory_for(path) for path in (little, packed)] == expected
    assert worker.memory_for(large) == rule.memory_bytes


PEAK = """
import resource, sys, tempfile
from pathlib import Path
from tests.imports.small_files import KEYS, UNITS, check_file
from imports.options import ImportOptions
from records.vocabulary import Kind
with tempfile.TemporaryDirectory() as folder:
    answer = check_file(Path(sys.argv[1]), kind=Kind.RESPONSES, options=ImportOptions(), directory=UNITS, keys=KEYS,
                        staging=Path(folder))
print([problem.code for problem in answer.problems], resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.shared
@pytest.mark.skipif(sys.platform != "linux", reason="peaks are told in kB on Linux only")
def test_little_file_that_asks_for_gigabytes_is_stopped_early() -> None:
    path = shared_file("data/ugly/exceldatareader/Test_git_issue_382_oom.xls")
    run = subprocess.run([sys.executable, "-c", PEAK, str(path)], capture_output=True, text=True, check=True)
    codes_told, peak = run.stdout.rsplit(maxsplit=1)
    assert codes_told == "['reader_stopped']"
    assert int(peak) * 1024 < limits().memory_bytes_least
