"""What a new office sees on its start page until its first assessment stands."""

from __future__ import annotations

import re

import pytest

from pipeline.house.first_steps import first_steps
from pipeline.numbers.counting import calendar_of
from records.access import OPERATOR
from records.clock import now
from records.instance import Instance
from records.models import Assessment, Batch, Person, SchemeDraft, Unit
from records.vocabulary import Role
from tests.web.office import instance_of, sign_in

KEYS = ["units", "people", "calendar", "upload", "scheme", "assessment"]
ROWS = {
    "units": lambda: Unit(code="x", name="某局"),
    "people": lambda: Person(sign_in="a", name="a", role="assessor", password_hash="x", made_at=now()),
    "upload": lambda: Batch(
        kind="responses", state="accepted", file_name="a.csv", part_path="a", part_sha256="0" * 64, made_by="a",
        made_at=now(),
    ),
    "scheme": lambda: SchemeDraft(based_on="a@1", text="", edited_by="a", edited_at=now()),
}  # fmt: skip
NOT_YET = {
    "people": lambda: Person(sign_in="b", name="b", role="assessor", password_hash="x", is_active=False, made_at=now()),
    "upload": lambda: Batch(kind="responses", state="withdrawn", file_name="a.csv", made_by="a", made_at=now()),
    "scheme": lambda: SchemeDraft(based_on="a@1", text="", state="dropped", edited_by="a", edited_at=now()),
}


def done(instance: Instance) -> list[str]:
    return [step.key for step in first_steps(instance, OPERATOR) if step.is_done]


def test_an_empty_instance_has_all_steps_before_it(tmp_path):
    instance = Instance.open(tmp_path / "new")
    assert [step.key for step in first_steps(instance, OPERATOR)] == KEYS
    assert [key for key in done(instance) if key != "calendar"] == []
    instance.close()


@pytest.mark.parametrize("key", ROWS)
def test_a_step_is_done_when_the_catalogue_says_so_and_only_that_one(tmp_path, key):
    instance = Instance.open(tmp_path / "new")
    before = done(instance)
    with instance.session() as session:
        session.add_all(make() for name, make in NOT_YET.items() if name == key)
    assert done(instance) == before
    with instance.session() as session:
        session.add(ROWS[key]())
    assert set(done(instance)) - set(before) == {key}
    instance.close()


def test_a_calendar_without_this_year_waits(tmp_path, monkeypatch):
    instance = Instance.open(tmp_path / "new")
    last = max(calendar_of(instance).years or ())
    for year, is_done in ((last, True), (last + 1, False)):
        monkeypatch.setattr("records.instance.now", lambda year=year: now().replace(year=year, day=1))
        assert ("calendar" in done(instance)) == is_done
    instance.close()


def test_each_role_is_led_to_what_it_may_do(office):
    assessor, admin = (sign_in(office, role).get("/").text for role in (Role.ASSESSOR, Role.ADMIN))
    for page in (assessor, admin):
        steps = re.findall(r"<li.*?</li>", page[page.index("first-steps") : page.index("</ol>")], re.DOTALL)
        assert [">✓<" in step for step in steps][:2] == [True, True]
        assert "aria-current" in "".join(steps)
    assert 'href="/assessments"' in assessor
    assert "评估人员办理" in admin
    assert 'href="/people"' not in assessor[: assessor.index("</ol>")]
    for role in (Role.UNIT_HEAD, Role.ORG_DEPT, Role.AUDITOR):
        assert "first-steps" not in sign_in(office, role).get("/").text


def test_the_first_assessment_ends_them(office):
    client = sign_in(office, Role.ASSESSOR)
    assert "first-steps" in client.get("/").text
    with instance_of(office).session() as session:
        session.add(
            Assessment(
                scheme_id="a", scheme_version="1", scheme_sha256="0" * 64, period="2025", state="draft", seed=1,
                draws=1, result={}, result_sha256="0" * 64, made_by="a", made_at=now(),
            )
        )  # fmt: skip
    assert first_steps(instance_of(office), OPERATOR) == ()


def test_the_directory_is_chosen_as_the_kind_of_the_file(office):
    page = sign_in(office, Role.ASSESSOR).get("/uploads?kind=units").text
    assert re.search(r'<option selected value="units"', page)
    assert sign_in(office, Role.ASSESSOR).get("/uploads?kind=<b>").status_code == 200


def test_an_administrator_who_is_refused_is_not_sent_to_the_administrator(office):
    page = sign_in(office, Role.ADMIN).get("/ranking")
    assert page.status_code == 403
    assert "可以打开的角色：" in page.text
    assert "评估人员" in page.text
    assert "联系管理员" not in page.text
    assert "请联系管理员" in sign_in(office, Role.UNIT_HEAD).get("/ranking").text
    other = sign_in(office, Role.ASSESSOR).get("/assessments/99")
    assert (other.status_code, "可以打开的角色" in other.text) == (404, False)
