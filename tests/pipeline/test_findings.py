"""Findings over the whole way: what is planted is found, honest units are left alone, and no finding moves a score."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import select

from integrity.rules.catalogue import detectors
from integrity.rules.finding import Finding as Found
from pipeline.demo.city import make_units
from pipeline.demo.plants import plants
from pipeline.integrity import claims, evidence_views, findings, review
from pipeline.judgement import assessing
from records.access import Forbidden, Viewer
from records.engine import Engine
from records.instance import Instance
from records.models import Batch, Finding, Unit
from records.queries import findings as read_findings
from records.tables import tables_for_metrics
from records.vocabulary import Role
from tests.conftest import DEMO_SEED, DEMO_UNITS

SCHEME, PERIOD = "integrated_third_party", "2025"


def _planted() -> dict[str, set[str]]:
    units = make_units(DEMO_UNITS, np.random.default_rng(DEMO_SEED))
    out: dict[str, set[str]] = {}
    for plant in plants(units):
        out.setdefault(units[plant.unit].code, set()).add(plant.detector)
    return out


@pytest.fixture(scope="module")
def found(demo_instance: Instance) -> list[Found]:
    return findings.find(demo_instance, "all")


def test_plants_are_found_even_in_a_small_city(found: list[Found]) -> None:
    planted = {(detector, unit) for unit, codes in _planted().items() for detector in codes}
    assert len(planted & {(f.detector, f.unit) for f in found}) >= 3


def test_every_finding_says_what_it_saw_and_what_may_explain_it(found: list[Found]) -> None:
    assert found
    for finding in found:
        for language in ("zh", "en"):
            assert finding.sentence[language]
            assert "{" not in finding.sentence[language]
            assert finding.ordinary[language]
        assert findings.document_of(finding)["disclaimer"]["zh"] == "尚未核实，不影响得分。"


def test_a_vanished_record_names_the_later_export_that_lacks_it(demo_copy: Instance, found: list[Found]) -> None:
    """The export before holds it; the later one reaches over its day and does not."""
    (finding,) = (f for f in found if f.detector == "D17" and not f.variant)
    number = findings.store(demo_copy, "2031", [finding])[0][0]
    with demo_copy.session() as session:
        views = tables_for_metrics(demo_copy, session)
        kept = read_findings.one(session, viewer=Viewer(1, "x", Role.ASSESSOR, sign_in="desk"), number=number)
        files = dict(session.execute(select(Batch.id, Batch.file_name)).all())
    assert kept is not None
    (table,) = evidence_views.lacking(demo_copy, kept)
    assert [row[:2] for row in table.rows] == list(finding.case_keys)
    for (_, case_no), (_, _, last, last_at, later, later_at, _) in zip(finding.case_keys, table.rows, strict=True):
        held = f"SELECT batch, exported_at FROM cases WHERE case_no = '{case_no}'"
        seen = {f"{batch} {files[batch]}": at for batch, at in Engine(demo_copy).run(held, views)}
        assert seen[last] == last_at == max(seen.values())
        assert later not in seen
        assert later_at > last_at


def _scores(instance: Instance) -> dict[str, tuple[float | None, str | None]]:
    made = assessing.make_draft(instance, scheme_id=SCHEME, period=PERIOD, seed=1, draws=50, by="test")
    return {row.unit: (row.score, row.grade) for row in made.result.units}


def test_no_finding_changes_any_score_until_one_is_confirmed(demo_copy: Instance, found: list[Found]) -> None:
    before = _scores(demo_copy)
    kept = findings.store(demo_copy, PERIOD, found)
    assert kept
    assert _with_states(demo_copy, kept, ("open", "asked", "answered", "explained", "data_error")) == before


def _with_states(instance: Instance, kept, states: tuple[str, ...]) -> dict[str, tuple[float | None, str | None]]:
    """Scores with the findings spread over every state but confirmed; the scheme has a rule for what they are about."""
    with instance.session() as session:
        for i, (number, _, _) in enumerate(kept):
            row = session.get_one(Finding, number)
            row.state, row.document = states[i % len(states)], {**row.document, "confirmed_as": "untrue_records"}
    return _scores(instance)


def test_confirmed_finding_enters_only_by_a_rule_of_the_scheme(demo_copy: Instance) -> None:
    before = _scores(demo_copy)
    unit = next(unit for unit, (score, _) in before.items() if score is not None)
    with demo_copy.session() as session:
        session.add(
            Finding(detector="D10", period=PERIOD, unit_code=unit, document={"confirmed_as": "untrue_records"},
                    state="confirmed", made_at=datetime.now().astimezone() - timedelta(days=1))
        )  # fmt: skip
    after = _scores(demo_copy)
    assert after[unit] != before[unit]
    assert {u: s for u, s in after.items() if u != unit} == {u: s for u, s in before.items() if u != unit}


def test_second_run_changes_nothing(demo_copy: Instance, found: list[Found]) -> None:
    desk = Viewer(1, "x", Role.ASSESSOR, sign_in="assessor")
    first = findings.store(demo_copy, "all", found)
    review.decide(demo_copy, first[0][0], outcome="explained", reason="x", viewer=desk)
    second = findings.store(demo_copy, "all", found)
    assert [row[0] for row in second] == [row[0] for row in first]
    with demo_copy.session() as session:
        assert all(session.scalars(select(Finding.is_current)))
        assert session.get_one(Finding, first[0][0]).state == "explained"


@pytest.mark.parametrize(("role", "smallest"), [(Role.ASSESSOR, 5), (Role.UNIT_HEAD, 10)])
def test_claim_tables_show_no_small_cell(demo_instance: Instance, role: Role, smallest: int) -> None:
    with demo_instance.session() as session:
        codes = frozenset(session.scalars(select(Unit.code)))
    viewer = Viewer(1, "x", role, codes, sign_in="x")
    tables = claims.claim_tables(demo_instance, "2025", viewer=viewer)
    assert tables
    cells = [n for table in tables for row in table.cells for n in row if n is not None]
    assert all(n == 0 or n >= smallest for n in cells)


def test_unit_sees_its_own_claims_for_whole_years_only(demo_instance: Instance) -> None:
    with demo_instance.session() as session:
        code = min(session.scalars(select(Unit.code)))
    head = Viewer(1, "x", Role.UNIT_HEAD, frozenset({code}), sign_in="x")
    tables = claims.claim_tables(demo_instance, "2025-03", viewer=head)
    assert {table.unit for table in tables} <= {code}
    assert tables == claims.claim_tables(demo_instance, claims.shown_period(demo_instance, "all", head), viewer=head)
    with pytest.raises(Forbidden):
        claims.claim_tables(demo_instance, "2025", viewer=Viewer(2, "y", Role.ADMIN))


def test_every_detector_of_the_list_is_there() -> None:
    assert {key.partition(".")[0] for key in detectors()} == {f"D{n:02d}" for n in range(1, 25)}
