"""The audit page: entries for auditors and admins, filters, and a chain whose break is seen."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, select, text

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
