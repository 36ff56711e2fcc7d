"""Every number that the notes of the shared files state about what lies in a file holds after reading it here."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from imports.reading.opening import open_grid
from imports.values.cells import text_of
from records.vocabulary import Kind
from tests.imports.small_files import stored
from tests.imports.test_shared_files import read
from tests.shared_data import SHARED, shared_file

pytestmark = pytest.mark.shared
_NOTES = SHARED / "data/expected.json"
VALUES: dict[str, Any] = json.loads(_NOTES.read_text("utf-8"))["values"] if _NOTES.exists() else {}
UGLY = SHARED / "data/ugly/expected.json"
SIZED = {
    name: entry
    for name, entry in (json.loads(UGLY.read_text("utf-8"))["files"] if UGLY.exists() else {}).items()
    if entry.get("cells") and not name.endswith("BIFF2.xls")  # refused by name, which its entry accepts
}
WIDE = {
    name: entry["nonempty_rows_cols"]
    for name, entry in (json.loads(UGLY.read_text("utf-8"))["files"] if UGLY.exists() else {}).items()
    if entry.get("nonempty_rows_cols") and not name.endswith(("BIFF2.xls", "xlmmacro.xlsm"))  # both may be refused
}
Table = list[list[str]]


def table(name: str, sheet: str | None = None) -> Table:
    """Header and rows of a shared file as texts, read as an import reads them."""
    with open_grid(shared_file(f"data/{name}"), sheet) as grid:
        return [[text_of(cell) for cell in row] for row in grid.rows()]


def column(rows: Table, name: str) -> list[str]:
    place = rows[0].index(name)
    return [row[place] for row in rows[1:]]


def chosen(rows: Table, word: str, joiner: str = "┋") -> Counter[str]:
    """How often each answer of the multiple choice question whose heading starts with `word` was given."""
    place = next(at for at, head in enumerate(rows[0]) if head.startswith(word))
    return Counter(part for row in rows[1:] for part in row[place].split(joiner) if part)


@pytest.mark.parametrize("name", ["baltimore_311_sample.csv", "baltimore_311_sample.xlsx"])
def test_baltimore_every_number(name: str, tmp_path: Path) -> None:
    wanted = VALUES["requests/baltimore_311_sample.csv"]
    rows = table(f"requests/{name}")
    assert (len(rows) - 1, len(rows[0])) == (wanted["rows"], wanted["columns"])
    assert len(rows) - 1 - len(set(column(rows, "SRRecordID"))) == wanted["duplicate_ids"]
    assert Counter(column(rows, "SRStatus")) == wanted["status"]
    assert Counter(column(rows, "MethodReceived")) == wanted["method"]
    answer = read(f"requests/{name}", tmp_path, create_units=True)
    names = {unit["code"]: unit["name"] for unit in answer.new_units}
    with duckdb.connect() as connection:
        connection.execute(
            f"CREATE VIEW c AS SELECT *, epoch(closed_at - received_at) / 3600 AS h FROM '{answer.staged}'"
        )
        query = """SELECT unit, count(*), count(h), round(median(h), 4) FROM c GROUP BY unit"""
        by_unit = {names[unit]: [n, closed, hours] for unit, n, closed, hours in connection.execute(query).fetchall()}
        at = "TIMESTAMP '2018-07-01'"
        query = f"""SELECT count(*) FILTER (received_at < {at} AND (closed_at IS NULL OR closed_at >= {at})),
            count(*) FILTER (strftime(received_at, '%Y-%m') = '2018-06'),
            count(*) FILTER (strftime(closed_at, '%Y-%m') = '2018-06'), count(*) FILTER (h < 0) FROM c"""
        counts = connection.execute(query).fetchone()
        until_now = f"epoch(TIMESTAMP '{wanted['last_created']}' - received_at) / 3600"
        times = connection.execute(f"SELECT coalesce(h, {until_now}), h IS NOT NULL FROM c").fetchall()
    assert by_unit == wanted["agency_rows_closed_medianhours"]
    names_of_counts = ("backlog_at_2018-07-01T00:00", "created_in_2018-06", "closed_in_2018-06", "negative_durations")
    assert counts == tuple(wanted[key] for key in names_of_counts)
    assert round(wanted["on_time"] / wanted["due_and_closed"], 6) == wanted["on_time_share"]
    assert sum(is_closed for _, is_closed in times) == wanted["closed"]
    assert round(kaplan_meier_median(times), 4) == wanted["km_median_hours_open_censored_at_last_created"]


def kaplan_meier_median(times: list[tuple[float, bool]]) -> float:
    """Smallest time at which survival is at most one half; the second, naive program."""
    survival, at_risk = 1.0, len(times)
    by_time: dict[float, list[bool]] = {}
    for hours, is_closed in times:
        by_time.setdefault(hours, []).append(is_closed)
    for hours in sorted(by_time):
        survival *= 1 - sum(by_time[hours]) / at_risk
        at_risk -= len(by_time[hours])
        if survival <= 0.5:
            return hours
    raise AssertionError("survival stays above one half")


def test_baltimore_workbook_differs_from_the_text_only_in_last_digits_of_places() -> None:
    text, workbook = (table(f"requests/baltimore_311_sample.{kind}") for kind in ("csv", "xlsx"))
    different = Counter(
        text[0][place]
        for one, two in zip(text[1:], workbook[1:], strict=True)
        for place, (a, b) in enumerate(zip(one, two, strict=True))
        if a != b
    )
    assert different == {"Latitude": 33, "Longitude": 74}


def test_giessen_service_list() -> None:
    rows = table("requests/open311/giessen_services.xml")
    assert sorted(column(rows, "service_code")) == [f"{code:03}" for code in range(10, 18)]


def test_toronto_limits(tmp_path: Path) -> None:
    answer = read("requests/open311/toronto_requests_2.xml", tmp_path, create_units=True, timezone="America/Toronto")
    assert stored(answer, "received_at::VARCHAR, due_at::VARCHAR") == [
        ("2018-07-30 00:01:00", "2018-08-03 00:01:00")
    ] * 2  # fmt: skip


def test_wjx_text_form_every_option() -> None:
    wanted = VALUES["surveys/wjx/wjx_800_text.xls"]
    rows = table("surveys/wjx/wjx_800_text.xls")
    assert (len(rows) - 1, len(rows[0])) == (800, 14)
    for question in ("q1", "q2", "q4", "q5", "q7"):
        assert chosen(rows, f"{question[1:]}、", "\0") == wanted[question]
    assert chosen(rows, "6、") == wanted["q6_options"]
    assert chosen(rows, "8、") == wanted["q8_options"]
    assert chosen(rows, "3、") == wanted["sex"]


def test_wjx_code_form_says_the_same() -> None:
    wanted = VALUES["surveys/wjx/wjx_800_code.xls"]
    rows = table("surveys/wjx/wjx_800_code.xls")
    assert (len(rows) - 1, len(rows[0])) == (800, 36)
    for question in ("6", "8"):
        start = f"第{question}题("
        heads = [head for head in rows[0] if head.startswith(start)]
        sums = {head.removeprefix(start)[:-1]: column(rows, head).count("1") for head in heads}
        assert sums == wanted[f"q{question}_column_sums"]
    sex = next(head for head in rows[0] if head.startswith("3、"))
    assert Counter(column(rows, sex)) == wanted["sex_codes"]


@pytest.mark.parametrize(("name", "joiner"), [("gbk", "┋"), ("gb18030", "•")])
def test_wjx_joiners(name: str, joiner: str) -> None:
    rows = table(f"surveys/wjx/wjx_800_text_{name}.csv")
    assert sum(cell.count(joiner) for row in rows for cell in row) == 5034
    assert len(rows[0]) == 14


def test_limesurvey_every_number() -> None:
    wanted = VALUES["surveys/limesurvey/digital_twins_results_english.csv"]
    rows = table("surveys/limesurvey/digital_twins_results_english.csv")
    assert (len(rows) - 1, len(rows[0])) == (wanted["rows"], wanted["columns"])
    assert sum("," in cell for row in rows[1:] for cell in row) == wanted["cells_with_a_comma"]
    for place in (9, 315):
        assert Counter(row[place - 1] for row in rows[1:]) == wanted[f"column_{place}"]
    for subject, answers in wanted["background"].items():
        head = next(head for head in rows[0] if f"[{subject}]" in head)
        assert Counter(column(rows, head)) == answers


@pytest.mark.parametrize("name", [name for name in VALUES if name.startswith("surveys/qualtrics/")])
def test_qualtrics_columns_and_answers(name: str, tmp_path: Path) -> None:
    answer = read(name, tmp_path, Kind.SURVEYS)
    assert (answer.rows.accepted, len(answer.columns)) == (VALUES[name]["answers"], VALUES[name]["columns"])


@pytest.mark.parametrize(("name", "repeated"), [("matrix_legacy_2header", 24), ("long_exhaustive_3header", 36)])
def test_qualtrics_repeated_headings(name: str, repeated: int) -> None:
    heads = table(f"surveys/qualtrics/{name}.csv")[0]
    assert len(heads) - len(set(heads)) == repeated


def test_friends_and_family_every_number(tmp_path: Path) -> None:
    wanted = VALUES["surveys/nhs/fft_gp_3882.csv"]
    answer = read("surveys/nhs/fft_gp_3882.csv", tmp_path, Kind.SURVEYS, create_units=True)
    assert (answer.layout, answer.state, answer.rows.accepted) == ("friends_and_family", "checked", 3882)
    assert answer.period == {"first": wanted["first"], "last": wanted["last"]}
    found = stored(answer, "unit, rating, strftime(answered_at, '%Y-%m')")
    words = {5: "Extremely likely", 4: "Likely", 3: "Neither likely nor unlikely", 2: "Unlikely",
             1: "Extremely unlikely", None: "Don't know"}  # fmt: skip
    assert Counter(words[rating] for _, rating, _ in found) == wanted["rating"]
    assert Counter(month for _, _, month in found) == wanted["rows_per_month"]
    positive = [unit for unit, rating, _ in found if rating in (4, 5)]
    negative = sum(rating in (1, 2) for _, rating, _ in found)
    assert [len(positive), round(len(positive) / 3882, 6)] == wanted["positive"]
    assert [negative, round(negative / 3882, 6)] == wanted["negative"]
    known = sum(rating is not None for _, rating, _ in found)
    assert round(len(positive) / known, 6) == wanted["positive_without_dont_know"]
    names = {unit["code"]: unit["name"] for unit in answer.new_units}
    rows = Counter(unit for unit, _, _ in found)
    shares = {names[u]: [n, Counter(positive)[u], round(Counter(positive)[u] / n, 4)] for u, n in rows.items()}
    assert shares == wanted["surgery_rows_positive_share"]


def test_coded_answers_every_number() -> None:
    name = "surveys/nhs/fft_coded_7908.csv"
    wanted, rows = VALUES[name], table(name)
    assert (len(rows) - 1, len(rows[0])) == (wanted["rows"], wanted["columns"])
    assert Counter(column(rows, "Trust")) == wanted["trust"]
    assert Counter(column(rows, "FFT categorical answer")) == wanted["code"]
    assert Counter(column(rows, "Comment sentiment")) == wanted["sentiment"]
    people = Counter(column(rows, "Respondent ID"))
    assert (len(people), max(people.values())) == (wanted["respondents"], wanted["max_rows_per_respondent"])
    pairs = set(zip(column(rows, "Respondent ID"), column(rows, "FFT categorical answer"), strict=True))
    assert Counter(code for _, code in pairs) == wanted["code_per_respondent"]
    dates = [cell.split(" ")[0].split("/") for cell in column(rows, "Date")]
    first = sum(int(a) > 12 for a, _, _ in dates)
    second = sum(int(b) > 12 for _, b, _ in dates)
    assert (first, second) == (wanted["dates_day_first_only"], wanted["dates_month_first_only"])
    assert len(dates) - first - second == wanted["dates_ambiguous"]


def test_hcahps_every_number() -> None:
    rows = table("surveys/hcahps/responses_2015_2023.csv")
    wanted = VALUES["surveys/hcahps/responses_2015_2023.csv"]
    assert len(rows) - 1 == wanted["rows"]
    for release in ("07_2015", "07_2023"):
        here, said = [row for row in rows[1:] if row[0] == release], wanted[release]
        assert len(here) == said["rows"]
        rates = [int(row[4]) for row in here if row[4].isdigit()]
        assert len(rates) == said["response_rate_numeric"]
        assert round(statistics.fmean(rates), 6) == said["response_rate_mean"]
        assert sum(len(row[2]) < 6 for row in here) == said["ids_shorter_than_6"]
        letters = sum(any(c.isalpha() for c in row[2]) for row in here)
        assert letters == said.get("ids_with_letters", letters)
    assert Counter(row[3] for row in rows[1:] if row[0] == "07_2015") == wanted["07_2015"]["completed_surveys"]
    counts = [int(row[3]) for row in rows[1:] if row[0] == "07_2023" and row[3].isdigit()]
    said = wanted["07_2023"]
    assert (len(counts), sum(counts)) == (said["completed_surveys_numeric"], said["completed_surveys_sum"])
    assert sum(row[3] == "Not Available" for row in rows[1:] if row[0] == "07_2023") == said["Not Available"]


def test_hcahps_boxes_add_up_to_100() -> None:
    rows = table("surveys/hcahps/state_results.csv")
    wanted = VALUES["surveys/hcahps/state_results.csv"]
    assert len(rows) - 1 == wanted["rows"]
    assert sum(sum(map(int, row[3:])) == 100 for row in rows[1:]) == wanted["rows_summing_to_100"]
    top = {row[1]: int(row[5]) for row in rows[1:] if row[0] == "07_2023" and row[2] == "H_HSP_RATING"}
    assert len(top) == wanted["states"]
    assert {state: top[state] for state in wanted["07_2023_H_HSP_RATING_top"]} == wanted["07_2023_H_HSP_RATING_top"]
    national = table("surveys/hcahps/national_results.csv")
    assert len(national) - 1 == 90
    assert [row[2:] for row in national if row[:2] == ["07_2023", "H_HSP_RATING"]] == [["9", "21", "70"]]


@pytest.mark.parametrize(("name", "rows"), [("measures", 10), ("questions", 19), ("reports", 9), ("states", 51)])
def test_hcahps_code_lists(name: str, rows: int) -> None:
    assert len(table(f"surveys/hcahps/{name}.csv")) - 1 == rows


@pytest.mark.parametrize("name", sorted(SIZED))
def test_ugly_cells_are_read_as_they_stand(name: str) -> None:
    for cell in SIZED[name]["cells"]:
        sheet = None if cell["sheet"] == "csv" else cell["sheet"]
        found = table(name, sheet)[cell["row"] - 1][cell["col"] - 1]
        assert found.removesuffix(" 00:00:00") == text_of(cell["value"]), cell


@pytest.mark.parametrize("name", sorted(WIDE))
def test_ugly_sheets_have_their_size(name: str) -> None:
    """Rows and columns in which anything stands, sheet by sheet; what readers show as blank counts as blank."""
    for sheet, (rows, columns) in WIDE[name].items():
        found = table(name, None if sheet == "csv" else sheet)
        if name.endswith("errors.xlsx"):  # error cells are blank here, and counted
            assert not any(map(any, found))
            continue
        if name.endswith("merge_cells.xlsx"):  # the merged A1:B2 is filled down into a row that was blank
            rows += 1
        filled = [[place for place, cell in enumerate(row) if cell] for row in found]
        assert (sum(map(bool, filled)), len({place for row in filled for place in row})) == (rows, columns), sheet


@pytest.mark.parametrize("name", [name for name in VALUES if "_fails_at_byte" in str(VALUES[name])])
def test_texts_that_one_encoding_cannot_hold_are_read_by_another(name: str) -> None:
    """The bytes at which a reader of one encoding alone would stop, in files that are read here without any loss."""
    content = shared_file(f"data/{name}").read_bytes()
    for encoding in ("utf8", "gbk"):
        byte = VALUES[name].get(f"{encoding}_fails_at_byte")
        if byte is not None:
            with pytest.raises(UnicodeDecodeError) as stopped:
                content.decode(encoding)
            assert stopped.value.start == byte
    rows = table(name)
    assert len(rows) - 1 == VALUES[name]["rows"]
    assert not any("\ufffd" in cell for row in rows for cell in row)
