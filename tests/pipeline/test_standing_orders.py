"""Standing orders: due once, made as the person, delivered to the inbox and by mail."""

from __future__ import annotations

import email
import email.policy
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from pipeline.house import jobs, people
from pipeline.judgement import assessing
from pipeline.numbers import counting
from pipeline.paper import inbox, mailing, report_jobs, standing_orders
from pipeline.paper.reporting import ReportRequestError
from pipeline.paper.standing_orders import OrderRefused, Wanted
from records.access import Forbidden, Viewer
from records.instance import Instance
from records.queries.people import viewer_for
from records.settings import Settings, SettingsError, parse_settings
from records.vocabulary import Role
from tests.pipeline.mail_server import mail_server, throw_away_certificate
from tests.pipeline.test_assessing import prepared

__all__ = ["prepared"]

YEARLY = Wanted("yearly", "closing", "workbook", "xlsx")
IN_2025 = date(2025, 3, 3)


@pytest.fixture
def instance(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Instance]:
    monkeypatch.delenv("WENXIAO_DATABASE_URL", raising=False)
    monkeypatch.setattr(counting, "as_of", lambda _: datetime(2025, 2, 10, 9))
    shutil.copytree(prepared, tmp_path, dirs_exist_ok=True)
    opened = Instance.open(tmp_path / "instance")
    yield opened
    opened.close()


@pytest.fixture
def ann(instance: Instance) -> Viewer:
    account = {"sign_in": "ann", "name": "Ann", "role": Role.ASSESSOR, "password": "maple-window-7731", "by": "test"}
    people.add_person(instance, **account)
    with instance.session() as session:
        found = viewer_for(session, person_id=1)
    assert found is not None
    return found


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    """What is put in the queue, with its name, instead of the queue."""
    found: list[dict] = []

    def enqueue(instance: Instance, kind: str, *, by: str = "", job: str = "", **arguments: object) -> str:
        found.append({"kind": kind, "by": by, "job": job, **arguments})
        return job

    monkeypatch.setattr(jobs, "enqueue", enqueue)
    return found


def draft(instance: Instance, period: str = "2024") -> int:
    return assessing.make_draft(instance, scheme_id="closing", period=period, by="ann", draws=20).number


def run(instance: Instance, job: dict) -> None:
    """Do a queued job here and now, under its name."""
    steps = jobs.Directly()
    steps.job = job["job"]
    arguments = {name: value for name, value in job.items() if name not in ("kind", "by", "job")}
    report_jobs.make_job(instance, steps, **arguments)


def test_an_order_waits_for_its_assessment_and_is_made_once(instance: Instance, ann: Viewer, queued: list[dict]):
    order = standing_orders.add(instance, ann, YEARLY)
    assert standing_orders.make_due(instance, IN_2025) == []
    number = draft(instance)
    assert standing_orders.make_due(instance, IN_2025) == [f"standing-{order}-2024"]
    assert standing_orders.make_due(instance, IN_2025) == []
    assert [(job["number"], job["report"], job["by"]) for job in queued] == [(number, "workbook", "ann")]
    assert [own.last_made for own in standing_orders.list_own(instance, ann)] == ["2024"]


def test_a_period_the_records_do_not_reach_is_not_due(
    instance: Instance, ann: Viewer, queued: list[dict], monkeypatch: pytest.MonkeyPatch
):
    standing_orders.add(instance, ann, YEARLY)
    draft(instance)
    monkeypatch.setattr(counting, "as_of", lambda _: datetime(2024, 12, 31, 23))
    assert standing_orders.make_due(instance, IN_2025) == []


def test_a_month_and_a_day_come_from_the_assessment_that_holds_them(
    instance: Instance, ann: Viewer, queued: list[dict]
):
    draft(instance)
    holds = draft(instance, "2025")
    for rhythm, kind in (("monthly", "notice"), ("daily", "daily")):
        standing_orders.add(instance, ann, Wanted(rhythm, "closing", kind, "pdf"))
    assert len(standing_orders.make_due(instance, IN_2025)) == 2
    assert [(job["number"], job["of"]) for job in queued] == [(holds, "2025-01"), (holds, "2025-02-09")]


def test_a_made_document_lies_in_the_inbox_of_its_person_once(instance: Instance, ann: Viewer, queued: list[dict]):
    standing_orders.add(instance, ann, YEARLY)
    number = draft(instance)
    standing_orders.make_due(instance, IN_2025)
    run(instance, queued[0])
    run(instance, queued[0])  # a worker that died after the message does the step again
    messages = inbox.list_own(instance, ann)
    assert [(m.code, m.link, m.arguments["number"]) for m in messages] == [("report_ready", queued[0]["job"], number)]
    assert [m.read_at for m in messages] == [None]
    inbox.mark_read(instance, ann)
    assert [m.read_at for m in inbox.list_own(instance, ann) if m.read_at is None] == []
    book = openpyxl.load_workbook(instance.reports_folder / queued[0]["name"], read_only=True)
    assert "总览" in book.sheetnames
    book.close()


def with_mail(instance: Instance, port: int) -> Instance:
    settings = Settings(
        office="评估办", mail_host="127.0.0.1", mail_port=port, mail_security="none", mail_from="a@b.cn"
    )
    return replace(instance, settings=settings)


def delivered(instance: Instance, ann: Viewer, kind: str) -> tuple[Path, str]:
    """A finished file of a standing order that is to be mailed, and what became of the mail."""
    format = {"workbook": "xlsx", "evidence": "zip"}[kind]
    order = standing_orders.add(instance, ann, replace(YEARLY, kind=kind, format=format, mail_to="ann@office.cn"))
    path = instance.reports_folder / f"made.{format}"
    path.write_bytes(b"PK a document")
    wanted = {"report": kind, "unit": None, "person": ann.person, "of": ""}
    return path, report_jobs.deliver(instance, f"job-{order}", 1, path, wanted, order)


@pytest.mark.parametrize(("kind", "told"), [("workbook", "sent"), ("evidence", "told")])
def test_a_document_is_mailed_but_the_evidence_only_announced(instance: Instance, ann: Viewer, kind: str, told: str):
    with mail_server() as (port, taken):
        path, answer = delivered(with_mail(instance, port), ann, kind)
    assert answer == told
    assert len(taken) == 1
    mail = email.message_from_bytes(taken[0], policy=email.policy.default)
    assert (mail["To"], mail["From"]) == ("ann@office.cn", "a@b.cn")
    sent = [part.get_content() for part in mail.iter_attachments()]
    assert sent == ([path.read_bytes()] if kind == "workbook" else [])
    assert inbox.list_own(instance, ann)[0].arguments["mail"] == told


@pytest.mark.parametrize(
    ("language", "name", "office"),
    [
        ("zh", "2024年度评估数据工作簿，办结，评价1，草稿.xlsx", "评估办"),
        ("en", "Assessment workbook 2024, Closing, assessment 1, draft.xlsx", "Office"),
    ],
)
def test_a_mailed_document_is_named_for_people_and_stored_under_a_plain_name(
    instance: Instance, ann: Viewer, queued: list[dict], language: str, name: str, office: str
):
    with mail_server() as (port, taken):
        settings = replace(with_mail(instance, port).settings, office=office)
        instance = replace(instance, settings=settings)
        standing_orders.add(instance, ann, replace(YEARLY, language=language, mail_to="ann@office.cn"))
        draft(instance)
        standing_orders.make_due(instance, IN_2025)
        run(instance, queued[0])
    assert queued[0]["name"].isascii()
    assert all(byte < 128 for byte in taken[0].partition(b"\r\n\r\n")[0])
    mail = email.message_from_bytes(taken[0], policy=email.policy.default)
    assert [part.get_filename() for part in mail.iter_attachments()] == [name]
    assert mail["Subject"] == f"{office} {name.removesuffix('.xlsx')}"
    assert name in mail.get_body().get_content()
    assert inbox.list_own(instance, ann)[0].arguments["name"] == name


def test_a_mail_that_cannot_go_out_leaves_the_document_and_says_so(instance: Instance, ann: Viewer):
    with mail_server() as (port, _):
        closed = port  # nobody listens there any more
    path, answer = delivered(with_mail(instance, closed), ann, "workbook")
    assert answer.startswith("failed: ")
    assert path.exists()
    assert inbox.list_own(instance, ann)[0].arguments["mail"] == answer


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_mail_goes_out_encrypted_to_a_trusted_server_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: str
):
    certificate = throw_away_certificate(tmp_path / "mail.pem")
    with mail_server(security, certificate) as (port, taken):
        settings = Settings(mail_host="127.0.0.1", mail_port=port, mail_security=security, mail_from="a@b.cn")
        mail = mailing.message(settings, to="x@y.cn", subject="s", text="t", file=None, name="")
        with pytest.raises(mailing.MailRefused, match="certificate"):
            mailing.send(settings, mail)
        assert taken == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        mailing.send(settings, mail)
    assert len(taken) == 1


def test_a_server_without_encryption_gets_no_mail_where_encryption_is_set():
    with mail_server() as (port, taken):
        settings = Settings(mail_host="127.0.0.1", mail_port=port, mail_security="starttls", mail_from="a@b.cn")
        mail = mailing.message(settings, to="x@y.cn", subject="s", text="t", file=None, name="")
        with pytest.raises(mailing.MailRefused, match="STARTTLS"):
            mailing.send(settings, mail)
    assert taken == []


def test_a_line_end_in_an_address_never_becomes_a_header():
    with pytest.raises(ValueError, match="linefeed"):
        mailing.message(
            Settings(mail_from="a@b.cn"), to="x@y.cn\nBcc: z@y.cn", subject="s", text="", file=None, name=""
        )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"rhythm": "daily"}, "rhythm"),
        ({"mail_to": "no address"}, "address"),
        ({"mail_to": "a@b.cn, c@d.cn"}, "address"),
        ({"mail_to": "ann@office.cn"}, "mail_unset"),
    ],
)
def test_an_order_that_cannot_be_kept_is_refused(instance: Instance, ann: Viewer, change: dict, reason: str):
    with pytest.raises(OrderRefused) as refused:
        standing_orders.add(instance, ann, replace(YEARLY, **change))
    assert refused.value.reason == reason
    with pytest.raises(ReportRequestError):
        standing_orders.add(instance, ann, replace(YEARLY, format="pdf"))


def test_a_unit_orders_its_own_scorecard_only(instance: Instance):
    head = Viewer(3, "Head", Role.UNIT_HEAD, frozenset({"u2"}), sign_in="head")
    for unit in (None, "u1"):
        with pytest.raises(Forbidden):
            standing_orders.add(instance, head, Wanted("yearly", "closing", "scorecard", "pdf", unit))


def test_an_ended_order_and_a_disabled_account_get_nothing(instance: Instance, ann: Viewer, queued: list[dict]):
    order = standing_orders.add(instance, ann, YEARLY)
    draft(instance)
    assert not standing_orders.end(instance, replace(ann, person=99), order)
    assert standing_orders.end(instance, ann, order)
    standing_orders.add(instance, ann, YEARLY)
    people.set_active(instance, sign_in="ann", is_active=False, by="test")
    assert standing_orders.make_due(instance, IN_2025) == []


@pytest.mark.parametrize(
    "text",
    [
        'mail_security = "ssl"',
        'mail_host = "smtp.office.cn"',
        'mail_host = "smtp.office.cn"\nmail_from = "a@b.cn"\nmail_security = "none"',
    ],
)
def test_settings_of_mail_that_cannot_hold_are_refused(text: str):
    with pytest.raises(SettingsError, match="mail_"):
        parse_settings(text)
