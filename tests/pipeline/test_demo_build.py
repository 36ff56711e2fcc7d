"""The demonstration city as an instance: whole, for every role, private, and the same when it is built again."""

from __future__ import annotations

import json
import re
import stat
from collections import Counter

import pytest

from pipeline.demo.build import DemoError, DemoPlan, build
from pipeline.demo.people import FILE_NAME, sign_ins
from pipeline.house.people import authenticate
from pipeline.judgement import assessing, tenures
from pipeline.numbers.counting import as_of, metric_values, newest_month
from records.access import OPERATOR
from records.engine import Engine
from records.instance import Instance
from records.models import Batch
from records.queries import batches
from records.queries.improvement import list_tasks
from records.queries.units import list_units
from records.tables import tables_for_metrics
from records.vocabulary import Role
from tests.conftest import DEMO_CASES, DEMO_SEED, DEMO_UNITS


def test_demo_holds_every_case_once_and_all_units(demo_instance: Instance) -> None:
    rows = metric_values(demo_instance, period="all", by=("total",), codes=["n_received"], scope="all").rows
    assert next(row.value for row in rows if row.unit is None) == DEMO_CASES
    with demo_instance.session() as session:
        units = list_units(session, viewer=OPERATOR)
        found = batches.list_batches(session, viewer=OPERATOR)
    assert len(units) == DEMO_UNITS
    assert {unit.peer_group for unit in units} == {"市直部门", "街道", "乡镇"}
    assert len(found) == 22
    assert all(batch.n_rejected == 0 for batch in found)


def test_the_newest_month_is_that_of_a_case_not_of_the_export(demo_instance: Instance) -> None:
    cut_off = as_of(demo_instance)
    assert cut_off is not None
    assert (f"{cut_off:%Y-%m}", newest_month(demo_instance)) == ("2026-01", "2025-12")


def test_demo_channels_ratings_and_answers_all_arrive(demo_instance: Instance) -> None:
    with demo_instance.session() as session:
        views = tables_for_metrics(demo_instance, session)
    engine = Engine(demo_instance)
    channels = dict(engine.run("SELECT channel, count(DISTINCT case_no) FROM cases GROUP BY 1", views))
    assert set(channels) == {"hotline", "message_board", "mailbox", "website"}
    filled = engine.dictionaries(
        "SELECT count(case_type) t, count(rating) r, count(manner_grade) m, count(due_at) d, count(person_token) p, "
        "count(resolved) s, sum(is_excluded) e, sum(n_returns) b, count(extended_due_at) x FROM cases",
        views,
    )[0]
    assert all(filled.values()), filled
    assert filled["t"] > DEMO_CASES
    sources = dict(engine.run("SELECT source, count(*) FROM answers GROUP BY 1", views))
    assert sources["third_party"] > 4 * sources["platform"] > 0


def test_demo_keeps_no_phone_in_clear(demo_instance: Instance) -> None:
    with demo_instance.session() as session:
        views = tables_for_metrics(demo_instance, session)
    words = "concat_ws(' ', title, content, place, reply_text, result_text, person_token, device_token, tags)"
    # Not within a longer word: the digits of a token look like a number once in some ten cities.
    number = "(^|[^0-9A-Za-z])1900[0-9]{7}($|[^0-9A-Za-z])"
    text = f"SELECT count(*) FROM cases WHERE regexp_matches({words}, '{number}')"
    assert Engine(demo_instance).run(text, views) == [(0,)]
    phone = re.compile(rb"(?<![0-9a-f.])1900\d{7}(?![0-9a-f])")  # eleven digits inside a hash are no phone
    near = re.compile(rb".{,20}(?:" + phone.pattern + rb").{,20}", re.DOTALL)
    files = [path for path in demo_instance.folder.rglob("*") if path.is_file()]
    leaks = [(path.name, found[0]) for path in files for found in near.finditer(path.read_bytes())]
    assert leaks == []


def test_demo_shows_what_follows_from_the_published_year(demo_instance: Instance) -> None:
    with demo_instance.session() as session:
        tasks = list_tasks(session, viewer=OPERATOR)
    assert {task.state for task in tasks} == {"open", "handed_in"}
    assert sum(len(task.files) for task in tasks) == 1
    held = Counter(term.unit for term in tenures.terms(demo_instance, OPERATOR))
    assert set(held) <= {task.unit_code for task in tasks}
    assert set(held.values()) == {2}


def test_demo_sign_ins_work_and_are_kept_privately(demo_copy: Instance) -> None:
    entries = sign_ins(demo_copy)
    assert [entry.role for entry in entries].count("unit_head") == 2
    assert {entry.role for entry in entries} == {role.value for role in Role}
    assert stat.S_IMODE((demo_copy.folder / FILE_NAME).stat().st_mode) == 0o600
    for entry in entries:
        viewer = authenticate(demo_copy, sign_in=entry.user, password=entry.password)
        assert viewer is not None
        assert viewer.role.value == entry.role


def test_demo_has_assessments_of_both_schemes_and_years(demo_instance: Instance) -> None:
    rows = assessing.list_assessments(demo_instance)
    assert {(r["scheme_id"], r["period"], r["state"]) for r in rows} == {
        ("bj_three_rates", "2024", "published"), ("bj_three_rates", "2025", "review"),
        ("city_records", "2024", "published"), ("city_records", "2025", "review"),
    }  # fmt: skip
    scored = [assessing.get(demo_instance, r["number"]).result for r in rows if r["scheme_id"] == "bj_three_rates"]
    assert all(sum(unit.score is not None for unit in result.units) >= DEMO_UNITS // 2 for result in scored)


def test_demo_again_reuses_what_is_there(demo_copy: Instance) -> None:
    lines: list[str] = []
    again = build(demo_copy, DemoPlan(cases=DEMO_CASES, units=DEMO_UNITS, seed=DEMO_SEED), tell=lines.append)
    assert again == sign_ins(demo_copy)
    assert len(lines) == 1


def test_demo_broken_off_goes_on(demo_copy: Instance) -> None:
    note = demo_copy.folder / "demo.json"
    note.write_text(json.dumps({**json.loads(note.read_text()), "is_complete": False}), encoding="utf-8")
    before = metric_values(demo_copy, period="2025", by=("total",)).rows
    build(demo_copy, DemoPlan(cases=DEMO_CASES, units=DEMO_UNITS, seed=DEMO_SEED))
    assert metric_values(demo_copy, period="2025", by=("total",)).rows == before
    assert len(assessing.list_assessments(demo_copy)) == 4


def test_demo_of_another_size_is_refused(demo_copy: Instance) -> None:
    with pytest.raises(DemoError, match="another size or seed"):
        build(demo_copy, DemoPlan(cases=3000))


def test_demo_never_goes_into_an_instance_with_records(demo_copy: Instance) -> None:
    (demo_copy.folder / "demo.json").unlink()
    with pytest.raises(DemoError, match="records of its own"):
        build(demo_copy, DemoPlan(cases=DEMO_CASES, units=DEMO_UNITS, seed=DEMO_SEED))


def test_demo_later_export_finds_the_vanished_records(demo_instance: Instance) -> None:
    with demo_instance.session() as session:
        row = next(b for b in batches.list_batches(session, viewer=OPERATOR) if "重导" in b.file_name)
        answer = session.get(Batch, row.id).answer  # type: ignore[union-attr]
    assert answer["vanished"] >= 1
    assert row.n_new == 0
    assert row.n_changed is not None
    assert row.n_changed >= 1
