"""What a citizen said about one case, and who spoke twice, is on no page and in no answer that the unit concerned gets.

A case is planted whose rating, follow-up, second call and protected report carry marks that stand nowhere else; the
survey role finds each of them, so that the marks can be found.
"""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from imports.options import ImportOptions
from pipeline import importing
from pipeline.demo.people import sign_ins
from pipeline.house import people
from pipeline.integrity import protected, sampling
from pipeline.paper import reporting
from records.access import OPERATOR, Action, Forbidden, Viewer, can
from records.clock import now
from records.engine import Engine
from records.instance import Instance
from records.models import Finding, SampleCase, VerificationSample
from records.queries.cases import RATING_COLUMNS
from records.queries.people import list_people, viewer_for
from records.tables import tables_for_metrics
from records.vocabulary import Kind, Role
from tests.web.api.addresses import roles_of_endpoints
from web.app import create_app

CASE, AGAIN = "MARK-0001", "MARK-0002"
PHONE = "13907553219"
FOLLOWED = "2025-03-19 05:43:00"
SAID, REPORTED, NOTED = "井盖仍然松动并且没有人来过", "评价以后有人上门询问", "家属代为接听说还没修"
HEADER = "工单编号,承办单位,来电时间,首次答复时间,办结时间,工单状态,主要内容,答复内容,来电人电话,满意度,回访时间"
HANDLED = "窨井盖松动,已安排检修"
CASES = f"""{HEADER}
{CASE},{{unit}},2025-03-03 09:00,2025-03-05 10:00,2025-03-06 11:00,已办结,{HANDLED},{PHONE},非常不满意,{FOLLOWED}
{AGAIN},{{unit}},2025-03-20 09:00,2025-03-21 10:00,2025-03-22 11:00,已办结,{HANDLED},{PHONE},不满意,
"""
FOLLOW_UPS = f"""回访编号,原工单编号,承办单位,回访时间,是否回访成功,是否解决,回访意见
MARK-F1,{CASE},{{unit}},{FOLLOWED},是,未解决,{SAID}
"""


@dataclass(frozen=True)
class Planted:
    """The city with the planted case of a unit, its head, and somebody who may read answers."""

    instance: Instance
    app: Flask
    head: Viewer
    caller: Viewer
    finding: int
    page: str
    tokens: tuple[str, ...]

    @property
    def unit(self) -> str:
        return next(iter(self.head.units))

    @property
    def marks(self) -> tuple[str, ...]:
        """What tells a single answer or a person, however it is printed: texts, tokens, and times by the minute."""
        return SAID, REPORTED, NOTED, PHONE, *self.tokens, FOLLOWED[11:16]


def _take_in(instance: Instance, path: Path, text: str, kind: Kind) -> None:
    path.write_text(text, encoding="utf-8")
    answer = importing.check(instance, path, kind=kind, options=ImportOptions(exported_at="2025-04-01 08:00"), by="x")
    assert answer.state == "checked", [problem.message for problem in answer.problems]
    importing.confirm(instance, answer.batch, "x")


@pytest.fixture(scope="module")
def planted(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    folder = tmp_path_factory.mktemp("planted")
    shutil.copytree(demo_folder, folder / "city")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("WENXIAO_DATABASE_URL", raising=False)
        instance = Instance.open(folder / "city")
    head = _viewer(instance, "head1")
    unit = next(iter(head.units))
    _take_in(instance, folder / "cases.csv", CASES.format(unit=unit), Kind.RESPONSES)
    _take_in(instance, folder / "follow-ups.csv", FOLLOW_UPS.format(unit=unit), Kind.FOLLOWUPS)
    people.add_person(instance, sign_in="caller", name="c", role=Role.ASSESSOR, password="correct horse 99",
                      has_survey_role=True, by="test")  # fmt: skip
    caller = _viewer(instance, "caller")
    text = f"SELECT register, person_token FROM cases WHERE case_no = '{CASE}'"
    with instance.session() as session:
        ((register, token),) = Engine(instance).run(text, tables_for_metrics(instance, session))
    protected.record(instance, unit=unit, text=REPORTED, viewer=caller)
    finding, page = _asked_finding(instance, unit, register or ""), f"/records/{register or '-'}/{CASE}"
    yield Planted(instance, create_app(instance, {"TESTING": True}), head, caller, finding, page, (token,))
    instance.close()


def _viewer(instance: Instance, sign_in: str) -> Viewer:
    with instance.session() as session:
        row = next(p for p in list_people(session, viewer=OPERATOR) if p.sign_in == sign_in)
        viewer = viewer_for(session, person_id=row.id)
    assert viewer is not None
    return viewer


def _asked_finding(instance: Instance, unit: str, register: str) -> int:
    """A finding on changed ratings that lists the case and was put to the unit, and a sample that holds the case."""
    document = {
        "count": 12, "n": 40, "value": 0.3, "expected": 0.1, "p_adjusted": 0.001, "strength": 5.0, "family": "ratings",
        "sentence": {"zh": "样例", "en": "example"}, "ordinary": {"zh": [], "en": []},
        "disclaimer": {"zh": "", "en": ""},
        "cases": [[register, CASE], [register, AGAIN]], "evidence": {},
    }  # fmt: skip
    with instance.session() as session:
        session.add(VerificationSample(id=1, period="2025", seed=3, made_by="x", made_at=now(),
                                       document={"claimed": 9, "others": 1}))  # fmt: skip
        session.flush()
        session.add(SampleCase(sample_id=1, place=1, register=register, case_no=CASE, unit_code=unit, note=NOTED,
                               stratum=f"{unit}/resolved", reason="flagged", is_claimed=True, detectors=["D07"],
                               result="no"))  # fmt: skip
        row = Finding(detector="D07", variant="", period="2025", unit_code=unit, document=document, state="asked",
                      is_named=True, is_current=True, made_at=now())  # fmt: skip
        session.add(row)
        session.flush()
        return row.id


def _client(planted: Planted, viewer: Viewer) -> FlaskClient:
    client = planted.app.test_client()
    with client.session_transaction() as cookie:
        cookie["person"] = viewer.id
    return client


def pages_of_all(planted: Planted) -> list[str]:
    """Every page without a number in its address that the matrix opens to the head of a unit."""
    roles = roles_of_endpoints()
    rules = [rule for rule in planted.app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments]
    return [rule.rule for rule in rules if Role.UNIT_HEAD in (roles[rule.endpoint] or ())]


def addresses(planted: Planted) -> list[str]:
    """Where the case, its unit, its finding, its sample or its report could stand."""
    unit, number = planted.unit, planted.finding
    with planted.instance.session() as session:
        register = session.get_one(Finding, number).document["cases"][0][0]
    return [
        f"/api/v1/records?unit={unit}&since=2025-03-01&limit=500",
        f"/api/v1/records/{register or '-'}/{CASE}", "/api/v1/findings?period=2025",
        f"/records?unit={unit}&since=2025-03-01&until=2025-03-31", f"/records?case_no={CASE}", planted.page,
        f"/search?q={CASE}", f"/findings/asked/{number}", f"/findings/{number}", "/samples", "/samples/1",
        "/samples/1/calls", "/samples/1/sheet", "/samples/protected", "/samples/claimed?period=2025", "/audit",
    ]  # fmt: skip


def _found(planted: Planted, viewer: Viewer, more: Iterable[str] = ()) -> dict[str, list[str]]:
    """The marks that stand in what this person gets, by address; with a token for the API."""
    client = _client(planted, viewer)
    token = people.make_token(planted.instance, sign_in=viewer.sign_in, title="test", by="test")
    found, whole = {}, 0
    for address in (*addresses(planted), *more):
        headers = {"Authorization": f"Bearer {token}"} if address.startswith("/api/") else {}
        answer = client.get(address, headers=headers)
        assert answer.status_code < 500, address
        whole += answer.status_code == 200
        marks = [mark for mark in planted.marks if mark in answer.text]
        if answer.is_json:
            marks += [name for name in RATING_COLUMNS if f'"{name}":' in answer.text]
        if marks:
            found[address] = marks
    assert whole >= 1
    return found


def test_no_page_and_no_answer_of_the_api_shows_the_unit_what_a_citizen_said(planted: Planted) -> None:
    assert not can(planted.head, Action.SEE_RATINGS, unit=planted.unit)
    unit = planted.unit
    others = [*pages_of_all(planted), f"/units/{unit}", f"/units/{unit}/statistics", "/surges?period=2025-03",
              f"/metrics?period=2025-03&unit={unit}", f"/numbers?period=2025-03&unit={unit}&metric=S1c"]  # fmt: skip
    assert len(others) > 20
    assert _found(planted, planted.head, others) == {}


def test_the_marks_are_there_for_who_may_read_them(planted: Planted) -> None:
    found = _found(planted, planted.caller)
    seen = {mark for marks in found.values() for mark in marks}
    assert seen >= {REPORTED, NOTED, FOLLOWED[11:16], "rating", "followed_up_at"}
    assert not seen & {PHONE, *planted.tokens}  # a person is shown to nobody


def test_the_page_of_a_case_does_not_lead_to_the_same_persons_other_case(planted: Planted) -> None:
    page = _client(planted, planted.head).get(planted.page)
    assert page.status_code == 200
    assert CASE in page.text
    assert AGAIN not in page.text


def test_the_file_of_cases_of_a_unit_holds_no_answer(planted: Planted, tmp_path: Path) -> None:
    def texts(viewer: Viewer) -> str:
        path = tmp_path / f"{viewer.sign_in}.xlsx"
        reporting.make(planted.instance, 2, kind="cases", format="xlsx", unit=planted.unit, out=path, viewer=viewer)
        with zipfile.ZipFile(path) as book:
            return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())

    own, full = texts(planted.head), texts(planted.caller)
    assert not [mark for mark in planted.marks if mark in own]
    assert "满意" not in own
    assert len(full) > len(own)


def test_a_protected_report_is_read_by_nobody_without_the_survey_role(planted: Planted) -> None:
    """Not on a page and not through the API, for any role."""
    for entry in sign_ins(planted.instance):
        viewer = _viewer(planted.instance, entry.user)
        if can(viewer, Action.SEE_RATINGS):
            assert protected.list_reports(planted.instance, viewer=viewer)[0].text == REPORTED
            continue
        assert not any(REPORTED in marks for marks in _found(planted, viewer).values()), entry.role
        with pytest.raises(Forbidden):
            protected.list_reports(planted.instance, viewer=viewer)
        with pytest.raises(Forbidden):
            sampling.work_list(planted.instance, 1, viewer=viewer)


def test_everything_the_api_can_be_asked_for_names_no_protected_report() -> None:
    from web.api.v1 import OPERATIONS

    assert not [operation.path for operation in OPERATIONS if "protect" in operation.path or "sample" in operation.path]
