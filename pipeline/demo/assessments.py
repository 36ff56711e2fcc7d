"""Assessments of the demonstration city: two schemes, two years; those of the first year are published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pipeline.demo.people import MAKER
from pipeline.judgement import assessing
from pipeline.judgement.scheme_store import publish
from records.instance import Instance

SCHEMES = ("bj_three_rates", "city_records")
OWN_SCHEME = Path(__file__).parent / "city_records@2025.1.toml"  # published like an office's own
YEARS = ("2024", "2025")
STEPS = (("review", "assessor"), ("appeal", "assessor"), ("final", "assessor"), ("published", MAKER))
STATE_OF_YEAR = {"2024": "published", "2025": "review"}


def make_assessments(instance: Instance, *, tell: Callable[[str], None]) -> list[int]:
    """Make the assessments that are missing and take each to its state; returns all their numbers."""
    publish(instance, OWN_SCHEME, by=MAKER)
    known = {(row["scheme_id"], row["period"]): row["number"] for row in assessing.list_assessments(instance)}
    answer = []
    for year in YEARS:
        for scheme in SCHEMES:
            number = known.get((scheme, year))
            if number is None:
                number = assessing.make_draft(instance, scheme_id=scheme, period=year, by="assessor").number
            _take_to(instance, number, STATE_OF_YEAR[year])
            tell(f"考核 {number}：{scheme} {year}（{STATE_OF_YEAR[year]}）")
            answer.append(number)
    return answer


def _take_to(instance: Instance, number: int, wanted: str) -> None:
    """Go step by step to a state; an assessment that is already there or past it stays."""
    order = ["draft", *(state for state, _ in STEPS)]
    state = assessing.get(instance, number).state
    for step, person in STEPS:
        if order.index(state) < order.index(step) <= order.index(wanted):
            assessing.advance(instance, number, step, by=person)
