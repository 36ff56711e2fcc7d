"""Counting from stored parts to metric values: real rows, withdrawn batches, cached facts, surveys, commands."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipeline.commands import main
from pipeline.numbers.counting import MetricsAnswer, build_facts, metric_values
from pipeline.numbers.question import CountingError
from records import parts
from records.clock import now
from records.engine import Engine
from records.engine_views import Columns
from records.instance import Instance
from records.models import Batch, Unit
from records.vocabulary import ANSWER_COLUMNS, PART_COLUMNS, Kind
from tests.metrics.rows import case_row, random_rows
from tests.shared_data import shared_file

AS_OF = datetime(2025, 4, 1, 12, 0)


def adopt_rows(instance: Instance, rows: list[dict[str, Any]], kind: Kind, file_name: str = "rows.csv") -> int:
    """Stage rows as a part and accept it as a batch."""
    types = {column.name: column.type for column in PART_COLUMNS[kind]}
    staged = instance.staging_folder / f"{file_name}.parquet"
    view = Columns({name: [row[name] for row in rows] for name in types}, types)
    Engine(instance).write("SELECT * FROM given", {"given": view}, staged)
    with instance.session() as session:
        batch = Batch(kind=kind, state="checked", file_name=file_name, made_by="test", made_at=now())
        session.add(batch)
        session.flush()
        parts.adopt(instance, session, staged, kind, batch.id, by="test")
        return batch.id


def add_units(instance: Instance, codes: list[str]) -> None:
    with instance.session() as session:
        session.add_all([Unit(code=code, name=f"Unit {code}") for code in codes])


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    return Instance.open(tmp_path / "instance")


def values_of(answer: MetricsAnswer, unit: str | None, total: str | None = None) -> dict[str, Any]:
    return {row.metric: row.value for row in answer.rows if row.unit == unit and row.total == total}


def answer_row(number: str, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = dict.fromkeys(column.name for column in ANSWER_COLUMNS)
    row |= {"register": "r", "answer_no": number, "unit": "u1", "batch": 1, "row_no": 1, "exported_at": AS_OF}
    row |= {"answered_at": datetime(2025, 3, 10, 9), "is_complete": 1, "reached": 1, "is_staff": 0, "row_hash": number}
    return row | {"rating_scale": 5} | more


def test_every_unit_has_a_row_even_without_a_case(instance: Instance) -> None:
    add_units(instance, ["u1", "u9"])
    adopt_rows(instance, [case_row("1", "2025-03-03 09:00", closed_at="2025-03-04 09:00")], Kind.RESPONSES)
    answer = metric_values(instance, period="2025-03", codes=["n_received", "H9"])
    assert values_of(answer, "u9") == {"n_received": 0, "H9": None}
    assert {row.reason for row in answer.rows if row.unit == "u9" and row.metric == "H9"} == {"no_eligible_cases"}


def test_an_instance_without_batches_answers_zeros_and_reasons(instance: Instance) -> None:
    add_units(instance, ["u1"])
    answer = metric_values(instance, period="2025", codes=["n_received", "R5"])
    assert (answer.as_of, values_of(answer, "u1")) == (None, {"n_received": 0, "R5": None})


def test_withdrawing_and_restoring_a_batch_is_the_identity(instance: Instance) -> None:
    add_units(instance, ["u0", "u1", "u2", "u3"])
    adopt_rows(instance, random_rows(1, 80), Kind.RESPONSES, "first")
    before = metric_values(instance, period="2025", by=("unit", "month")).rows
    second = adopt_rows(instance, [row | {"case_no": f"x{row['case_no']}"} for row in random_rows(2, 80)],
                        Kind.RESPONSES, "second")  # fmt: skip
    assert metric_values(instance, period="2025", by=("unit", "month")).rows != before
    with instance.session() as session:
        parts.withdraw(session, second, by="test", why="wrong file")
    assert metric_values(instance, period="2025", by=("unit", "month")).rows == before


def test_one_file_or_two_give_the_same_numbers(instance: Instance, tmp_path: Path) -> None:
    other, rows = Instance.open(tmp_path / "other"), random_rows(5, 120)
    for place in (instance, other):
        add_units(place, ["u0", "u1", "u2", "u3"])
    adopt_rows(instance, rows, Kind.RESPONSES)
    adopt_rows(other, rows[:70], Kind.RESPONSES, "a")
    adopt_rows(other, rows[70:], Kind.RESPONSES, "b")
    assert metric_values(instance, period="2025Q1").rows == metric_values(other, period="2025Q1").rows


def test_months_add_up_to_the_quarter(instance: Instance) -> None:
    add_units(instance, ["u0", "u1", "u2", "u3"])
    adopt_rows(instance, random_rows(11, 150), Kind.RESPONSES)
    codes = ["n_received", "n_closed", "n_due", "n_eligible"]
    quarter = metric_values(instance, period="2025Q1", codes=codes)
    months = metric_values(instance, period="2025Q1", by=("unit", "month"), codes=codes)
    for row in quarter.rows:
        same = [m.value for m in months.rows if (m.unit, m.metric) == (row.unit, row.metric)]
        assert (len(same), sum(same)) == (3, row.value)


def written(instance: Instance, folder: str) -> dict[str, int]:
    """The month files of a folder of derived files, by name, with the time they were written."""
    return {path.name: path.stat().st_mtime_ns for path in (instance.folder / folder).glob("2*.parquet")}


def test_facts_are_built_once_per_content(instance: Instance) -> None:
    add_units(instance, ["u1"])
    adopt_rows(instance, [case_row("1", "2025-03-03 09:00")], Kind.RESPONSES)
    first = build_facts(instance)
    stamps = written(instance, "facts")
    assert build_facts(instance).key == first.key
    assert written(instance, "facts") == stamps
    assert build_facts(instance, "website_15").key != first.key
    assert len(written(instance, "facts")) == 2


def test_a_corrected_month_builds_that_month_only(instance: Instance) -> None:
    add_units(instance, ["u1"])
    for month in (1, 2, 3, 4):
        rows = [case_row(f"{month}-{i}", f"2025-{month:02d}-0{i} 09:00", row_no=i) for i in range(1, 6)]
        rows[0]["closed_at"] = datetime(2025, month, 9, 9)  # every register says from the start that it names closings
        adopt_rows(instance, rows, Kind.RESPONSES, f"month{month}")
    before = metric_values(instance, period="2025", by=("unit", "month"), codes=["n_closed"])
    stamps = {folder: written(instance, folder) for folder in ("facts", "facts/index")}
    adopt_rows(instance, [case_row("3-2", "2025-03-02 09:00", closed_at="2025-03-05 09:00", row_no=1)],
               Kind.RESPONSES, "corrected")  # fmt: skip
    after = metric_values(instance, period="2025", by=("unit", "month"), codes=["n_closed"])
    for folder, old in stamps.items():
        new = written(instance, folder)
        assert {name: stamp for name, stamp in new.items() if name in old} == old
        assert [name[:6] for name in new.keys() - old.keys()] == ["202503"]
    changed = {row.period for row, was in zip(after.rows, before.rows, strict=True) if row != was}
    assert changed == {"2025-03"}


def test_counting_loads_no_statistics_library() -> None:
    """Scipy's statistics take a second and 70 MB of a new process; a count with scored replies does without."""
    program = "import sys, pipeline.numbers.counting, pipeline.judgement.rubric_results; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "pipeline.judgement.rubric_results" in loaded
    assert "scipy.stats" not in loaded


def test_a_record_whose_time_of_receipt_moved_counts_once(instance: Instance) -> None:
    add_units(instance, ["u1"])
    adopt_rows(instance, [case_row("1", "2025-03-30 09:00", row_no=7)], Kind.RESPONSES, "first")
    adopt_rows(instance, [case_row("1", "2025-04-01 09:00", row_no=7)], Kind.RESPONSES, "second")
    rows = metric_values(instance, period="2025Q1", codes=["n_received"]).rows
    assert [row.value for row in rows if row.unit == "u1"] == [0]
    assert values_of(metric_values(instance, period="2025Q2", codes=["n_received"]), "u1") == {"n_received": 1}


def test_splits_and_units_narrow_the_answer(instance: Instance) -> None:
    add_units(instance, ["u0", "u1", "u2", "u3"])
    adopt_rows(instance, random_rows(13, 60), Kind.RESPONSES)
    answer = metric_values(instance, period="all", by=("unit", "category"), units=["u1"], codes=["n_received"])
    assert {row.unit for row in answer.rows} == {"u1", None}
    assert {row.group for row in answer.rows} == {"road", "water"}


def test_follow_up_answers_count_where_the_case_says_nothing(instance: Instance) -> None:
    add_units(instance, ["u1"])
    said = {"valid_follow_up": 1, "resolved": "no", "rating": 2}
    cases = [case_row("1", "2025-03-03 09:00"), case_row("2", "2025-03-03 09:00", **said)]
    adopt_rows(instance, cases, Kind.RESPONSES)
    asked = [
        answer_row("a", case_no="1", source="follow_up", resolved="yes", rating=4, contacted=1),
        answer_row("b", case_no="2", source="follow_up", resolved="yes", rating=5, contacted=1),
    ]
    adopt_rows(instance, asked, Kind.SURVEYS, "answers")
    answer = metric_values(instance, period="2025-03", codes=["n_follow_up", "H2", "S1a"])
    assert values_of(answer, "u1") == {"n_follow_up": 2, "H2": 0.5, "S1a": 0.5}


def test_case_067_a_second_answer_within_twelve_hours_replaces_the_first(instance: Instance) -> None:
    add_units(instance, ["u1"])
    adopt_rows(instance, [case_row("1", "2025-03-03 09:00")], Kind.RESPONSES)
    same = {"case_no": "1", "source": "platform", "person_token": "p"}
    adopt_rows(instance, [
        answer_row("a", rating=3, answered_at=datetime(2025, 3, 10, 10), **same),
        answer_row("b", rating=5, answered_at=datetime(2025, 3, 10, 15), **same),
        answer_row("c", rating=1, answered_at=datetime(2025, 3, 11, 9), **same),
    ], Kind.SURVEYS, "answers")  # fmt: skip
    codes = ["n_rated", "n_rating_5", "n_rating_1", "n_later_answers"]
    assert list(values_of(metric_values(instance, period="2025-03", codes=codes), "u1").values()) == [1, 1, 0, 2]


def test_case_068_staff_answers_are_left_out_and_counted(instance: Instance) -> None:
    add_units(instance, ["u1"])
    adopt_rows(instance, [case_row("1", "2025-03-03 09:00")], Kind.RESPONSES)
    adopt_rows(instance, [answer_row("a", case_no="1", source="platform", rating=5, is_staff=1)], Kind.SURVEYS, "s")
    answer = metric_values(instance, period="2025-03", codes=["n_rated", "n_staff_answers"])
    assert values_of(answer, "u1") == {"n_rated": 0, "n_staff_answers": 1}


@pytest.mark.parametrize(("seconds", "rated", "scanned"), [(2, 0, 5), (40, 1, 0)])
def test_case_069_all_five_links_opened_at_once_is_a_scanner(
    instance: Instance, seconds: int, rated: int, scanned: int
) -> None:
    add_units(instance, ["u1"])
    adopt_rows(instance, [case_row("1", "2025-03-03 09:00")], Kind.RESPONSES)
    same = {"case_no": "1", "source": "platform", "person_token": "p"}
    moments = [datetime(2025, 3, 10, 10, 0, seconds * i // 4) for i in range(5)]
    rows = [answer_row(f"a{i}", rating=i + 1, answered_at=moment, **same) for i, moment in enumerate(moments)]
    adopt_rows(instance, rows, Kind.SURVEYS, "answers")
    answer = metric_values(instance, period="2025-03", codes=["n_rated", "n_scanner_answers"])
    assert list(values_of(answer, "u1").values()) == [rated, scanned]


def test_independent_sample_has_its_own_score(instance: Instance) -> None:
    add_units(instance, ["u1"])
    adopt_rows(instance, [case_row("1", "2025-03-03 09:00")], Kind.RESPONSES)
    rows = [answer_row(f"a{i}", source="third_party", rating=r) for i, r in enumerate([5, 5, 4, 3, 1])]
    adopt_rows(instance, rows, Kind.SURVEYS, "s")
    answer = metric_values(instance, period="2025-03", codes=["S6", "n_rated"])
    assert values_of(answer, "u1") == {"S6": pytest.approx(65.0), "n_rated": 0}


@pytest.mark.parametrize(
    "wrong", [{"codes": ["X99"]}, {"by": ("street",)}, {"engine": "oracle"}, {"units": ["nobody"]}]
)
def test_questions_that_cannot_be_counted_say_so(instance: Instance, wrong: dict[str, Any]) -> None:
    with pytest.raises(CountingError):
        metric_values(instance, period="2025", **wrong)


@pytest.fixture(scope="module")
def baltimore(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("baltimore")
    source = shared_file("data/requests/baltimore_311_sample.csv")
    fields = {"case_no": "ServiceRequestNum", "unit": "Agency", "received_at": "CreatedDate", "closed_at": "CloseDate",
              "due_at": "DueDate", "category": "SRType"}  # fmt: skip
    maps = [part for field, header in fields.items() for part in ("--map", f"{field}={header}")]
    run = CliRunner().invoke(main, ["--instance", str(folder), "import", str(source), "--kind", "responses", *maps,
                                    "--create-units", "--date-order", "mdy", "--exported-at", "2019-02-13 15:33:54",
                                    "--json"])  # fmt: skip
    assert run.exit_code == 0, run.output
    return folder


def ask(folder: Path, *arguments: str) -> dict[str, Any]:
    run = CliRunner().invoke(main, ["--instance", str(folder), "metrics", *arguments, "--format", "json"])
    assert run.exit_code == 0, run.output
    return json.loads(run.stdout)


def pooled(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["metric"]: row for row in answer["rows"] if row["unit"] is None and row["total"] == "pooled"}


@pytest.mark.shared
def test_baltimore_numbers(baltimore: Path) -> None:
    rows = pooled(ask(baltimore, "--period", "all", "--by", "total"))
    assert rows["n_received"]["value"] == 10_000
    assert rows["n_closed"]["value"] == 9792
    assert rows["n_met"]["value"] == 7988
    assert rows["n_met"]["value"] + rows["n_missed"]["value"] == 9555
    assert rows["H1"]["numerator"] == 7988
    assert rows["H1"]["denominator"] == 9555 + rows["n_overdue_open"]["value"]
    # Interpolated quantiles are 32.4044 and 648.1267 h; ours is the smallest value that reaches the rank.
    assert rows["H1c.median"]["value"] == pytest.approx(32.3994, abs=5e-5)
    assert rows["H1c.p90"]["value"] == pytest.approx(648.1672, abs=5e-5)
    assert rows["H1c.mean"]["value"] == pytest.approx(296.5522, abs=5e-5)
    assert rows["H1c.median_km"]["value"] == pytest.approx(39.3958, abs=5e-5)


@pytest.mark.shared
def test_baltimore_activity_and_backlog(baltimore: Path) -> None:
    rows = pooled(ask(baltimore, "--period", "2018-06", "--by", "total"))
    values = [rows[code]["value"] for code in ("n_received", "n_closings", "n_backlog")]
    assert values == [204, 190, 194]
    assert rows["H1.median"]["reason"] == "calendar_not_published"


@pytest.mark.shared
def test_baltimore_a_record_explains_its_clock(baltimore: Path) -> None:
    run = CliRunner().invoke(main, ["--instance", str(baltimore), "record", "18-00269879", "--json"])
    record = json.loads(run.stdout)
    closing = next(c for c in record["clocks"] if c["clock"] == "close")
    assert (closing["calendar_seconds"], closing["met"], closing["rule"]) == (5_661, True, "source")
    assert record["observations"][0]["batch"] == 1


def test_clock_command_answers_one_document() -> None:
    run = CliRunner().invoke(main, ["clock", "--from", "2025-03-07 16:30", "--to", "2025-03-10 10:00", "--limit",
                                    "1 business_hour", "--json"])  # fmt: skip
    answer = json.loads(run.stdout)
    assert (answer["business_seconds"], answer["due"], answer["met"]) == (7_200, "2025-03-07T17:30:00", False)


@pytest.mark.parametrize(
    "arguments", [["metrics", "--period", "2024-13"], ["clock", "--from", "noon"], ["metrics", "--period", "2024",
                                                                                   "--metric", "Z9"]]
)  # fmt: skip
def test_wrong_usage_is_told_in_one_sentence(arguments: list[str], tmp_path: Path) -> None:
    run = CliRunner().invoke(main, ["--instance", str(tmp_path / "i"), *arguments])
    assert (run.exit_code, "Traceback" in run.output) == (2, False)
