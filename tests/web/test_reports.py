"""Ordering documents: whoever orders is offered what may be had, and nothing else."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask

from pipeline.paper import report_jobs
from pipeline.paper.report_jobs import OrderedReport
from pipeline.paper.reporting import FOR_ONE_UNIT, FORMATS
from records.vocabulary import Role
from tests.web.office import sign_in


def choices_of(page: str, name: str) -> list[str]:
    """The values that a field of the form offers."""
    field = re.search(rf'<select[^>]*name="{name}".*?</select>', page, re.DOTALL)
    assert field is not None, f"no field {name}"
    return re.findall(r'<option[^>]*value="([^"]*)"', field[0])


def chosen_of(page: str, name: str) -> str | None:
    """The value that a field of the form begins with."""
    field = re.search(rf'<select[^>]*name="{name}".*?</select>', page, re.DOTALL)
    assert field is not None, f"no field {name}"
    chosen = re.search(r'<option selected value="([^"]*)"', field[0])
    return chosen and chosen[1]


@pytest.mark.parametrize(
    ("role", "withheld"),
    [(Role.ASSESSOR, set()), (Role.AUDITOR, set()), (Role.ORG_DEPT, {"cases", "daily"})],  # which need single cases
)
def test_whoever_sees_the_ranking_is_offered_documents_over_all_units(
    two_months: Flask, role: Role, withheld: set[str]
) -> None:
    page = sign_in(two_months, role).get("/reports").text
    assert set(choices_of(page, "kind")) == set(FORMATS) - withheld
    assert choices_of(page, "unit")[0] == ""


def test_a_unit_head_is_offered_documents_of_the_own_unit_and_gets_each(two_months: Flask) -> None:
    head = sign_in(two_months, Role.UNIT_HEAD)
    page = head.get("/reports").text
    kinds, units = choices_of(page, "kind"), choices_of(page, "unit")
    assert set(kinds) == set(FOR_ONE_UNIT)
    assert units
    assert "" not in units
    assert set(choices_of(page, "format")) == {format for kind in kinds for format in FORMATS[kind]}
    number = choices_of(page, "assessment")[0]
    for kind in kinds:
        wanted = {"assessment": number, "kind": kind, "format": FORMATS[kind][0], "unit": units[0], "language": "zh"}
        assert head.post("/reports", data=wanted).status_code == 303, kind


@pytest.mark.parametrize(("kind", "format"), [("evidence", "zip"), ("workbook", "xlsx"), ("annual", "docx")])
def test_a_link_to_a_kind_chooses_a_format_of_that_kind(two_months: Flask, kind: str, format: str) -> None:
    page = sign_in(two_months, Role.ORG_DEPT).get(f"/reports?assessment=2&kind={kind}").text
    assert chosen_of(page, "kind") == kind
    assert chosen_of(page, "format") == format


def test_a_ready_document_is_taken_home_under_a_name_for_people(
    two_months: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "3-notice-2025-12-all-zh-assessor.pdf"
    path.write_bytes(b"%PDF")
    name = "2025年12月通报，三率，评价3.pdf"
    ready = OrderedReport("a" * 32, 3, "notice", "pdf", None, "zh", datetime(2026, 1, 2), "done", path=path, name=name)
    monkeypatch.setattr(report_jobs, "one_report", lambda *_, **__: ready)
    client = sign_in(two_months, Role.ASSESSOR)
    assert name in client.get(f"/reports/{ready.job}/progress").text
    with client.get(f"/reports/{ready.job}/file") as answer:
        assert f"filename*=UTF-8''{quote(name)}" in answer.headers["Content-Disposition"]


def test_the_page_of_a_unit_orders_its_scorecard_of_the_assessment_shown(two_months: Flask) -> None:
    client = sign_in(two_months, Role.ASSESSOR)
    link = re.search(r'href="(/reports\?[^"]*)"', client.get("/units/u1?assessment=1").text)
    assert link is not None
    page = client.get(unescape(link[1])).text
    assert [chosen_of(page, name) for name in ("assessment", "kind", "unit")] == ["1", "scorecard", "u1"]
