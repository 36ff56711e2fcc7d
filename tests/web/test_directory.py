"""The directory as a tree with other names, and the calendar as a year to look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from metrics.clocks.calendar import load
from pipeline.house import directory
from pipeline.house.units import ChangeRefused, UnitFields, change_unit, fields_of
from records.access import OPERATOR
from records.instance import Instance
from records.models import Unit
from records.queries.audit import list_entries
from records.queries.units import directory_names, moves
from records.vocabulary import Role


@pytest.fixture
def own_instance(tmp_path) -> Instance:
    opened = Instance.open(tmp_path / "instance")
    units = {"a": "市政府", "b": "教育局", "c": "招生办", "old": "旧局", "x": "环一", "y": "环二"}
    with opened.session() as session:
        session.add_all(Unit(code=code, name=name) for code, name in units.items())
        session.flush()
        for code, parent in (("b", "a"), ("c", "b"), ("x", "y"), ("y", "x")):
            session.get(Unit, code).parent_code = parent
        session.get(Unit, "old").merged_into = "b"
    yield opened
    opened.close()


def test_tree_puts_each_unit_below_its_parent_once_and_ends_rings(own_instance):
    found = directory.tree(own_instance, OPERATOR)
    assert [(b.unit.code, b.depth) for b in found][:3] == [("a", 0), ("b", 1), ("c", 2)]
    assert sorted(b.unit.code for b in found) == ["a", "b", "c", "old", "x", "y"]
    assert next(b for b in found if b.unit.code == "old").merged_name == "教育局"


@pytest.mark.parametrize(("role", "status"), [(Role.ADMIN, 303), (Role.ASSESSOR, 303), (Role.UNIT_HEAD, 403)])
def test_another_name_is_for_those_who_may_edit_and_is_known_afterwards(client_of, instance, role, status):
    alias = f"写法 {role}"
    answer = client_of(role).post("/directory/aliases", data={"alias": alias, "unit": "B03"})
    assert answer.status_code == status
    with instance.session() as session:
        assert (directory_names(session).get(alias) == "B03") == (status == 303)


def test_name_of_another_unit_is_refused_with_words(client_of):
    client = client_of(Role.ADMIN)
    client.post("/directory/aliases", data={"alias": "两用名", "unit": "B03"})
    answer = client.post("/directory/aliases", data={"alias": "两用名", "unit": "B00"})
    assert answer.status_code == 409
    assert "已经是另一个单位的名称" in answer.text
    assert client.post("/directory/aliases", data={"alias": "", "unit": "B00"}).status_code == 422


def test_a_wrong_name_is_taken_back_on_the_page_of_its_unit(client_of, instance):
    client = client_of(Role.ASSESSOR)
    client.post("/directory/aliases", data={"alias": "选错的名称", "unit": "B03"})
    assert "选错的名称" in client.get("/directory/B03").text
    elsewhere = client.post("/directory/B00/aliases/remove", data={"alias": "选错的名称"}, follow_redirects=True)
    assert "不是这个单位的别名" in elsewhere.text
    with instance.session() as session:
        assert directory_names(session)["选错的名称"] == "B03"
    removed = client.post("/directory/B03/aliases/remove", data={"alias": "选错的名称"}, follow_redirects=True)
    assert "已移除别名“选错的名称”" in removed.text
    with instance.session() as session:
        assert "选错的名称" not in directory_names(session)
    assert "移除单位别名" in client.get("/directory").text
    assert client_of(Role.UNIT_HEAD).post("/directory/B03/aliases/remove", data={"alias": "x"}).status_code == 403


def test_year_counts_the_working_days_of_the_notice(own_instance):
    calendar = load("office")
    found = directory.year_of(own_instance, 2025)
    days = [day for month in found.months for day in month]
    assert len(days) == 365
    assert found.working_days == sum(calendar.is_working_day(day.day) for day in days)
    made_up = next(day for day in days if day.day == date(2025, 1, 26))
    assert made_up.hours
    assert made_up.is_changed
    assert made_up.holiday.zh == "春节"


def test_year_without_a_notice_says_so(client_of, own_instance):
    assert directory.year_of(own_instance, 2050).months == ()
    assert "尚未发布" in client_of(Role.AUDITOR).get("/calendars?year=2050").text
    assert "全年" in client_of(Role.UNIT_HEAD).get("/calendars?year=2025").text


NAMES = ("short_name", "parent_code", "peer_group", "valid_from", "valid_to", "merged_into")
FIELDS = {**dict.fromkeys(NAMES, ""), "is_assessed": "y"}


def fields(**changed) -> UnitFields:
    plain = UnitFields(None, None, None, True, None, None, None)
    return replace(plain, **changed)


def test_a_unit_is_merged_from_a_day_on_and_the_change_is_noted(own_instance):
    day = date(2025, 7, 1)
    changed = change_unit(own_instance, OPERATOR, "c", fields(parent_code="b", merged_into="a", valid_to=day))
    assert changed == ["merged_into", "valid_to"]
    assert change_unit(own_instance, OPERATOR, "c", fields(parent_code="b", merged_into="a", valid_to=day)) == []
    with own_instance.session() as session:
        assert moves(session) == [("c", day, "a")]
        noted = list_entries(session, viewer=OPERATOR, action="unit.change")
    assert [entry.detail for entry in noted] == [{"merged_into": "a", "valid_to": "2025-07-01"}]


@pytest.mark.parametrize(
    ("code", "wanted", "refusal"),
    [
        ("b", fields(parent_code="b"), "ring_of_parents"),
        ("a", fields(parent_code="c"), "ring_of_parents"),
        ("b", fields(merged_into="old", valid_to=date(2025, 1, 1)), "ring_of_mergers"),
        ("b", fields(merged_into="a"), "merger_without_day"),
        ("b", fields(valid_from=date(2025, 2, 1), valid_to=date(2025, 1, 1)), "days_turned_round"),
        ("b", fields(peer_group="none"), "unknown_group"),
        ("b", fields(parent_code="none"), "unknown_unit"),
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(own_instance, code, wanted, refusal):
    before = fields_of(own_instance, OPERATOR, code)
    with pytest.raises(ChangeRefused) as caught:
        change_unit(own_instance, OPERATOR, code, wanted)
    assert caught.value.code == refusal
    assert fields_of(own_instance, OPERATOR, code) == before


@pytest.mark.parametrize(("role", "status"), [(Role.ADMIN, 200), (Role.ASSESSOR, 200), (Role.UNIT_HEAD, 403)])
def test_a_unit_is_changed_on_its_page_by_those_who_may(client_of, role, status):
    assert client_of(role).get("/directory/B06").status_code == status


def test_what_was_typed_stays_when_it_is_refused(client_of):
    client = client_of(Role.ADMIN)
    answer = client.post("/directory/B06", data={**FIELDS, "parent_code": "B03", "merged_into": "B00"})
    assert answer.status_code == 409
    assert "请填写有效止" in answer.text
    assert '<option selected value="B00">' in answer.text
    assert client.post("/directory/B06", data={**FIELDS, "short_name": "短"}).status_code == 303
    page = client.get("/directory").text
    assert "修改单位" in page
    assert "短" in page
    assert client.post("/directory/nobody", data=FIELDS).status_code == 404
