"""What a kept password costs somebody who stole the catalogue."""

from __future__ import annotations

import argon2
import pytest

from records import credentials


def test_hash_costs_at_least_what_owasp_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    """OWASP's password storage sheet: argon2id with at least 19 MiB and two passes."""
    monkeypatch.setattr(credentials, "PasswordHasher", argon2.PasswordHasher)
    cost = argon2.extract_parameters(credentials.hash_password("correct horse battery"))
    assert cost.type is argon2.Type.ID
    assert cost.memory_cost >= 19 * 1024
    assert cost.time_cost >= 2


def test_token_cannot_be_guessed() -> None:
    """256 random bits stand in 43 characters of 64; no two tokens are alike."""
    made = {credentials.make_token() for _ in range(50)}
    assert {len(token.removeprefix(credentials.TOKEN_PREFIX)) for token in made} == {43}
    assert len({token[-20:] for token in made}) == 50
