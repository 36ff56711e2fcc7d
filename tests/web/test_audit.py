"""The audit page: entries for auditors and admins, filters, and a chain whose break is seen."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import delete, select, text

from pipeline.house import trail
from records import audit
from records.models import AuditEntry
from records.vocabulary import Role


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.AUDITOR, 200), (Role.ADMIN, 200), (Role.ASSESSOR, 403), (Role.UNIT_HEAD, 403), (Role.ORG_DEPT, 403)],
)
def test_audit_is_for_auditors_and_admins(client_of, role, status):
    assert client_of(role).get("/audit").status_code == status


def test_filter_by_person_and_action_narrows_the_list(client_of, instance):
    with instance.session() as session:
        audit.write(session, "somebody", "test.action", "thing 7")
    client = client_of(Role.AUDITOR)
    page = client.get("/audit?who=somebody&action=test.action").text
    assert "thing 7" in page
    assert "共 1 条操作记录" in page
    assert "没有符合条件的记录" in client.get("/audit?who=nobody").text


def test_whole_chain_is_checked_on_request_and_a_break_is_told(client_of, instance):
    client = client_of(Role.AUDITOR)
    assert "链条完整" in client.get("/audit?check=1").text
    with instance.session() as session:
        number = audit.write(session, "x", "test.end", "end")
        last = session.get(AuditEntry, number)
        before, digest = number - 1, last.previous_hash
        session.execute(delete(AuditEntry).where(AuditEntry.number == number))
    try:
        assert f"第 {number} 条与链条不符" in client.get("/audit?check=1").text
    finally:
        with instance.session() as session:
            session.execute(text("UPDATE audit_head SET number = :n, hash = :h"), {"n": before, "h": digest})
            assert session.scalar(select(AuditEntry.number).where(AuditEntry.number == number)) is None


def test_exported_trail_is_followed_without_the_system(client_of, instance, tmp_path):
    with instance.session() as session:
        audit.write(session, "=cmd", "test.formula", "thing 8")
    client = client_of(Role.AUDITOR)
    noted = 'class="code">audit.export'
    before = client.get("/audit?action=audit.export").text.count(noted)
    answer = client.get("/audit/export")
    path = tmp_path / "trail.jsonl"
    path.write_bytes(answer.data)
    lines = answer.text.splitlines()
    assert trail.check_file(path) == audit.ChainCheck(len(lines), None)
    said = json.loads(lines[1])
    path.write_text("\n".join([lines[0], json.dumps(said | {"who": "nobody"}), *lines[2:]]), "utf-8")
    assert trail.check_file(path).first_bad == 2
    path.write_text("\n".join([lines[0], *lines[2:]]), "utf-8")
    assert trail.check_file(path).first_bad == 2
    path.write_text("\n".join(lines[1:]), "utf-8")
    assert trail.check_file(path) == audit.ChainCheck(len(lines) - 1, None)
    path.write_text("{}", "utf-8")
    with pytest.raises(trail.TrailFileError, match="line 1"):
        trail.check_file(path)
    assert "'=cmd" in client.get("/audit/export?format=csv").text
    assert client.get("/audit/export?from=2001-01-01&to=2001-12-31").text == ""
    assert client.get("/audit/export?from=yesterday").status_code == 404
    assert client.get("/audit?action=audit.export").text.count(noted) == before + 3
