"""Real files of the shared folder: the numbers of its README."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from imports.answer import CheckAnswer
from imports.check import check_file
from imports.options import ImportOptions, UnitDirectory
from records.vocabulary import Kind
from tests.imports.small_files import KEYS, stored
from tests.shared_data import shared_file

pytestmark = [pytest.mark.shared, pytest.mark.reader_process]
PLAIN_MAP = (
    ("case_no", "SRRecordID"), ("unit", "Agency"), ("received_at", "CreatedDate"), ("due_at", "DueDate"),
    ("closed_at", "CloseDate"), ("state", "SRStatus"), ("category", "SRType"),
)  # fmt: skip


def read(name: str, folder: Path, kind: Kind = Kind.RESPONSES, **options: object) -> CheckAnswer:
    return check_file(
        shared_file(f"data/{name}"), kind=kind, options=ImportOptions(**options), directory=UnitDirectory(), keys=KEYS,
        staging=folder,
    )  # fmt: skip


@pytest.fixture(scope="module")
def baltimore(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CheckAnswer]:
    folder = tmp_path_factory.mktemp("baltimore")
    csv, xlsx = "requests/baltimore_311_sample.csv", "requests/baltimore_311_sample.xlsx"
    return {
        "csv": read(csv, folder / "csv", layout="baltimore_311", create_units=True),
        "xlsx": read(xlsx, folder / "xlsx", layout="baltimore_311", create_units=True),
        "map": read(csv, folder / "map", map=PLAIN_MAP, create_units=True),
    }


def test_baltimore_10000_rows_in_every_form(baltimore: dict[str, CheckAnswer]) -> None:
    for answer in baltimore.values():
        assert (answer.state, answer.rows.accepted, answer.rows.rejected) == ("checked", 10000, 0)
        assert len(answer.new_units) == 16
        assert answer.period == {"first": "2014-01-01 03:53:10", "last": "2019-02-13 15:33:54"}


def test_baltimore_same_hash_in_every_form(baltimore: dict[str, CheckAnswer]) -> None:
    hashes = [set(stored(answer, "case_no, row_hash")) for answer in baltimore.values()]
    assert len(hashes[0]) == 10000
    assert hashes[0] == hashes[1] == hashes[2]
    assert len({answer.exported_at for answer in baltimore.values()}) == 1


def test_baltimore_counts_and_durations(baltimore: dict[str, CheckAnswer]) -> None:
    part = baltimore["csv"].staged
    hours = "date_diff('second', received_at, closed_at) / 3600.0"
    with duckdb.connect() as connection:
        row = connection.execute(
            f"""SELECT count(*) FILTER (closed_at IS NULL), count(*) FILTER (due_at IS NULL),
            round(quantile_cont({hours}, 0.5), 4), round(avg({hours}), 4), round(quantile_cont({hours}, 0.9), 4),
            count(*) FILTER (closed_at <= due_at), count(*) FILTER (closed_at = received_at),
            count(*) FILTER (due_at IS NOT NULL AND closed_at IS NOT NULL) FROM '{part}'"""
        ).fetchone()
    assert row == (208, 286, 32.4044, 296.5522, 648.1267, 7988, 2080, 9555)


def test_baltimore_status_can_fill_the_outcome_as_well(tmp_path: Path) -> None:
    mapped = (*PLAIN_MAP, ("outcome", "SRStatus"))
    answer = read("requests/baltimore_311_sample.csv", tmp_path, map=mapped, create_units=True)
    outcomes = [row[0] for row in stored(answer, "outcome")]
    assert (outcomes.count("duplicate"), outcomes.count("not_responsible"), outcomes.count("unknown")) == (
        217,
        18,
        9567,
    )


@pytest.mark.parametrize(("name", "encoding"), [("text_gbk", "gb18030"), ("text_gb18030", "gb18030")])
def test_wjx_chinese_csv_reads_without_replacement(tmp_path: Path, name: str, encoding: str) -> None:
    answer = read(f"surveys/wjx/wjx_800_{name}.csv", tmp_path, Kind.SURVEYS, create_units=True, unit="学校")
    assert (answer.file.encoding, answer.rows.accepted) == (encoding, 800)
    items = [json.loads(row[0]) for row in stored(answer, "items")]
    sexes = [word for row in items for word in row.values() if word in ("男", "女")]
    assert (sexes.count("男"), sexes.count("女")) == (427, 373)
    assert "\ufffd" not in str(items)


def test_wjx_xls_reads_like_the_csv(tmp_path: Path) -> None:
    workbook = stored(
        read("surveys/wjx/wjx_800_text.xls", tmp_path / "a", Kind.SURVEYS, unit="学校", create_units=True), "items"
    )
    text = stored(
        read("surveys/wjx/wjx_800_text_gbk.csv", tmp_path / "b", Kind.SURVEYS, unit="学校", create_units=True), "items"
    )
    assert workbook == text


def test_mixed_date_orders_are_refused_by_name(tmp_path: Path) -> None:
    header = shared_file("data/surveys/nhs/fft_coded_7908.csv").read_text("utf-8").splitlines()[0].split(",")
    date = next(name for name in header if "date" in name.lower())
    answer = read("surveys/nhs/fft_coded_7908.csv", tmp_path, Kind.SURVEYS, map=(("answered_at", date.strip('"')),))
    assert "date_order_mixed" in [problem.code for problem in answer.problems]
