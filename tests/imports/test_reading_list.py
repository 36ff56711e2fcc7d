"""What files from offices look like: one generated file for each oddity, read whole or refused with its reason."""

from __future__ import annotations

import datetime as dt
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from imports.problems import problem_codes
from imports.reading.encoding import find_encoding
from records.vocabulary import Kind, Severity
from tests.imports.small_files import HEADER, check, codes, problem, stored, text_file, workbook

ROWS = [HEADER, ("A1", "东城区", "2024-03-05 09:30"), ("A2", "市人社局", "2024-03-06 10:00")]
TITLED = [(*HEADER, "标题"), *((*row, "路灯坏了") for row in ROWS[1:])]
TWO = [("A1", "dc"), ("A2", "rsj")]
PAGE = "<html><meta charset='utf-8'><table>{}</table></html>"


@dataclass(frozen=True)
class Oddity:
    """A file, how it is asked for, the rows it has to give, and the problems that have to be told and no others."""

    build: Callable[[Path], Path]
    told: frozenset[str] = frozenset()
    rows: list[tuple[Any, ...]] = field(default_factory=lambda: TWO)
    columns: str = "case_no, unit"
    kind: Kind = Kind.RESPONSES
    options: dict[str, Any] = field(default_factory=dict)


def text(name: str, rows: list[Any] = ROWS, encoding: str = "utf-8", delimiter: str = ",") -> Callable[[Path], Path]:
    return lambda folder: text_file(folder / name, rows, encoding, delimiter)


def book(rows: list[Any] = ROWS, name: str = "f.xlsx", **sheets: list[Any]) -> Callable[[Path], Path]:
    return lambda folder: workbook(folder / name, rows, sheets)


def page(name: str, lines: str | None = None) -> Callable[[Path], Path]:
    if lines is None:
        lines = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in ROWS)
    return lambda folder: _written(folder / name, PAGE.format(lines).encode())


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def zipped(folder: Path) -> Path:
    inner = workbook(folder / "inner.xlsx", ROWS)
    with zipfile.ZipFile(folder / "f.zip", "w") as archive:
        archive.write(inner, "三月/工单.xlsx")
    return folder / "f.zip"


def made(change: Callable[[Any, Any], None], rows: list[Any] = ROWS, **options: Any) -> Callable[[Path], Path]:
    """A workbook whose first sheet is filled with the rows and then changed."""

    def build(folder: Path) -> Path:
        opened = xlsxwriter.Workbook(folder / "f.xlsx", options)
        sheet = opened.add_worksheet("数据")
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
        change(opened, sheet)
        opened.close()
        return folder / "f.xlsx"

    return build


def hide(opened: Any, sheet: Any) -> None:
    sheet.set_row(3, None, None, {"hidden": True})
    sheet.set_column(3, 3, None, None, {"hidden": True})


def merge(opened: Any, sheet: Any) -> None:
    sheet.merge_range(1, 1, 2, 1, "东城区", opened.add_format())


def date_of_1904(opened: Any, sheet: Any) -> None:
    for row, day in ((1, 5), (2, 6)):
        moment = dt.datetime(2024, 3, day, 9, 30)
        sheet.write_datetime(row, 2, moment, opened.add_format({"num_format": "yyyy-mm-dd hh:mm"}))


def errors(opened: Any, sheet: Any) -> None:
    sheet.write_string(1, 3, "ab")
    sheet.write_formula(1, 4, "=1/0", None, "#DIV/0!")
    sheet.write_formula(2, 3, "=NA()", None, "#N/A")


def durations(opened: Any, sheet: Any) -> None:
    for row, days in ((1, 27 / 24), (2, 1.5 / 24)):
        sheet.write_number(row, 4, days, opened.add_format({"num_format": "[h]:mm:ss"}))


LEAD = "case_no, unit, assist_units"
ANSWERS = ("答卷编号", "承办单位", "提交时间", "满意度", "所用时间")
SURVEY = "答卷编号,承办单位,提交时间,满意度"
COUNT_HEAD = ("单位", "统计期间", "受理量", "解决率(%)")


def counts(*cells: str) -> list[Any]:
    return [
        COUNT_HEAD,
        *(("东城区" if n == 0 else "市人社局", "2025-03", *cell.split("|")) for n, cell in enumerate(cells)),
    ]


OPEN = "<tr><td>工单编号<td>承办单位<td>来电时间<tr><td>A1<td>东城区<td>2024-03-05<tr><td>A2<td>市人社局<td>2024-03-06"
OTHER = "<tr><th>单位<th>电话<tr><td>东城区<td>12345"
MEASURES = {"kind": Kind.COUNTS, "columns": "unit, measure, round(value, 4)"}
LIST = {
    "html named xls": Oddity(page("f.xls"), frozenset({"format_differs"})),
    "html without end tags": Oddity(page("f.html", OPEN)),
    "html of two tables": Oddity(page("f.html", f"{OTHER}</table><table>{OPEN}"), frozenset({"other_sheets"})),
    "html table by number": Oddity(
        page("f.html", f"{OPEN}</table><table>{OTHER * 9}"), frozenset({"other_sheets"}), options={"sheet": "1"}
    ),
    "html cell over two rows": Oddity(
        page("f.html", OPEN.replace("<td>东城区", "<td rowspan=2>东城区").replace("<td>市人社局", "")),
        rows=[("A1", "dc"), ("A2", "dc")],
    ),
    "html cell over two columns": Oddity(
        page("f.html", "<tr><td colspan=2>标题<td>表" + OPEN.replace("承办单位", "<b>承办</b>单位")),
        frozenset({"title_rows"}),
    ),
    "tab text named xls": Oddity(text("f.xls", delimiter="\t"), frozenset({"format_differs"})),
    "tab text in UTF-16 named xls": Oddity(
        text("f.xls", encoding="utf-16", delimiter="\t"), frozenset({"format_differs"})
    ),
    "csv named xlsx": Oddity(text("f.xlsx"), frozenset({"format_differs"})),
    "xlsx named xls": Oddity(book(name="f.xls"), frozenset({"format_differs"})),
    "xlsx named csv": Oddity(book(name="f.csv"), frozenset({"format_differs"})),
    "zip with one table": Oddity(zipped),
    "UTF-8": Oddity(text("f.csv")),
    "UTF-8 with mark": Oddity(text("f.csv", encoding="utf-8-sig")),
    "GB18030": Oddity(text("f.csv", encoding="gb18030")),
    "UTF-16 with mark": Oddity(text("f.csv", encoding="utf-16")),
    "UTF-16 LE without mark": Oddity(text("f.csv", encoding="utf-16-le")),
    "UTF-16 BE without mark": Oddity(text("f.csv", encoding="utf-16-be")),
    "semicolons": Oddity(text("f.csv", delimiter=";")),
    "first sheet a cover": Oddity(book([("说明",), ("由某系统导出",)], 明细=ROWS), frozenset({"other_sheets"})),
    "first sheet empty": Oddity(book([], 明细=ROWS), frozenset({"other_sheets"})),
    "other sheets are named": Oddity(book(ROWS, 上月=ROWS[:2]), frozenset({"other_sheets"})),
    "sheet by name": Oddity(book([("说明",)], 明细=ROWS), frozenset({"other_sheets"}), options={"sheet": "明细"}),
    "sheet by number": Oddity(book([("说明",)], 明细=ROWS), frozenset({"other_sheets"}), options={"sheet": "2"}),
    "header below titles": Oddity(book([("热线工单",), ("2024年3月",), *ROWS]), frozenset({"title_rows"})),
    "header row by number": Oddity(
        book([HEADER, ("旧", "旧", "旧"), *ROWS]), frozenset({"title_rows"}), options={"header_row": 3}
    ),
    "hidden row and column": Oddity(
        made(hide, [(*HEADER, "标题"), *((*r, "x") for r in ROWS[1:]), ("A3", "东城区", "2024-03-07", "x")])
    ),
    "merged cells": Oddity(made(merge, [HEADER, ROWS[1], ("A2", "", "2024-03-06")]), rows=[("A1", "dc"), ("A2", "dc")]),
    "dates from 1904": Oddity(
        made(date_of_1904, date_1904=True), columns="case_no, day(received_at)", rows=[("A1", 5), ("A2", 6)]
    ),
    "error cells": Oddity(
        made(errors, [(*HEADER, "标题"), *ROWS[1:]]),
        frozenset({"error_cells"}),
        columns="case_no, title",
        rows=[("A1", "ab"), ("A2", None)],
    ),
    "durations over 24 h": Oddity(
        made(durations, [ANSWERS, ("r1", "东城区", "2024-03-05", "满意"), ("r2", "东城区", "2024-03-05", "满意")]),
        kind=Kind.SURVEYS,
        columns="answer_no, seconds_used",
        rows=[("r1", 97200), ("r2", 5400)],
    ),
    "repeated header": Oddity(book([*ROWS[:2], HEADER, ROWS[2]])),
    "subtotals and notes": Oddity(
        book([*ROWS[:2], ("小计", "", "1"), ROWS[2], ("合计", "", "2"), ("注：数据截至月底",), ("制表人：某某",)])
    ),
    "blank rows between": Oddity(book([*ROWS[:2], ("", "", ""), ("　", " ", ""), ROWS[2]])),
    "counts and percents": Oddity(
        text("f.csv", counts("1060件|95.00％", '"2,000 件"|80%')),
        rows=[
            ("dc", "received", 1060.0),
            ("dc", "resolution_rate", 0.95),
            ("rsj", "received", 2000.0),
            ("rsj", "resolution_rate", 0.8),
        ],
        **MEASURES,
    ),
    "full-width digits": Oddity(
        text("f.csv", counts("１０６０|９５．００％")),
        rows=[("dc", "received", 1060.0), ("dc", "resolution_rate", 0.95)],
        **MEASURES,
    ),
    "full-width date and space": Oddity(
        text("f.csv", [HEADER, ("A1", "　东城区　", "２０２４－０３－０５")]),
        columns="case_no, unit, day(received_at)",
        rows=[("A1", "dc", 5)],
    ),
    "no-break spaces and zero width": Oddity(
        text(
            "f.csv",
            [("工单\u200b编号", "承办\u00a0单位", "\ufeff来电时间"), ("A1\u200b", "东城区\u00a0", "2024-03-05\u200b")],
        ),
        rows=[("A1", "dc")],
    ),
    "several units in a cell": Oddity(
        text("f.csv", [HEADER, ("A1", "东城区、市人社局；市住建委", "2024-03-05")]),
        columns=LEAD,
        rows=[("A1", "dc", "rsj|zjw")],
    ),
}


@pytest.mark.parametrize("oddity", LIST.values(), ids=list(LIST))
def test_oddity_is_read_whole(tmp_path: Path, oddity: Oddity) -> None:
    answer = check(oddity.build(tmp_path), oddity.kind, **oddity.options)
    assert sorted(stored(answer, oddity.columns)) == sorted(oddity.rows)
    loud = {code for code in codes(answer) if problem_codes()[code].severity is not Severity.INFO}
    assert loud == oddity.told, [problem.message for problem in answer.problems]


@pytest.mark.parametrize(("encoding", "word"), [("big5", "路燈壞了"), ("cp1252", "Café naïve")])
def test_guessed_encoding_is_told_with_its_replacement_count(tmp_path: Path, encoding: str, word: str) -> None:
    rows = [
        ("Service request number", "Agency", "Created date", "Title"),
        *((f"A{n}", "東城", "2024-03-05", word) for n in range(40)),
    ]
    rows = [[cell.encode(encoding, "ignore").decode(encoding) or "x" for cell in row] for row in rows]
    path = text_file(tmp_path / "f.csv", rows, encoding)
    mapped = (("case_no", rows[0][0]), ("unit", rows[0][1]), ("received_at", rows[0][2]), ("title", rows[0][3]))
    answer = check(path, create_units=True, map=mapped)
    assert set(stored(answer, "title")) == {(word,)}
    assert answer.file.encoding is not None
    guessed = [p.message for p in answer.problems if p.code == "encoding_guessed"]
    assert all("0 个字符无法识别" in message for message in guessed)


# (encoding, whether it is told as a guess, text)
ENCODINGS = [
    ("cp1253", True, "id,όνομα\n1,Αθήνα\n2,Θεσσαλονίκη\n"),
    ("cp1253", True, "ΑΡΙΘΜΟΣ,ΟΝΟΜΑ\n1,ΑΘΗΝΑ\n2,ΘΕΣΣΑΛΟΝΙΚΗ\n"),
    ("cp1251", True, "номер,имя\n1,Москва\n2,Санкт Петербург\n3,Яна\n"),
    ("cp1251", True, "НОМЕР,ИМЯ\n1,МОСКВА\n2,КИЕВ\n"),
    ("cp1252", True, "id,nom\n1,Noël à l’été\n2,Größe\n"),
    ("gb18030", False, "id,name\n1,鑫鑫\n2,垚垚\n"),  # rare characters only
    ("gb18030", False, "姓名,年龄\n张三,3\n"),
    ("gb18030", False, "id,单位\n1,东城区政府\n"),
    ("big5", True, "編號,單位\n1,臺北市政府\n2,環境保護局\n"),
    ("cp950", True, "編號,單位\n1,臺北市政府\n2,碁盤街環境保護局、粧品\n"),  # characters that only Windows has
    ("gb18030", False, "編號,單位\n1,臺北市政府\n2,環境保護局\n"),
    ("cp949", True, "접수번호,담당부서\nA1,도로과\nA2,교통국\n"),
    ("cp949", True, "id,내용\nA1,도로 파손 신고입니다. 빨리 고쳐 주세요\n"),
    ("cp932", True, "受付番号,担当部署\nA1,東区役所道路課\nA2,市民局\n"),
    ("cp932", True, "id,内容\nA1,道路が壊れています。早く直してください\n"),
    ("euc_jp", True, "受付番号,担当部署,内容\nA1,東区役所道路課,道路が壊れています。早く直してください\n"),
    ("gb18030", False, "id,内容\n1,我家楼下的日本料理店“ありがとう”夜里噪音很大，多次反映没有解决\n"),
    ("cp1252", True, "numer,jednostka\n1,gmina północna\n".encode("cp1250").decode("cp1252")),
]


@pytest.mark.parametrize(("encoding", "is_guess", "text"), ENCODINGS)
def test_words_of_another_alphabet_are_not_read_as_chinese(
    tmp_path: Path, encoding: str, is_guess: bool, text: str
) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(text.encode(encoding))
    found = find_encoding(path)
    assert (found.name, found.is_guess, found.replaced) == (encoding, is_guess, 0)
    assert path.read_text(found.name) == text


def test_random_words_of_frequent_characters_are_never_another_alphabet(tmp_path: Path) -> None:
    rng, path = random.Random(20250303), tmp_path / "f.csv"
    frequent = [bytes((lead, trail)) for lead in range(0xB0, 0xD7) for trail in range(0xA1, 0xFF)]
    for _ in range(500):
        lines = (b"%d,%b" % (n, b"".join(rng.choices(frequent, k=rng.randint(2, 5)))) for n in range(rng.randint(1, 4)))
        path.write_bytes(b"id,name\n" + b"\n".join(lines) + b"\n")
        assert find_encoding(path).name not in ("cp1251", "cp1253"), path.read_bytes()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("f.csv", "접수번호,담당부서,접수일시,내용\nA1,도로과,2024-03-05,도로 파손\n"),
        (
            "f.xls",
            "<html><table><tr><th>접수번호<th>담당부서<th>접수일시<th>내용"
            "<tr><td>A1<td>도로과<td>2024-03-05<td>도로 파손",
        ),
        ("f.json", '[{"접수번호": "A1", "담당부서": "도로과", "접수일시": "2024-03-05", "내용": "도로 파손"}]'),
    ],
)
def test_korean_table_is_read_as_korean_and_told_as_a_guess(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode("cp949"))
    mapped = (("case_no", "접수번호"), ("unit", "담당부서"), ("received_at", "접수일시"), ("title", "내용"))
    answer = check(path, create_units=True, map=mapped)
    assert (answer.state, answer.file.encoding) == ("checked", "euc-kr")
    assert stored(answer, "case_no, title") == [("A1", "도로 파손")]
    assert "按 euc-kr 读取，0 个字符" in problem(answer, "encoding_guessed").message


def test_lost_characters_are_counted(tmp_path: Path) -> None:
    path = text_file(tmp_path / "f.csv", [*TITLED, *TITLED[1:2] * 5], "gb18030")
    path.write_bytes(path.read_bytes() + b"A9,\xff\xff,2024-03-05,\xff\r\n")
    answer = check(path, partial=True, create_units=True)
    assert [p.message for p in answer.problems if p.code == "encoding_guessed" and "3 个字符无法识别" in p.message], [
        p.message for p in answer.problems
    ]
