"""Queries: what a viewer may not see is not in the answer, whatever is asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from records import audit
from records.access import OPERATOR, Forbidden, Viewer
from records.canonical import document_sha256
from records.clock import now
from records.instance import Instance
from records.models import Assessment, Unit, UnitAlias
from records.parts import PartInfo
from records.queries import assessments, batches, cases, units
from records.queries import audit as trail
from records.queries.cases import CaseFilter
from records.vocabulary import Role
from tests.records.conftest import add_batch, case

Accept = Callable[..., PartInfo]
HEAD = Viewer(1, "李", Role.UNIT_HEAD, frozenset({"u1"}), sign_in="li")
ASSESSOR = Viewer(2, "王", Role.ASSESSOR, sign_in="wang")
SURVEYOR = Viewer(3, "赵", Role.ASSESSOR, sign_in="zhao", has_survey_role=True)
ORG = Viewer(4, "钱", Role.ORG_DEPT)
ADMIN = Viewer(6, "周", Role.ADMIN)


@pytest.fixture
def stored(instance: Instance, accept: Accept) -> Instance:
    """Five cases of two units; case 1 comes again, closed, in a later export; a late batch with an older export."""
    first, second, older = datetime(2024, 4, 1), datetime(2024, 5, 1), datetime(2024, 3, 15)
    accept(
        [
            case(str(n), "u1" if n < 3 else "u2", f"2024-03-0{n} 09:00", exported_at=first, state="open")
            for n in range(1, 6)
        ]
    )
    accept([case("1", "u1", "2024-03-01 09:00", exported_at=second, state="closed", rating=5, content="路灯不亮")])
    accept([case("1", "u1", "2024-03-01 09:00", exported_at=older, state="new")])
    return instance


def numbers(instance: Instance, viewer: Viewer, **wanted: Any) -> list[str]:
    with instance.session() as session:
        page = cases.page(instance, session, viewer=viewer, wanted=CaseFilter(**wanted))
    assert page.total == len(page.rows)
    return [row["case_no"] for row in page.rows]


@pytest.mark.parametrize(
    ("wanted", "answer"),
    [
        ({}, ["5", "4", "3", "2", "1"]),
        ({"unit": "u2"}, ["5", "4", "3"]),
        ({"state": "closed"}, ["1"]),
        ({"state": "new"}, []),
        ({"since": datetime(2024, 3, 2, 9), "until": datetime(2024, 3, 4, 9)}, ["3", "2"]),
        ({"case_no": "1"}, ["1"]),
        ({"unit": "u2' OR '1'='1"}, []),
    ],
)
def test_page_of_newest_observations(stored: Instance, wanted: dict, answer: list[str]) -> None:
    assert numbers(stored, ASSESSOR, **wanted) == answer


def test_page_of_a_unit_head_holds_the_own_units_only(stored: Instance) -> None:
    assert numbers(stored, HEAD) == ["2", "1"]
    assert numbers(stored, HEAD, unit="u2") == []
    nobody = Viewer(9, "无", Role.UNIT_HEAD)
    assert numbers(stored, nobody) == []


@pytest.mark.parametrize("viewer", [ORG, ADMIN])
def test_page_is_forbidden_without_cases(stored: Instance, viewer: Viewer) -> None:
    with pytest.raises(Forbidden), stored.session() as session:
        cases.page(stored, session, viewer=viewer)


def test_pages_meet_without_gap_or_overlap(stored: Instance) -> None:
    with stored.session() as session:
        pages = [cases.page(stored, session, viewer=ASSESSOR, offset=at, limit=2) for at in (0, 2, 4, 6)]
    assert [[row["case_no"] for row in page.rows] for page in pages] == [["5", "4"], ["3", "2"], ["1"], []]
    assert {page.total for page in pages} == {5}


@pytest.mark.parametrize("limit", [2, 3, 5, 9])
def test_pages_over_months_are_the_whole_list_in_order(instance: Instance, accept: Accept, limit: int) -> None:
    days = ["2024-01-09", "2024-02-03", "2024-02-28", "2024-04-01", "2024-04-02", "2024-04-30", "2024-05-01"]
    accept([case(str(n), "u1", f"{day} 09:00", row_no=n) for n, day in enumerate(days)])
    seen: list[str] = []
    with instance.session() as session:
        for offset in range(0, len(days) + limit, limit):
            page = cases.page(instance, session, viewer=ASSESSOR, offset=offset, limit=limit)
            assert page.total == len(days)
            seen += [row["case_no"] for row in page.rows]
        spring = cases.page(
            instance, session, viewer=ASSESSOR, offset=1, limit=2,
            wanted=CaseFilter(since=datetime(2024, 2, 28), until=datetime(2024, 4, 30)),
        )  # fmt: skip
    assert seen == [str(n) for n in reversed(range(len(days)))]
    assert ([row["case_no"] for row in spring.rows], spring.total) == (["3", "2"], 3)


def test_a_whole_month_writes_the_file_of_no_other_month(instance: Instance, accept: Accept) -> None:
    """The end of a span is outside, so 1 April belongs to no list of March."""
    days = ["2024-02-29", "2024-03-01", "2024-03-31", "2024-04-01"]
    accept([case(str(n), "u1", f"{day} 00:00", row_no=n) for n, day in enumerate(days)])
    assert numbers(instance, ASSESSOR, since=datetime(2024, 3, 1), until=datetime(2024, 4, 1)) == ["2", "1"]
    written = (instance.facts_folder / "current").glob("*.parquet")
    assert [path.name[:6] for path in written] == ["202403"]


@pytest.mark.parametrize(
    ("viewer", "sees_text", "sees_rating"), [(HEAD, False, False), (ASSESSOR, True, False), (SURVEYOR, True, True)]
)
def test_one_case_shows_columns_by_permission(
    stored: Instance, viewer: Viewer, sees_text: bool, sees_rating: bool
) -> None:
    with stored.session() as session:
        rows = cases.one(stored, session, viewer=viewer, case_no="1")
        entries = trail.list_entries(session, viewer=OPERATOR, action="rating.read")
    assert [row["state"] for row in rows] == ["closed", "open", "new"]
    assert [row["batch"] for row in rows] == [2, 1, 3]
    assert ("content" in rows[0], "rating" in rows[0]) == (sees_text, sees_rating)
    assert {"person_token", "device_token"}.isdisjoint(rows[0])
    assert [(entry.who, entry.subject) for entry in entries] == ([("zhao", "1")] if sees_rating else [])


def test_one_case_of_another_unit_is_nothing(stored: Instance) -> None:
    with stored.session() as session:
        assert cases.one(stored, session, viewer=HEAD, case_no="5") == []
        assert cases.one(stored, session, viewer=ASSESSOR, case_no="5", register="elsewhere") == []


@pytest.fixture
def assessed(instance: Instance) -> Instance:
    """One assessment in each state, each with a result for two units."""
    with instance.session() as session:
        for state in ("draft", "review", "appeal", "final", "published"):
            result = {"units": [{"unit": "u1", "score": 80.5}, {"unit": "u2", "score": 70.5}], "state": state}
            session.add(
                Assessment(
                    scheme_id="s", scheme_version="1", scheme_sha256="0", period="2024", state=state, seed=1, draws=1,
                    result=result, result_sha256=document_sha256(result), made_by="a", made_at=now(),
                )
            )  # fmt: skip
            session.flush()
    return instance


@pytest.mark.parametrize(
    ("viewer", "states"),
    [
        (ASSESSOR, ["published", "final", "appeal", "review", "draft"]),
        (HEAD, ["published", "final", "appeal", "review"]),
        (ORG, ["published", "final"]),
        (ADMIN, []),
    ],
)
def test_assessments_by_state(assessed: Instance, viewer: Viewer, states: list[str]) -> None:
    with assessed.session() as session:
        found = assessments.list_assessments(session, viewer=viewer)
        assert [row.state for row in found] == states
        seen = {row.number for row in found}
        for number in {1, 2, 3, 4, 5} - seen:
            with pytest.raises(Forbidden):
                assessments.result_of(session, viewer=viewer, number=number)
            with pytest.raises(Forbidden):
                assessments.one(session, viewer=viewer, number=number)


@pytest.mark.parametrize(("viewer", "codes"), [(ASSESSOR, ["u1", "u2"]), (HEAD, ["u1"]), (ORG, ["u1", "u2"])])
def test_result_holds_visible_units_only(assessed: Instance, viewer: Viewer, codes: list[str]) -> None:
    with assessed.session() as session:
        result = assessments.result_of(session, viewer=viewer, number=5)
        assert result is not None
        assert [unit["unit"] for unit in result["units"]] == codes
        assert assessments.result_of(session, viewer=viewer, number=99) is None


def test_batches_by_role(instance: Instance) -> None:
    number = add_batch(instance, state="accepted", answer={"rows": 1})
    with instance.session() as session:
        assert [row.id for row in batches.list_batches(session, viewer=ADMIN)] == [number]
        assert batches.list_batches(session, viewer=ADMIN, states=("withdrawn",)) == []
        assert batches.answer_of(session, viewer=ASSESSOR, number=number) == {"rows": 1}
        assert batches.one(session, viewer=ASSESSOR, number=number + 1) is None
        with pytest.raises(Forbidden):
            batches.list_batches(session, viewer=HEAD)


def test_directory_names_leave_out_what_two_units_share(instance: Instance) -> None:
    with instance.session() as session:
        session.add_all([
            Unit(code="a", name="甲区民政局", short_name="民政局"),
            Unit(code="b", name="乙区民政局", short_name="民政局"),
            Unit(code="c", name="丙街道", short_name="丙", parent_code="a"),
            UnitAlias(alias="丙街道办", unit_code="c"),
        ])  # fmt: skip
    with instance.session() as session:
        names = units.directory_names(session)
        assert names == {
            "a": "a",
            "b": "b",
            "c": "c",
            "甲区民政局": "a",
            "乙区民政局": "b",
            "丙街道": "c",
            "丙": "c",
            "丙街道办": "c",
        }
        assert units.codes_below(session, code="a") == {"a", "c"}
        found = units.one(session, viewer=HEAD, code="c")
        assert found is not None
        assert found.aliases == ("丙街道办",)


def test_codes_below_ends_in_a_ring(instance: Instance) -> None:
    with instance.session() as session:
        session.add_all([Unit(code="a", name="甲"), Unit(code="b", name="乙", parent_code="a")])
        session.flush()
        session.get_one(Unit, "a").parent_code = "b"
        session.flush()
        assert units.codes_below(session, code="a") == {"a", "b"}


def test_audit_trail_is_for_auditors(instance: Instance) -> None:
    with instance.session() as session:
        audit.write(session, "ann", "batch.accept", "1", {"rows": 3})
        audit.write(session, "bob", "batch.withdraw", "1")
        assert [row.who for row in trail.list_entries(session, viewer=ADMIN)] == ["bob", "ann"]
        assert [row.detail for row in trail.list_entries(session, viewer=ADMIN, who="ann")] == [{"rows": 3}]
        with pytest.raises(Forbidden):
            trail.list_entries(session, viewer=ASSESSOR)
