"""Ratings by a form: the draw, blindness, the third rater, agreement, the points of a unit."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import numpy as np
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from evaluation.rules.rubric import forms, intraclass, weighted_kappa
from pipeline.commands import main
from pipeline.house import people
from pipeline.judgement import assessing, rubric_results, rubrics
from records.access import Viewer
from records.vocabulary import Role
from tests.web.office import PASSWORD, build_office, confirmed, open_office, orders, sign_in
from web.session import PERSON

CODES = [criterion.code for criterion in forms()["reply_quality"].criteria]
NAMES = ("assessor", "second", "third")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Three assessors and twenty replied orders of two units whose replies name the unit."""
    app = open_office(tmp_path_factory.mktemp("office"), build_office(tmp_path_factory.mktemp("template")))
    instance = app.extensions["wenxiao"]
    for name in NAMES[1:]:
        account = {"sign_in": name, "name": name, "role": Role.ASSESSOR, "password": PASSWORD, "by": "test"}
        people.add_person(instance, **account, unit_code=None)
    head, *rows = orders(20).splitlines()
    lines = [head + ",答复时间,答复内容"]
    for row in rows:
        cells = row.split(",")
        lines.append(f"{row},{cells[3]},{cells[1]}答复：已派人到现场处理完毕，请您放心，如有问题请再联系。")
    confirmed(sign_in(app, Role.ASSESSOR), "\n".join(lines) + "\n")
    yield app
    instance.close()


def viewer_of(name: str) -> Viewer:
    return Viewer(50 + NAMES.index(name), name, Role.ASSESSOR, sign_in=name)


def draw(app: Flask, seed: int = 7, per_unit: int = 3) -> int:
    wanted = {"form_id": "reply_quality", "period": "2024", "per_unit": per_unit, "seed": seed}
    return rubrics.draw(app.extensions["wenxiao"], viewer_of("assessor"), **wanted)


def drawn(app: Flask, number: int) -> list[tuple[str, str]]:
    with app.extensions["wenxiao"].session() as session:
        return [(item.case_no, *item.raters) for item in rubrics.items_of(session, number)]


def marks(level: int) -> dict[str, int]:
    return dict.fromkeys(CODES, level)


def test_same_seed_draws_the_same_items_for_two_raters_each(office: Flask) -> None:
    first, second, other = (drawn(office, draw(office, seed)) for seed in (7, 7, 8))
    assert first == second
    assert first != other
    assert len(first) == 6
    assert all(one != two for _, one, two in first)


def test_rater_sees_neither_unit_nor_number_nor_other_marks(office: Flask) -> None:
    instance, number = office.extensions["wenxiao"], draw(office)
    place = rubrics.work_list(instance, number, viewer=viewer_of("assessor"))[0]
    page = sign_in(office, Role.ASSESSOR).get(f"/rubrics/{number}/{place}").text
    assert "本单位答复：已派人到现场处理完毕" in page
    assert "市教育局" not in page
    assert "HC0" not in page


def test_far_marks_go_to_a_third_and_the_middle_holds(office: Flask) -> None:
    instance, number = office.extensions["wenxiao"], draw(office, seed=3, per_unit=1)
    _, one, two = drawn(office, number)[0]
    (third,) = set(NAMES) - {one, two}
    assert 1 not in rubrics.work_list(instance, number, viewer=viewer_of(third))
    assert rubrics.enter(instance, number, 1, marks(1), viewer=viewer_of(one)).state == "waiting"
    with pytest.raises(rubrics.RubricRefused, match="not_yours"):
        rubrics.enter(instance, number, 1, marks(1), viewer=viewer_of(one))
    assert rubrics.enter(instance, number, 1, marks(4), viewer=viewer_of(two)).state == "third"
    assert rubric_results.points_of_round(instance, number, viewer=viewer_of(one)) == []
    assert rubrics.enter(instance, number, 1, marks(3), viewer=viewer_of(third)).points == 75
    (found,) = rubric_results.points_of_round(instance, number, viewer=viewer_of(one))
    assert (found.n_scored, found.sum_points, found.period) == (1, 75, "2024")
    assert rubric_results.agreement(instance, number, viewer=viewer_of(one)).by_criterion["relevance"].pairs == 1


def test_marks_out_of_range_are_refused(office: Flask) -> None:
    instance, number = office.extensions["wenxiao"], draw(office, seed=4, per_unit=1)
    _, one, _ = drawn(office, number)[0]
    with pytest.raises(ValueError, match="from 0 to 4"):
        rubrics.enter(instance, number, 1, marks(5), viewer=viewer_of(one))


def test_pages_draw_rate_and_show_points(office: Flask) -> None:
    client = sign_in(office, Role.ASSESSOR)
    wanted = {"rubric": "reply_quality", "period": "2024", "per_unit": "2", "seed": "1"}
    assert client.post("/rubrics", data={**wanted, "period": "?"}).status_code == 400
    assert "没有可抽取的答复" in client.post("/rubrics", data={**wanted, "period": "2019"}).text
    address = client.post("/rubrics", data=wanted).headers["Location"]
    number = int(address.rsplit("/", 1)[1])
    place = rubrics.work_list(office.extensions["wenxiao"], number, viewer=viewer_of("assessor"))[0]
    assert client.post(f"{address}/{place}", data={"relevance": "3"}).status_code == 400
    assert client.post(f"{address}/{place}", data={code: "3" for code in CODES}).status_code == 303
    page = client.get(address).text
    assert "两人一致程度" in page
    assert client.get(f"{address}/999").status_code == 404
    assert client.get("/rubrics").status_code == 200
    assert sign_in(office, Role.UNIT_HEAD).get("/rubrics").status_code == 403


def test_weighted_kappa_by_hand() -> None:
    # 2 x 2 with 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: observed .70, expected .50
    first, second = [1] * 25 + [0] * 25, [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
    assert weighted_kappa(first, second, 2).kappa == pytest.approx(0.40)
    assert weighted_kappa([1, 1], [1, 1], 3).kappa is None


JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


LIBRARY = [  # cohens_kappa(wt="quadratic") of statsmodels 0.15.0, and the same of scikit-learn 1.9.1
    (3, "112200220021", "021200111121", 0.5333333333333333),
    (
        4,
        "310113101232303021021210212231",
        "211223100122303132112300223130",
        0.7082906857727738,
    ),
    (
        5,
        "400104420012321033002142223203343113334140044101043212032013",
        "400004431012211124002242132313442212344140033210042112031022",
        0.8784576697401508,
    ),
]


@pytest.mark.parametrize(("levels", "first", "second", "kappa"), LIBRARY)
def test_weighted_kappa_equals_two_libraries(levels: int, first: str, second: str, kappa: float) -> None:
    marks = [[int(mark) for mark in side] for side in (first, second)]
    assert weighted_kappa(*marks, levels).kappa == pytest.approx(kappa, abs=1e-12)


def test_intraclass_correlation_of_the_published_example() -> None:
    """Shrout and Fleiss 1979, table 2: ICC(1,1) = .17; the interval is that of the R package psych."""
    found = intraclass(JUDGES)
    assert (found.icc, found.low, found.high) == pytest.approx((0.1657, -0.1329, 0.7226), abs=1e-4)


def test_intraclass_correlation_against_mean_squares() -> None:
    table = np.random.default_rng(4).normal(size=(30, 2)) + np.random.default_rng(5).normal(size=(30, 1))
    between = 2 * table.mean(axis=1).var(ddof=1)
    within = table.var(axis=1, ddof=1).mean()
    assert intraclass(table.tolist()).icc == pytest.approx((between - within) / (between + within))


@pytest.mark.parametrize(
    ("given", "icc"), [([], None), ([[3, 4]], None), ([[5, 5], [5, 5]], None), ([[1, 1], [4, 4]], 1)]
)
def test_intraclass_correlation_at_its_edges(given: list, icc: float | None) -> None:
    assert intraclass(given).icc == icc


def client_of(app: Flask, name: str) -> FlaskClient:
    if name == NAMES[0]:
        return sign_in(app, Role.ASSESSOR)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie[PERSON] = f"{len(Role) + NAMES.index(name)}.1"
    return client


def test_two_raters_disagree_and_a_third_decides_on_the_pages(office: Flask) -> None:
    number = draw(office, seed=11, per_unit=1)
    _, one, two = drawn(office, number)[0]
    (third,) = set(NAMES) - {one, two}
    address = f"/rubrics/{number}/1"
    pages = {name: client_of(office, name) for name in NAMES}
    assert "这一件不由您评分" in pages[third].get(address, follow_redirects=True).text
    for name, mark in ((one, "0"), (two, "4")):
        page = pages[name].get(address).text
        assert "市教育局" not in page
        assert pages[name].post(address, data=dict.fromkeys(CODES, mark)).status_code == 303
        assert "这一件不由您评分" in pages[name].get(address, follow_redirects=True).text
    assert "两人相差过大的件" in pages[one].get(f"/rubrics/{number}").text
    page = pages[third].get(address)
    assert page.status_code == 200
    assert "checked" not in page.text.partition("<form")[2].partition("</form>")[0], "nobody sees the marks before"
    pages[third].post(address, data=dict.fromkeys(CODES, "3"))
    shown = pages[third].get(f"/rubrics/{number}").text
    assert "各单位得分" in shown
    assert "两人相差过大的件" not in shown
    assert "75.0" in shown


BLENDED = """id = "blended"
version = "1"
title = { zh = "质量", en = "Quality" }
[small_n]
suppress = 0
rank = 0
[[indicator]]
code = "Q1"
weight = 100
method = "goalposts"
zero = 0
full = 100
blend = { reply_quality = 0.75, site_visit = 0.25 }
[grades]
cuts = [["A", 90], ["D", 0]]
"""


def rated(app: Flask, form: str, seed: int, level: int) -> None:
    """A round of one item a unit, in which both raters give every criterion the same mark."""
    instance = app.extensions["wenxiao"]
    wanted = {"form_id": form, "period": "2024", "per_unit": 1, "seed": seed}
    number = rubrics.draw(instance, viewer_of("assessor"), **wanted)
    codes = [criterion.code for criterion in forms()[form].criteria]
    for place, (_, *raters) in enumerate(drawn(app, number), start=1):
        for name in raters:
            rubrics.enter(instance, number, place, dict.fromkeys(codes, level), viewer=viewer_of(name))


def test_forms_blended_by_weight_enter_the_score_and_are_traced(office: Flask) -> None:
    instance = office.extensions["wenxiao"]
    (instance.folder / "schemes").mkdir(mode=0o700, exist_ok=True)
    (instance.folder / "schemes" / "blended@1.toml").write_text(BLENDED, "utf-8")
    rated(office, "reply_quality", 21, 4)
    before = assessing.make_draft(instance, scheme_id="blended", period="2024", draws=200)
    rated(office, "site_visit", 22, 2)
    after = assessing.make_draft(instance, scheme_id="blended", period="2024", draws=200)
    pairs = [pair for pair in zip(before.result.units, after.result.units, strict=True) if pair[0].score is not None]
    assert len(pairs) == 2
    for old, new in pairs:
        assert new.score == pytest.approx(0.75 * old.score + 0.25 * 50)
        parts = {part["form"]: part for part in new.indicators[0].parts}
        assert parts["reply_quality"]["points"] == pytest.approx(old.score)
        assert (parts["site_visit"]["points"], parts["site_visit"]["n"]) == (50.0, 1)
        assert [part["points"] for part in old.indicators[0].parts] == [pytest.approx(old.score), None]
    page = sign_in(office, Role.ASSESSOR).get(f"/assessments/{after.number}/u1").text
    found = re.findall(r"现场走访 (\S+?)：([\d.]+)（1 件）", page)
    assert found == [("25.0%", "50.00")]
    assert assessing.recompute(instance, after.number) == []


def test_rounds_from_the_command_line(office: Flask) -> None:
    folder = str(office.extensions["wenxiao"].folder)

    def run(*words: str) -> tuple[int, dict]:
        found = CliRunner().invoke(main, ["--instance", folder, "rubrics", *words, "--json"])
        return found.exit_code, json.loads(found.stdout) if found.exit_code == 0 else {}

    wanted = ("draw", "--form", "reply_quality", "--period", "2024", "--per-unit", "1", "--seed", "9")
    code, made = run(*wanted)
    assert (code, made["items"], made["settled"]) == (0, 2, 0)
    number = str(made["round"])
    code, waiting = run("waiting", number, "--rater", "assessor")
    item = waiting["items"][0]
    assert item["unit"] is None
    marks = [word for code in CODES for word in ("--mark", f"{code}=3")]
    code, settled = run("enter", number, str(item["place"]), "--rater", "assessor", *marks)
    assert (code, settled["state"]) == (0, "waiting")
    assert run("enter", number, str(item["place"]), "--rater", "assessor", *marks)[0] == 1
    assert run("enter", number, str(item["place"]), "--rater", "nobody", *marks)[0] == 1
    code, shown = run("show", number)
    assert (code, shown["icc"]["icc"], len(shown["kappa"])) == (0, None, len(CODES))
    assert {row["criterion"] for row in run("forms")[1]["forms"]} >= set(CODES)
    assert run("draw", "--form", "x", "--period", "2024", "--seed", "1")[0] == 1
