"""Ratings by a form: the draw, blindness, the third rater, agreement, the points of a unit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from evaluation.rubric import forms, weighted_kappa
from pipeline.house import people
from pipeline.judgement import rubrics
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
        return [(item.case_no, *item.raters) for item in rubrics._items(session, number)]


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
    assert rubrics.points_of_round(instance, number, viewer=viewer_of(one)) == []
    assert rubrics.enter(instance, number, 1, marks(3), viewer=viewer_of(third)).points == 75
    (found,) = rubrics.points_of_round(instance, number, viewer=viewer_of(one))
    assert (found.n_scored, found.sum_points, found.period) == (1, 75, "2024")
    assert found in rubrics.unit_points(instance)
    assert rubrics.agreement(instance, number, viewer=viewer_of(one))["relevance"].pairs == 1


def test_marks_out_of_range_are_refused(office: Flask) -> None:
    instance, number = office.extensions["wenxiao"], draw(office, seed=4, per_unit=1)
    _, one, _ = drawn(office, number)[0]
    with pytest.raises(ValueError, match="from 0 to 4"):
        rubrics.enter(instance, number, 1, marks(5), viewer=viewer_of(one))


def third_person(app: Flask) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie[PERSON] = f"{len(Role) + 1}.1"
    return client


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
