"""The inbox page: own messages only, standing orders kept and ended, refusals in one sentence."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from pipeline.paper import inbox, standing_orders
from records.access import OPERATOR, Viewer
from records.instance import Instance
from records.queries import assessments
from records.queries.people import one_person, viewer_for
from records.vocabulary import Role

ClientOf = Callable[[Role | None], FlaskClient]
ORDER = {"rhythm": "monthly", "kind": "notice", "format": "pdf", "scheme": "s", "unit": "", "mail_to": ""}


class Row:
    """An assessment as the lists show it."""

    number, scheme_id, scheme_version, period, state, replaced_by = 1, "s", "1", "2024", "final", None


@pytest.fixture(autouse=True)
def one_assessment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assessments, "list_assessments", lambda session, viewer, **_: [Row()])


def viewer_of(instance: Instance, role: Role) -> Viewer:
    with instance.session() as session:
        found = viewer_for(session, person_id=one_person(session, viewer=OPERATOR, sign_in=role.value).id)
    assert found is not None
    return found


def test_a_message_is_shown_to_its_person_alone_and_marked_read(instance: Instance, client_of: ClientOf):
    ann = viewer_of(instance, Role.ASSESSOR)
    told = {"number": 4, "report": "notice", "unit": None, "of": "2024-03", "mail": "failed: 550 <no>"}
    inbox.put(instance, ann.person, inbox.READY, told, "job-of-somebody")
    page = client_of(Role.ASSESSOR).get("/inbox").text
    assert "评价 4 月度通报 2024-03" in page
    assert "邮件没有发出：550 &lt;no&gt;" in page
    assert "未读" in page
    assert "2024-03" not in client_of(Role.AUDITOR).get("/inbox").text
    assert client_of(Role.ASSESSOR).post("/inbox/read").status_code == 303
    assert "未读" not in client_of(Role.ASSESSOR).get("/inbox").text


def test_an_order_is_kept_and_ended_by_its_person_alone(instance: Instance, client_of: ClientOf):
    client, ann = client_of(Role.ASSESSOR), viewer_of(instance, Role.ASSESSOR)
    assert client.post("/inbox/orders", data=ORDER).status_code == 303
    kept = standing_orders.list_own(instance, ann)
    assert [(order.wanted.rhythm, order.wanted.kind) for order in kept] == [("monthly", "notice")]
    assert "每月" in client.get("/inbox").text
    address = f"/inbox/orders/{kept[0].id}/end"
    assert client_of(Role.AUDITOR).post(address).status_code == 404
    assert client.post(address).status_code == 303
    assert standing_orders.list_own(instance, ann) == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"kind": "annual"}, "不按所选的周期制作"),
        ({"format": "xlsx"}, "没有所选的格式"),
        ({"mail_to": "nobody"}, "请填写一个邮箱地址"),
        ({"mail_to": "a@b.cn"}, "没有设置邮件服务器"),
    ],
)
def test_an_order_that_cannot_be_kept_says_why(client_of: ClientOf, change: dict[str, str], sentence: str):
    answer = client_of(Role.ASSESSOR).post("/inbox/orders", data={**ORDER, **change})
    assert answer.status_code == 400
    assert sentence in answer.text


def test_a_unit_head_may_not_order_other_units(client_of: ClientOf):
    wanted = {**ORDER, "kind": "scorecard", "unit": "B01"}
    assert client_of(Role.UNIT_HEAD).post("/inbox/orders", data=wanted).status_code in (400, 403)


def test_an_admin_reads_the_inbox_without_orders(client_of: ClientOf):
    client = client_of(Role.ADMIN)
    assert "增加一项" not in client.get("/inbox").text
    assert client.post("/inbox/orders", data=ORDER).status_code == 403
