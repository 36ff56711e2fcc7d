"""Drafts of schemes in the browser: begin, change, see faults, compare, propose, publish by another person."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from werkzeug.datastructures import MultiDict

from evaluation.rules.catalogue import find
from evaluation.rules.scheme_text import with_entry, without_entry
from evaluation.uncertainty.robustness import OrderChange
from pipeline.house import people
from pipeline.judgement import scheme_drafts, scheme_store, scheme_trials
from pipeline.judgement.scheme_trials import Told
from records.access import OPERATOR
from records.vocabulary import Role
from tests.web.office import PASSWORD, build_office, open_office, sign_in
from web.session import PERSON
from web.shown.draft_words import TABLES

BASE = "integrated_third_party@2025.1"
TRIED = SimpleNamespace(state="done", is_over=True, answer={"assessment": 1, "period": "2024", "warnings": []})
SHIPPED = list((Path(__file__).parents[2] / "evaluation" / "schemes").glob("*.toml"))


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    app = open_office(tmp_path_factory.mktemp("office"), build_office(tmp_path_factory.mktemp("template")))
    instance = app.extensions["wenxiao"]
    second = {"sign_in": "second", "name": "second", "role": Role.ASSESSOR, "password": PASSWORD, "by": "test"}
    people.add_person(instance, **second, unit_code=None)
    yield app
    instance.close()


@pytest.fixture
def writer(office: Flask) -> FlaskClient:
    return sign_in(office, Role.ASSESSOR)


@pytest.fixture
def second(office: Flask) -> FlaskClient:
    client = office.test_client()
    with client.session_transaction() as cookie:
        cookie[PERSON] = f"{len(Role) + 1}.1"
    return client


def begin(client: FlaskClient, version: str) -> str:
    answer = client.post("/drafts", data={"based_on": BASE, "version": version})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def field_of(office: Flask, address: str, code: str, key: str) -> str:
    document = scheme_drafts.get(office.extensions["wenxiao"], int(address.rsplit("/", 1)[1])).document
    place = next(n for n, row in enumerate(document["indicator"]) if row["code"] == code)
    return f"indicator.{place}.{key}"


def test_two_persons_publish_a_version_for_ever(office: Flask, writer: FlaskClient, second: FlaskClient) -> None:
    address = begin(writer, "2026.1")
    weight, zero = (field_of(office, address, code, key) for code, key in (("R1", "weight"), ("R5", "zero")))
    other = field_of(office, address, "R5", "weight")
    saved = writer.post(address, data={"revision": 1, weight: "4", other: "4", zero: "0.75", "cut.0": "92"})
    assert saved.status_code == 303
    changes = writer.get(f"{address}/changes").text
    assert "indicator[R1].weight" in changes
    assert re.search(r"指标 [^<]*[\u4e00-\u9fff][^<]*：权重 <span", changes), "the field in words beside its key"
    assert "indicator[R5].zero" in changes
    assert writer.post(f"{address}/step", data={"to": "publish"}, follow_redirects=True).status_code == 200
    assert writer.post(f"{address}/step", data={"to": "propose"}).status_code == 303
    assert "请由另一人发布" in writer.post(f"{address}/step", data={"to": "publish"}, follow_redirects=True).text
    assert second.post(address, data={"revision": 2, weight: "5"}).status_code == 409
    assert second.post(f"{address}/step", data={"to": "publish"}).headers["Location"].endswith("integrated_third_party")
    found = scheme_store.find_scheme(office.extensions["wenxiao"], "integrated_third_party@2026.1")
    assert (found.indicator("R1").weight, found.indicator("R5").zero, found.grades.cuts[0]) == (4, 0.75, ("A", 92))
    assert writer.get("/schemes/integrated_third_party").text.count("2026.1")
    page = writer.get("/schemes/integrated_third_party/changes").text
    assert "indicator[R5].zero" in page
    assert "0.75" in page
    assert writer.get("/schemes/integrated_third_party?version=2025.1").status_code == 200
    assert writer.get("/schemes/integrated_third_party?version=9").status_code == 404


def test_a_draft_that_was_given_up_is_taken_up_again(office: Flask, writer: FlaskClient) -> None:
    address = begin(writer, "2026.7")
    given_up = writer.post(f"{address}/step", data={"to": "drop"}, follow_redirects=True)
    assert "恢复编写" in given_up.text
    assert "提交发布" not in given_up.text
    taken_up = writer.post(f"{address}/step", data={"to": "give_back"}, follow_redirects=True)
    assert "提交发布" in taken_up.text
    assert scheme_drafts.get(office.extensions["wenxiao"], int(address.rsplit("/", 1)[1])).state == "editing"


def test_weights_that_miss_100_are_shown_and_not_proposed(office: Flask, writer: FlaskClient) -> None:
    address = begin(writer, "2026.2")
    weight = field_of(office, address, "R1", "weight")
    assert writer.post(address, data={"revision": 1, weight: "9"}).status_code == 303
    page = writer.get(address).text
    assert "指标权重合计 106，应为 100" in page
    assert "请先改正" in writer.post(f"{address}/step", data={"to": "propose"}, follow_redirects=True).text
    assert "请先改正" in writer.post(f"{address}/simulate", follow_redirects=True).text


def test_unreadable_number_is_named_and_what_was_typed_stays(office: Flask, writer: FlaskClient) -> None:
    address = begin(writer, "2026.3")
    weight, steps = (field_of(office, address, "R1", key) for key in ("weight", "steps"))
    answer = writer.post(address, data={"revision": 1, weight: "三", steps: "0.6-0"})
    assert answer.status_code == 400
    assert "R1 的数值无法识别" in answer.text
    assert "R1 的分档须写成" in answer.text
    assert 'value="三"' in answer.text


def test_change_over_somebody_elses_change_is_refused(office: Flask, writer: FlaskClient, second: FlaskClient) -> None:
    address = begin(writer, "2026.4")
    weight = field_of(office, address, "R1", "weight")
    assert second.post(address, data={"revision": 1, weight: "4"}).status_code == 303
    answer = writer.post(address, data={"revision": 1, weight: "5"})
    assert answer.status_code == 409
    assert "其他人刚刚改过" in answer.text


def test_broken_text_is_kept_with_its_line(office: Flask, writer: FlaskClient) -> None:
    address = begin(writer, "2026.5")
    answer = writer.post(f"{address}/text", data={"revision": 1, "text": "id = \n"}, follow_redirects=True)
    assert "第 1 行" in answer.text
    assert "id = " in answer.text
    assert "<code>id =</code>" in answer.text, "a line number alone does not say what is wrong"
    assert "<code>id =</code>" in writer.get(address).text
    assert "无法解析" in writer.get(address).text
    assert "无法识别" not in writer.get("/drafts").text
    writer.post(f"{address}/step", data={"to": "drop"})
    assert "锁定" not in writer.get(address).text


def test_version_that_exists_or_is_odd_is_refused(writer: FlaskClient) -> None:
    assert "另起版本号" in writer.post("/drafts", data={"based_on": BASE, "version": "2025.1"}).text
    assert "版本号只能用" in writer.post("/drafts", data={"based_on": BASE, "version": "../x"}).text


def test_name_that_leads_out_of_the_folder_is_a_fault(office: Flask, writer: FlaskClient) -> None:
    address = begin(writer, "2026.6")
    text = find(BASE).text.replace('id = "integrated_third_party"', 'id = "../../evil"')
    page = writer.post(f"{address}/text", data={"revision": 1, "text": text}, follow_redirects=True).text
    assert "id 只能由字母、数字" in page


def test_values_keep_every_other_line() -> None:
    from evaluation.rules.scheme_text import with_values

    text = find(BASE).text
    changed = with_values(text, {("indicator", 2, "full"): 0.4, ("grades", "cuts"): [["A", 95], ["D", 0]]})
    different = [new for old, new in zip(text.splitlines(), changed.splitlines(), strict=True) if old != new]
    assert different == ["full = 0.4", 'cuts = [["A", 95], ["D", 0]]']


def test_reader_of_results_may_not_write_schemes(office: Flask) -> None:
    for role in (Role.UNIT_HEAD, Role.ORG_DEPT, Role.AUDITOR, Role.ADMIN):
        assert sign_in(office, role).get("/drafts").status_code == 403
    assert scheme_drafts.start(office.extensions["wenxiao"], OPERATOR, "bj_three_rates", "2026.1").state == "editing"


def document_of(office: Flask, address: str) -> dict:
    document = scheme_drafts.get(office.extensions["wenxiao"], int(address.rsplit("/", 1)[1])).document
    assert document is not None
    return document


def revision_of(office: Flask, address: str) -> int:
    return scheme_drafts.get(office.extensions["wenxiao"], int(address.rsplit("/", 1)[1])).revision


def test_entries_are_added_changed_and_removed_in_forms(office: Flask, writer: FlaskClient) -> None:
    address = begin(writer, "2031.1")
    before = document_of(office, address)

    def post(table: str, **fields: str) -> int:
        data = {"revision": revision_of(office, address), "place": "", "to": "save"} | fields
        return writer.post(f"{address}/entries/{table}", data=data).status_code

    added = {"code": "S8", "title.zh": "回访覆盖率", "group": "satisfaction", "weight": "5", "method": "goalposts",
             "zero": "0.2", "full": "0.9", "options.basically_satisfied": "0.8"}  # fmt: skip
    assert post("indicator", **added) == 303
    new = document_of(office, address)["indicator"][-1]
    assert (new["code"], new["weight"], new["title"], new["options"]) == (
        "S8", 5, {"zh": "回访覆盖率"}, {"basically_satisfied": 0.8},
    )  # fmt: skip
    assert "权重" in writer.get(f"{address}/entries").text  # the sum is no longer 100, and the page says so

    place = str(len(before["indicator"]))
    assert post("indicator", place=place, **(added | {"weight": "0", "options.basically_satisfied": ""})) == 303
    assert document_of(office, address)["indicator"][-1]["weight"] == 0
    assert "options" not in document_of(office, address)["indicator"][-1]
    assert post("indicator", place=place, to="remove") == 303
    assert document_of(office, address) == before

    blended = {"blend": "reply_quality:0.6 site_visit:0.4", "min_n": "30"}
    q1 = next(n for n, row in enumerate(before["indicator"]) if row["code"] == "Q1")
    form = next(
        form for form in html.fromstring(writer.get(f"{address}/entries").text).forms
        if form.action == f"{address}/entries/indicator" and form.fields["place"] == str(q1)
    )  # fmt: skip
    assert writer.post(form.action, data=dict(form.form_values()) | {"to": "save"} | blended).status_code == 303
    made = document_of(office, address)["indicator"][q1]
    assert (made["blend"], made["min_n"]) == ({"reply_quality": 0.6, "site_visit": 0.4}, 30)
    assert post("indicator", **{**added, "blend": "reply_quality 0.6"}) == 400
    again = html.fromstring(writer.get(f"{address}/entries").text)
    assert [box.value for box in again.xpath("//input[@name='blend']") if box.value] == [blended["blend"]]

    veto = {
        "code": "V9",
        "title.zh": "久拖不复",
        "cap_grade": "C",
        "when.metric": "R7",
        "when.op": ">",
        "when.value": "0",
    }
    assert post("veto", **veto) == 303
    assert document_of(office, address)["veto"][-1]["when"] == {"metric": "R7", "op": ">", "value": 0}
    assert post("veto", place="99", **veto) == 404
    assert post("bonus", **{"code": "B9", "per_item": "much", "cap": "3"}) == 400


def test_rules_and_grades_are_changed_in_a_form(office: Flask, writer: FlaskClient) -> None:
    address = begin(writer, "2031.2")
    page = html.fromstring(writer.get(f"{address}/entries").text)
    form = next(form for form in page.forms if form.action == f"{address}/rules")
    before, typed = document_of(office, address), form.form_values()
    assert writer.post(f"{address}/rules", data=MultiDict(typed)).status_code == 303
    assert document_of(office, address) == before  # a form that nobody touched changes nothing

    fields = MultiDict(typed)
    fields["revision"] = str(revision_of(office, address))
    fields["peer_groups"], fields["aggregate.bonus_cap"], fields["uncertainty.draws"] = "bureau\ntown", "3", "1000"
    fields.setlist("grade.quota", ["0.2", *fields.getlist("grade.quota")[1:]])
    assert writer.post(f"{address}/rules", data=fields).status_code == 303
    after = document_of(office, address)
    assert (after["peer_groups"], after["aggregate"]["bonus_cap"], after["uncertainty"]["draws"]) == (
        ["bureau", "town"], 3, 1000,
    )  # fmt: skip
    assert after["grades"]["quota"] == {"A": 0.2}
    assert after["indicator"] == before["indicator"]


@pytest.mark.parametrize("name", sorted(path.name for path in SHIPPED))
def test_every_entry_of_every_scheme_survives_its_removal_and_return(name: str) -> None:
    text = next(path for path in SHIPPED if path.name == name).read_text("utf-8")
    document = tomllib.loads(text)
    for table in TABLES:
        rows = document.get(table, [])
        for place, row in enumerate(rows):
            rest = without_entry(text, table, place)
            others = {key: value for key, value in document.items() if key != table}
            left = {table: [*rows[:place], *rows[place + 1 :]]} if len(rows) > 1 else {}
            assert tomllib.loads(rest) == others | left
            assert sorted(tomllib.loads(with_entry(rest, table, row))[table], key=str) == sorted(rows, key=str)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([(80.0, 78.0), (70.0, 70.0), (None, None)], "可列出两个得分的 2 家中，1 家得分有变化"),
        ([(None, None)], "没有单位可列出两个得分，看不出变化。"),
    ],
)
def test_a_trial_counts_changes_among_the_units_whose_scores_are_told(
    writer: FlaskClient, monkeypatch: pytest.MonkeyPatch, scores: list, expected: str
) -> None:
    monkeypatch.setattr(scheme_trials, "newest", lambda *_: TRIED)
    told = [
        {"unit": f"u{place}", "name": "", "score_before": before, "score": after, "is_hidden": before is None,
         "change": after - before if before else None, "grades_before": [], "grades": []}
        for place, (before, after) in enumerate(scores)
    ]  # fmt: skip
    monkeypatch.setattr(scheme_trials, "told", lambda *_: Told(told, OrderChange(2, (0.5, 0.75), None), 20))
    page = writer.get(f"{begin(writer, f'2027.{len(scores)}')}/simulate").text
    assert expected in page
    assert "平均变动 0.50—0.75 位，次序一致度（Kendall 系数）—" in page
    assert "0 家得分有变化" not in page
