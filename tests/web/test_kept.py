"""Kept page bodies: the same for readers of a role, never across roles or languages, gone when the numbers change."""

from __future__ import annotations

from markupsafe import Markup

from pipeline.views import shown
from records.vocabulary import Role
from tests.web.city import prepared
from web.kept import KeptBodies


def test_kept_body_is_made_once_for_one_source():
    bodies, made = KeptBodies(), []
    source = object()
    for _ in range(3):
        bodies.get("key", source, lambda: made.append(1) or Markup("x"))
    assert len(made) == 1
    bodies.get("key", object(), lambda: made.append(1) or Markup("y"))
    assert len(made) == 2


def test_oldest_body_leaves_first():
    bodies, source = KeptBodies(most=2), object()
    for key in ("a", "b", "a", "c"):
        bodies.get(key, source, lambda: Markup("x"))
    made = []
    bodies.get("a", source, lambda: made.append("a") or Markup(""))
    bodies.get("b", source, lambda: made.append("b") or Markup(""))
    assert made == ["b"]


def test_reader_of_another_role_or_language_gets_a_body_of_its_own(client_of, shown_city):
    assessor = client_of(Role.ASSESSOR).get("/units/B00").text
    organisation = client_of(Role.ORG_DEPT).get("/units/B00").text
    english = client_of(Role.ASSESSOR).get("/units/B00?lang=en").text
    assert "尚未核实" in assessor
    assert "尚未核实" not in organisation
    assert "Not verified" in english


def test_changed_numbers_are_shown_at_once(client_of, shown_city, monkeypatch):
    client = client_of(Role.ASSESSOR)
    assert "第三方综合评估" in client.get("/units/B00").text
    other = prepared(state="review")
    monkeypatch.setattr(shown, "_kept", lambda key: other)
    assert "复核中" in client.get("/units/B00").text
