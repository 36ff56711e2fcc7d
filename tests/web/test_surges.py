"""The page of early notices: whoever sees cases may open it; it names topics and places, never a person or a unit."""

from __future__ import annotations

import pytest

from records.vocabulary import Role


@pytest.mark.parametrize(
    ("role", "status"), [(Role.ASSESSOR, 200), (Role.AUDITOR, 200), (Role.UNIT_HEAD, 200), (Role.ORG_DEPT, 403)]
)
def test_who_may_open_the_page(client_of, role: Role, status: int) -> None:
    assert client_of(role).get("/surges").status_code == status
