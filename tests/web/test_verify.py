"""Verifying a document by its code or by itself, and writing the texts of reports."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest

from pipeline.paper import text_editing
from pipeline.paper.text_editing import Place, TextRefused
from records.models import Assessment, IssuedDocument
from records.vocabulary import Role

CONTENT = b"%PDF the very bytes"
CODE = "1A2B-3C4D-5E6F"


@pytest.fixture(scope="module", autouse=True)
def made(instance):
    import hashlib

    moment = datetime(2025, 1, 7, tzinfo=UTC)
    with instance.session() as session:
        session.add(
            Assessment(
                number=900, scheme_id="s", scheme_version="1", scheme_sha256="0" * 64, period="2019", state="published",
                seed=1, draws=1, result={}, result_sha256="1" * 64, provenance={}, made_by="x", made_at=moment,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            IssuedDocument(
                code=CODE, assessment_number=900, result_sha256="1" * 64, kind="annual", format="pdf", language="zh",
                role="assessor", file_sha256=hashlib.sha256(CONTENT).hexdigest(), size=len(CONTENT), made_by="x",
                made_at=moment,
            )
        )  # fmt: skip
    yield
    with instance.session() as session:
        session.query(IssuedDocument).filter_by(code=CODE).delete()
        session.query(Assessment).filter_by(number=900).delete()


def test_verify_needs_a_sign_in(client_of):
    assert client_of(None).get("/verify").status_code in (302, 303)


@pytest.mark.parametrize("role", list(Role))
def test_verify_by_code_for_everybody(client_of, role):
    page = client_of(role).get("/verify?code=1a2b3c4d5e6f")
    assert page.status_code == 200
    assert CODE in page.text
    assert "2019" in page.text


def test_verify_by_file_and_refuses_a_changed_one(client_of):
    client = client_of(Role.ORG_DEPT)
    same = client.post("/verify", data={"file": (io.BytesIO(CONTENT), "a.pdf")})
    other = client.post("/verify", data={"file": (io.BytesIO(CONTENT + b" "), "a.pdf")})
    assert CODE in same.text
    assert CODE not in other.text
    assert "可能被改动过" in other.text


def test_verify_asks_for_a_code_or_file(client_of):
    answer = client_of(Role.AUDITOR).post("/verify", data={"code": " "})
    assert answer.status_code == 400
    assert "请填写核验码" in answer.text


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ORG_DEPT, Role.UNIT_HEAD, Role.ADMIN])
def test_texts_are_for_assessors_only(client_of, role):
    assert client_of(role).get("/reports/texts").status_code == 403


def test_texts_are_listed_written_and_refused_with_the_reason(client_of, monkeypatch):
    place = Place("results", None, "上期文字", "2018", "a", datetime(2025, 1, 7, tzinfo=UTC))
    monkeypatch.setattr(text_editing, "places", lambda *_: [place])
    client = client_of(Role.ASSESSOR)
    page = client.get("/reports/texts?assessment=900").text
    assert "总体结果" in page
    assert "沿用2018" in page
    kept = {}
    monkeypatch.setattr(text_editing, "write_text", lambda *_, **wanted: kept.update(wanted))
    assert client.post("/reports/texts/900/results", data={"text": "新"}).status_code == 303
    assert kept == {"number": 900, "place": "results", "language": "zh", "text": "新"}

    reasons = {"unknown": "没有 {x} 这个数字", "missing": "字体里没有 {x}", "": "no such chapter"}
    for why, words in reasons.items():

        def refuse(*_, why=why, **__):
            raise TextRefused("no such chapter", why=why, parts=["{x}"])

        monkeypatch.setattr(text_editing, "write_text", refuse)
        answer = client.post("/reports/texts/900/results", data={"text": "{x}"})
        assert answer.status_code == 400
        assert words in answer.text
    assert client.get("/reports/texts/900/nowhere").status_code == 404
