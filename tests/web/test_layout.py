"""Area X is web/pages/X.py, web/forms/X.py, templates/X/, tests/web/test_X.py and /X; exceptions say why."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

ROOT = Path(__file__).parents[2]
TESTS = Path(__file__).parent

# Parts of a larger area: their addresses lie below its own.
PARTS = {
    "draft_weights": "/drafts", "posts": "/directory/posts", "report_preview": "/reports/preview",
    "report_texts": "/reports/texts",
}  # fmt: skip
# The first page is /, programs ask /healthz and the like, and a person who leaves was not signing in.
OWN_ADDRESSES = {"overview": ("/",), "house": ("/healthz", "/readyz", "/metrics"), "sign_in": ("/sign-in", "/sign-out")}
# Areas that are steps of a longer way are tested where that way is walked.
WALKED_IN = {
    "appraisals": "leadership", "assessments": "review", "compare": "indicators", "exclusions": "review",
    "facts": "report_preview", "fairness": "review", "help": "search", "layouts": "upload_decisions",
    "methods": "search", "objections": "review", "posts": "leadership", "report_texts": "verify", "schemes": "drafts",
}  # fmt: skip
SHARED_FORMS = {"choices", "periods", "review"}  # fields and forms of several areas
SHARED_TEMPLATES = {"_macros", "errors"}


def modules(folder: str) -> set[str]:
    return {path.stem for path in (ROOT / folder).glob("*.py")} - {"__init__"}


AREAS = sorted(modules("web/pages"))


def beginnings(area: str) -> tuple[str, ...]:
    """What the addresses of an area begin with."""
    return OWN_ADDRESSES.get(area) or (PARTS.get(area, f"/{area}"),)


def is_below(address: str, beginning: str) -> bool:
    return address == beginning or address.startswith(f"{beginning.rstrip('/')}/")


@pytest.mark.parametrize("area", AREAS)
def test_addresses_begin_with_the_name_of_their_area(app: Flask, area: str) -> None:
    rules = [rule.rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith(f"{area}.")]
    assert rules
    assert [rule for rule in rules if not any(is_below(rule, begin) for begin in beginnings(area))] == []


@pytest.mark.parametrize("area", AREAS)
def test_every_area_is_tested_under_its_name_or_on_its_way(area: str) -> None:
    has_test = (TESTS / f"test_{area}.py").exists()
    assert has_test == (area not in WALKED_IN)
    if not has_test:
        walk = (TESTS / f"test_{WALKED_IN[area]}.py").read_text("utf-8")
        assert any(begin in walk for begin in beginnings(area))


def test_forms_and_templates_are_named_by_their_area() -> None:
    assert modules("web/forms") - SHARED_FORMS - set(AREAS) == set()
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}
    assert folders - SHARED_TEMPLATES - set(AREAS) == set()


def test_an_address_beside_its_area_would_be_found() -> None:
    assert not is_below("/report-texts/1", "/reports")
    assert is_below("/reports/texts", "/reports")
