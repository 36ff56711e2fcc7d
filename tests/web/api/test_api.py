"""The API does what the pages do: files in, numbers and judgement out, and says in JSON what it will not do."""

from __future__ import annotations

import io
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from pipeline.house import people
from pipeline.judgement import rectification
from pipeline.numbers.plain import plain
from records.access import OPERATOR
from records.instance import Instance
from records.queries import batches
from records.queries.improvement import list_tasks
from records.vocabulary import Role
from tests.web.office import orders
from web.app import create_app
from web.limits import TABLE, RateLimit


def send(program, text: str, **fields):
    data = {"file": (io.BytesIO(text.encode()), "工单.csv"), "kind": "responses", "create_units": "true", **fields}
    return program.post("/uploads", data=data, content_type="multipart/form-data")


def test_upload_poll_confirm_withdraw_restore(programs, city):
    program = programs["assessor"]
    sent = send(program, orders(8, month="2023-01"))
    assert sent.status_code == 202, sent.text
    upload = program.get(f"/uploads/{sent.json['id']}").json
    assert (upload["state"], upload["answer"]["rows"]["accepted"]) == ("checked", 8)
    assert "13800138" not in str(upload)
    done = program.post(f"/uploads/{upload['id']}/confirm")
    assert (done.status_code, done.json["state"]) == (200, "accepted")
    number = done.json["batch"]
    assert program.get(f"/batches/{number}").json["made_by"] == "assessor"
    assert program.post(f"/uploads/{upload['id']}/confirm").status_code == 404
    out = program.post(f"/batches/{number}/withdraw", json={"why": "wrong month"})
    assert (out.status_code, out.json["state"]) == (200, "withdrawn")
    again = program.post(f"/batches/{number}/withdraw", json={"why": "wrong month"})
    assert (again.status_code, again.json["code"]) == (409, "conflict")
    assert program.post(f"/batches/{number}/restore").json["state"] == "accepted"
    program.post(f"/batches/{number}/withdraw", json={"why": "the city as it was"})


def test_cancelled_upload_is_gone(programs):
    program = programs["assessor"]
    upload = send(program, orders(4, month="2022-02")).json["id"]
    assert program.delete(f"/uploads/{upload}").json == {"cancelled": upload}
    assert program.get(f"/uploads/{upload}").status_code == 404


def test_refused_file_says_why_and_cannot_be_confirmed(programs):
    program = programs["assessor"]
    upload = send(program, "a,b\n1,2\n").json
    assert upload["state"] == "refused"
    assert upload["answer"]["problems"]
    answer = program.post(f"/uploads/{upload['id']}/confirm")
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")


def test_metrics_equal_the_command(programs, city):
    from pipeline.numbers.counting import metric_values

    answer = programs["auditor"].get("/metrics?period=2024&metric=R5&metric=n_received&by=total")
    assert answer.status_code == 200
    expected = metric_values(city, period="2024", codes=["R5", "n_received"], by=("total",)).to_json()["rows"]
    assert answer.json["rows"] == expected


@pytest.mark.parametrize("asked", ["period=2024-03&start_day=19", "period=2024-03%4019"])
def test_metrics_of_a_month_that_begins_on_the_nineteenth(programs, city, asked):
    from pipeline.numbers.counting import metric_values

    answer = programs["auditor"].get(f"/metrics?{asked}&metric=n_received&metric=R5&by=peer_group,category")
    assert answer.status_code == 200
    days = metric_values(city, period="2024-02-19..2024-03-18", codes=["n_received", "R5"],
                         by=("peer_group", "category")).to_json()["rows"]  # fmt: skip
    assert [{**row, "period": ""} for row in answer.json["rows"]] == [{**row, "period": ""} for row in days]
    assert sum(row["value"] or 0 for row in days if row["metric"] == "n_received") > 0


def test_assessment_and_scorecard(programs, states):
    program, number = programs["assessor"], states["published"]
    result = program.get(f"/assessments/{number}").json
    assert result["state"] == "published"
    unit = next(unit for unit in result["result"]["units"] if unit["score"] is not None)
    card = program.get(f"/assessments/{number}/units/{unit['unit']}").json
    assert (card["score"], card["number"]) == (unit["score"], number)
    assert program.get(f"/assessments/{number}/units/none").status_code == 404
    assert program.get("/assessments/9999").status_code == 404


def test_advance_and_draft_in_the_name_of_the_person(programs, city, states):
    from pipeline.house import jobs
    from pipeline.house.jobs import Directly
    from pipeline.judgement import assessing

    program = programs["assessor"]
    wrong = program.post(f"/assessments/{states['draft']}/advance", json={"to": "published"})
    assert (wrong.status_code, wrong.json["code"]) == (409, "conflict")
    asked = program.post("/assessments", json={"scheme": "bj_three_rates", "period": "2025Q2", "draws": 100})
    assert (asked.status_code, asked.json["progress"]["state"]) == (202, "queued")
    assert program.get(f"/jobs/{asked.json['job']}").json["progress"]["kind"] == "assess"
    assert programs["auditor"].get(f"/jobs/{asked.json['job']}").status_code == 404
    jobs.cancel(city, asked.json["job"])
    steps = Directly()
    wanted = {"scheme_id": "bj_three_rates", "period": "2025Q2", "draws": 100, "person": "assessor"}
    first, second = (assessing.assess_job(city, steps, **wanted) for _ in range(2))
    assert first == second
    assert assessing.get(city, first["assessment"]).made_by == "assessor"


def test_records_are_masked_and_hold_what_the_role_may_see(programs):
    assessor, head = programs["assessor"], programs["head1"]
    page = assessor.get("/records?limit=3").json
    assert len(page["rows"]) == 3
    assert "title" in page["rows"][0]
    own = head.get("/records?limit=100").json
    assert {row["unit"] for row in own["rows"]} == {head.unit}
    assert not {"title", "content", "rating"} & set(own["rows"][0])
    row = page["rows"][0]
    parcel = assessor.get(f"/records/{row['register']}/{row['case_no']}").json
    assert parcel["case"]["case_no"] == row["case_no"]
    assert "person_token" not in parcel["case"]


def test_report_is_ordered_and_only_its_owner_sees_it(programs, states):
    body = {"assessment": states["published"], "kind": "workbook", "format": "xlsx"}
    asked = programs["assessor"].post("/reports", json=body)
    assert asked.status_code == 202
    job = asked.json["job"]
    assert programs["assessor"].get(f"/reports/{job}").json["state"] == "queued"
    assert programs["assessor"].get(f"/reports/{job}/file").status_code == 409
    assert programs["auditor"].get(f"/reports/{job}").status_code == 404
    assert programs["assessor"].post("/reports", json={**body, "format": "pdf"}).status_code == 400


def test_findings_units_schemes_me(programs):
    assessor = programs["assessor"]
    assert assessor.get("/findings?period=2024").json["findings"] == []
    assert len(assessor.get("/units").json["units"]) >= 12
    surges = assessor.get("/surges").json
    assert {"first", "last", "notices"} == set(surges)
    assert assessor.get("/surges?period=2024-13").status_code == 400
    assert {"bj_three_rates", "city_records"} <= {scheme["id"] for scheme in assessor.get("/schemes").json["schemes"]}
    assert assessor.get("/me").json == {"sign_in": "assessor", "role": "assessor", "units": []}


def test_what_follows_from_a_result_is_told_as_the_commands_tell_it(programs, city):
    assessor, head = programs["assessor"], programs["head1"]
    tasks = assessor.get("/rectification").json["tasks"]
    with city.session() as session:
        rows = list_tasks(session, viewer=OPERATOR)
    assert tasks == [plain(task) for task in rectification.told(city, OPERATOR, rows)]
    assert tasks
    state = tasks[0]["state"]
    assert {row["state"] for row in assessor.get(f"/rectification?state={state}").json["tasks"]} == {state}
    assert assessor.get(f"/rectification/{tasks[0]['id']}").json == tasks[0]
    assert {row["unit_code"] for row in head.get("/rectification").json["tasks"]} <= {head.unit}
    for row in assessor.get("/bonuses").json["bonuses"]:
        assert assessor.get(f"/bonuses/{row['id']}").json == row


def test_programs_of_the_organization_department_read_teams_years_and_posts(programs):
    org = programs["orgdept"]
    teams = org.get("/leadership?share=30").json
    assert teams["share"] == 0.3
    card = org.get(f"/assessments/{teams['assessment']}").json["result"]["units"]
    assert {team["code"] for group in teams["groups"] for team in group["teams"]} == {unit["unit"] for unit in card}
    assert {group["ceiling"]["allowed"] for group in teams["groups"] if group["ceiling"]}
    assert teams["assessment"] in {one["assessment"] for one in org.get("/leadership/years").json["periods"]}
    posts = org.get("/leadership/posts").json["posts"]
    assert posts
    assert all(set(post["months"]).isdisjoint(post["cut"]) for post in posts)
    assert org.get("/leadership?share=0").status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("get", "/metrics", None, 400), ("get", "/metrics?period=2024-13", None, 400),
        ("get", "/metrics?period=2024&metric=nonsense", None, 400),
        ("get", "/metrics?period=2024&by=person", None, 400),
        ("get", "/metrics?period=2024&standard=../../no-such-canary", None, 400),
        ("get", "/records?limit=0", None, 400), ("get", "/records?limit=x", None, 400),
        ("get", "/records?since=2024-02-30", None, 400), ("get", "/uploads/../../keys.json", None, 404),
        ("get", "/batches/0", None, 404), ("get", "/batches/999999", None, 404), ("get", "/nowhere", None, 404),
        ("post", "/assessments", {"scheme": "/no-such-canary", "period": "2024"}, 400),
        ("post", "/assessments", {"scheme": "none", "period": "2024"}, 404),
        ("post", "/assessments", {"scheme": "bj_three_rates", "period": "2024", "state": "published"}, 400),
        ("post", "/assessments/1/advance", {"to": "final", "by": "somebody"}, 400),
        ("post", "/assessments", [], 400), ("post", "/me", {}, 405),
    ],
)  # fmt: skip
def test_wrong_requests_are_told_in_json(programs, method, path, body, status):
    answer = getattr(programs["assessor"], method)(path, **({"json": body} if method == "post" else {}))
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status


def test_path_of_the_errors_file_is_never_the_callers_choice(programs, tmp_path):
    answer = send(programs["assessor"], orders(3, month="2021-01"), errors=str(tmp_path / "x.xlsx"))
    assert answer.status_code == 400
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer wx_", "Bearer wx_forged", "Basic YTpi", "wx_x"])
def test_without_a_good_token_nothing_is_answered(api_app, header):
    client = api_app.test_client()
    answer = client.get("/api/v1/me", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("kind", ["Basic", "Token", "Bearer:", "wx"])
def test_good_token_counts_behind_the_word_bearer_alone(api_app, programs, kind):
    header = {"Authorization": f"{kind} {programs['auditor'].token}"}
    assert api_app.test_client().get("/api/v1/me", headers=header).status_code == 401


def test_token_of_a_disabled_account_opens_nothing(api_app, city):
    people.add_person(city, sign_in="leaver", name="leaver", role=Role.AUDITOR, by="test")
    token = people.make_token(city, sign_in="leaver", title="test", by="test")

    def status() -> int:
        header = {"Authorization": f"Bearer {token}"}
        return api_app.test_client().get("/api/v1/me", headers=header).status_code

    assert status() == 200
    people.set_active(city, sign_in="leaver", is_active=False, by="test")
    assert status() == 401


def test_session_cookie_counts_for_nothing(api_app, city):
    from pipeline.house.people import viewer_of_token

    client = api_app.test_client()
    with client.session_transaction() as cookie:
        cookie["person"] = "1.1"
    assert client.get("/").status_code == 200
    assert client.get("/api/v1/me").status_code == 401
    assert viewer_of_token(city, "") is None


@pytest.fixture
def counted_afresh(city: Instance) -> Iterator[None]:
    """Nothing counted before the test, and none of its requests after it: all applications over the city count in one
    file."""
    with closing(sqlite3.connect(city.folder / "limits.db", isolation_level=None)) as base:
        base.execute(TABLE)
        base.execute("DELETE FROM buckets")
        yield
        base.execute("DELETE FROM buckets")


@pytest.mark.usefixtures("counted_afresh")
def test_guessing_tokens_is_slowed_down(city, programs):
    client = create_app(city, {"TESTING": True}).test_client()
    tries = [client.get("/api/v1/me", headers={"Authorization": f"Bearer wx_{n}"}) for n in range(25)]
    assert [answer.status_code for answer in tries[:20]] == [401] * 20
    assert tries[-1].status_code == 429
    assert int(tries[-1].headers["Retry-After"]) >= 1
    found = client.get("/api/v1/me", headers={"Authorization": f"Bearer {programs['auditor'].token}"})
    assert found.status_code == 429  # an address that guesses is not told when it guesses right


@pytest.mark.usefixtures("counted_afresh")
def test_asking_too_often_is_slowed_down(city, programs):
    client = create_app(city, {"TESTING": True, "API_BURST": 3, "API_PER_MINUTE": 1}).test_client()
    header = {"Authorization": f"Bearer {programs['auditor'].token}"}
    assert [client.get("/api/v1/me", headers=header).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_bucket_fills_again():
    now = [0.0]
    limit = RateLimit(60, 2, clock=lambda: now[0])
    assert [limit.seconds_to_wait("a") for _ in range(3)] == [0.0, 0.0, 1.0]
    now[0] = 1.0
    assert limit.seconds_to_wait("a") == 0.0
    assert limit.seconds_to_wait("b") == 0.0


ASK_OFTEN = """
import sys
from pathlib import Path
from web.limits import TABLE, RateLimit
limit = RateLimit(1, 30, file=Path(sys.argv[1]))
print(sum(limit.seconds_to_wait("one token") == 0.0 for _ in range(40)))
"""


def test_processes_of_an_instance_count_together(tmp_path):
    """Two processes ask forty times each at the same moment: thirty may go on, whoever they are."""
    started = [
        subprocess.Popen([sys.executable, "-c", ASK_OFTEN, tmp_path / "limits.db"], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    assert sum(int(process.communicate()[0]) for process in started) == 30
    assert [process.returncode for process in started] == [0, 0]


@pytest.mark.usefixtures("counted_afresh")
def test_a_second_application_over_the_instance_knows_what_the_first_was_asked(city, programs):
    settings = {"TESTING": True, "API_BURST": 3, "API_PER_MINUTE": 1}
    header = {"Authorization": f"Bearer {programs['admin'].token}"}
    statuses = []
    for _ in range(3):
        client = create_app(city, settings).test_client()
        statuses += [client.get("/api/v1/me", headers=header).status_code for _ in range(2)]
    assert statuses == [200, 200, 200, 429, 429, 429]


def test_callers_are_counted_although_the_file_cannot_be_written(tmp_path, caplog):
    (tmp_path / "limits.db").write_bytes(b"no database, but long enough to be read as one" * 100)
    limit = RateLimit(60, 2, clock=lambda: 0.0, file=tmp_path / "limits.db")
    assert [limit.seconds_to_wait("a") for _ in range(3)] == [0.0, 0.0, 1.0]
    assert "counted by this process alone" in caplog.text


def test_a_clock_set_back_gives_nothing_and_takes_nothing():
    now = [1000.0]
    limit = RateLimit(60, 2, clock=lambda: now[0])
    assert [limit.seconds_to_wait("a") for _ in range(2)] == [0.0, 0.0]
    now[0] = 0.0
    assert limit.seconds_to_wait("a") == 1.0
    now[0] = 1.0
    assert limit.seconds_to_wait("a") == 0.0


def test_large_json_is_refused_before_it_is_read(programs):
    answer = programs["assessor"].post("/assessments", data=b"x" * (1 << 20 | 1), content_type="application/json")
    assert answer.status_code == 413


def test_batches_of_the_api_are_those_of_the_catalogue(programs, city: Instance):
    with city.session() as session:
        expected = [row.id for row in batches.list_batches(session, viewer=OPERATOR)]
    assert [row["id"] for row in programs["auditor"].get("/batches").json["batches"]] == expected
