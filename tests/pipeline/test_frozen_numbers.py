"""Numbers of an assessment: counted once, read the same again, open cases by age and rates adjusted for the mix."""

from __future__ import annotations

import re
import shutil
from datetime import date

import pytest

from metrics.value import MetricValue
from pipeline.judgement import frozen_numbers
from pipeline.numbers import counting
from pipeline.numbers.backlog import age_titles, open_by_age
from pipeline.numbers.case_mix import adjusted
from pipeline.paper import reporting
from records.access import OPERATOR
from records.engine import Engine, PartUnreadable
from records.instance import Instance
from records.models import Batch
from records.queries.people import list_people, viewer_for
from records.vocabulary import Role
from web.app import create_app

AS_OF_TEXT = (
    "SELECT unit, received_day, is_closed, is_excluded, is_duplicate, is_withdrawn, is_not_responsible FROM facts"
)


def source(instance):
    return reporting.source_for(instance, 1, viewer=OPERATOR)


def test_second_reading_counts_nothing_and_gives_the_same(demo_copy, monkeypatch):
    first = source(demo_copy)
    monkeypatch.setattr(frozen_numbers, "metric_values", lambda *_, **__: pytest.fail("counted again"))
    again = source(demo_copy)
    assert (again.values, again.monthly) == (first.values, first.monthly)
    assert (again.backlog, again.adjusted) == (first.backlog, first.adjusted)


def test_missing_file_is_counted_again_from_the_records(demo_copy):
    first = source(demo_copy)
    files = list((demo_copy.facts_folder / "prepared").glob("*.json.gz"))
    assert files
    for file in files:
        file.unlink()
    assert source(demo_copy).values == first.values


def test_withdrawn_batch_leaves_the_frozen_numbers_and_is_said(demo_copy):
    first = source(demo_copy)
    with demo_copy.session() as session:
        session.query(Batch).filter(Batch.kind == "responses").first().state = "withdrawn"
    later = source(demo_copy)
    assert later.values == first.values
    assert any("records_changed" in warning for warning in later.assessment.warnings)


def test_open_cases_by_age_agree_with_counting_row_by_row(demo_instance):
    facts = counting.build_facts(demo_instance)
    rows = Engine(demo_instance).run(AS_OF_TEXT, {"facts": facts.views["facts"]})
    as_of, naive = (facts.as_of.date() - date(1970, 1, 1)).days, {}
    first, end = (date(2025, 1, 1) - date(1970, 1, 1)).days, (date(2026, 1, 1) - date(1970, 1, 1)).days
    for unit, received, *flags in rows:
        if unit is None or any(flags) or not first <= received < end:
            continue
        age = as_of - received
        band = sum(age > top for top in (7, 15, 30, 60, 90))
        naive.setdefault(unit, [0] * 6)[band] += 1
    assert open_by_age(demo_instance, "2025") == naive
    assert naive
    assert len(age_titles()) == 6


def rate(unit, group, hits, n):
    return MetricValue(unit, "2025", "R5", hits, n, hits / n, None, None, n, group=group)


def test_unit_with_hard_cases_is_lifted_by_the_mix_and_the_easy_one_lowered():
    rows = [
        rate("a", "hard", 500, 1000),
        rate("b", "hard", 100, 200),
        rate("a", "easy", 180, 200),
        rate("b", "easy", 900, 1000),
    ]
    found = {row.unit: row for row in adjusted(rows, dict.fromkeys("ab"))}
    assert found["a"].raw == pytest.approx(68 / 120)
    assert found["a"].expected == pytest.approx(68 / 120)  # it does as everybody does with these cases
    assert found["a"].value == pytest.approx(found["b"].value) == pytest.approx(0.7)
    assert found["a"].raw < found["a"].value < found["b"].raw
    assert 0 <= found["a"].low < found["a"].value < found["a"].high <= 1


def test_units_without_cases_have_no_adjusted_rate():
    empty = MetricValue("c", "2025", "R5", 0, 0, None, None, None, 0, "no_cases", group="hard")
    rows = [rate("a", "hard", 5, 10), rate("b", "hard", 5, 10), empty]
    assert [row.unit for row in adjusted(rows, dict.fromkeys("abc"))] == ["a", "b"]


def test_a_scorecard_page_reads_no_case_rows_at_all(demo_copy, monkeypatch):
    """Cold and warm, with every file of cases and facts gone and no statement of the engine: the frozen numbers do."""
    frozen = source(demo_copy)  # as making the assessment leaves it
    unit = next(result for result in frozen.assessment.units if result.score is not None)
    addresses = (f"/units/{unit.unit}", f"/units/{unit.unit}/statistics")
    before = [body_of(assessor_of(demo_copy).get(address)) for address in addresses]
    demo_copy.close()
    folder = demo_copy.folder.rename(demo_copy.folder.with_name("elsewhere"))  # nothing is known of this place
    shutil.rmtree(folder / "parts")
    for kept in (folder / "facts").iterdir():
        if kept.name != "prepared":
            shutil.rmtree(kept) if kept.is_dir() else kept.unlink()
    opened: list[list[str]] = []
    connection = Engine._connection
    monkeypatch.setattr(
        Engine, "_connection", lambda engine, views: opened.append([*views]) or connection(engine, views)
    )
    client = assessor_of(Instance.open(folder))
    for _ in ("cold", "warm"):
        answers = [client.get(address) for address in addresses]
        assert [answer.status_code for answer in answers] == [200, 200]
        assert [body_of(answer) for answer in answers] == before
    assert opened == []
    with pytest.raises(PartUnreadable):  # a page that does read cases finds no file
        client.get("/records")
    assert opened != []


def body_of(answer):
    """What the page says, without the tokens of its forms."""
    return re.sub(r'name="csrf_token"[^>]*', "", answer.text[answer.text.index("<main") :])


def assessor_of(instance):
    """A client signed in as an assessor, over an application of its own."""
    with instance.session() as session:
        people = [viewer_for(session, person_id=row.id) for row in list_people(session, viewer=OPERATOR)]
    person = next(found for found in people if found is not None and found.role is Role.ASSESSOR)
    client = create_app(instance, {"TESTING": True}).test_client()
    with client.session_transaction() as cookie:
        cookie["person"] = person.id
    return client
