"""No page prints more decimals of a score than its reader may know."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from evaluation.scores.result import UnitResult
from evaluation.scores.told import Coarse
from pipeline.views import shown
from pipeline.views.prepared import Prepared
from records.access import Action
from records.instance import Instance
from records.vocabulary import Role
from tests.reports.test_scores_told import coarse, pretended
from tests.web import city

pytestmark = pytest.mark.slow

PAGES = ("/", "/units", "/units/B03", "/units/B06", "/ranking", "/compare?unit=B03&unit=B06&unit=B09", "/leadership",
         "/leadership/years")  # fmt: skip


@pytest.fixture
def coarse_city(instance: Instance, monkeypatch: pytest.MonkeyPatch) -> Prepared:
    """The made-up city as somebody reads it who may not know what a few citizens answered."""
    whole = city.source()
    units = [coarse(unit, place) for place, unit in enumerate(whole.assessment.units)]
    before = {u.unit: _earlier(u) for u in units if u.score is not None}
    found = Prepared(
        replace(whole, assessment=replace(whole.assessment, units=units),
                previous={"number": 1, "period": "2023", "units": before})
    )  # fmt: skip
    choice = shown.Choice(3, "2024", "final", "integrated_third_party@2025.1")
    monkeypatch.setattr(shown, "choices", lambda instance, viewer, action=Action.SEE_SCORECARD: [choice])
    monkeypatch.setattr(shown, "_kept", lambda key: found)
    return found


def _earlier(unit: UnitResult) -> dict[str, float]:
    return {"score": Coarse(round((unit.score or 0) - 7.3, 1), 1), "low": Coarse(20, 0), "high": Coarse(41, 0)}


def test_no_page_pretends_to_know_more(coarse_city: Prepared, client_of: Callable[[Role], FlaskClient]) -> None:
    client, seen = client_of(Role.ORG_DEPT), ""
    rows = [row for unit in coarse_city.source.assessment.units for row in unit.indicators]
    points = [number for row in rows for number in (row.value, row.points, row.contribution)]
    others = {f"{number:.2f}" for number in points if number is not None}  # what is told whole may look like a score
    for page in PAGES:
        answer = client.get(page)
        assert answer.status_code == 200, page
        text = re.sub(r"<script.*?</script>|<[^>]+>", " ", answer.text, flags=re.DOTALL)
        assert set(pretended(coarse_city.source, [text])) <= others, page
        seen += text
    scores = [u.score for u in coarse_city.source.assessment.units if u.score is not None]
    assert sum(f"{score:.1f}" in seen for score in scores) == len(scores)
