"""The cases behind a rate are those it counts: as many as its numerator and denominator, each fitting on its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluation.rules.scheme import load
from metrics.values.behind import Part
from pipeline.judgement import assessing
from pipeline.numbers.counting import metric_values
from pipeline.views import behind
from pipeline.views.behind import Behind
from records.access import OPERATOR, Viewer
from records.instance import Instance
from records.queries import assessments, audit, cases
from records.vocabulary import Role

CODES = ("R1", "R4.strict", "R5", "H1.allowed", "H2", "H4", "H5")
SURVEYOR = Viewer(5, "调查", Role.ASSESSOR, has_survey_role=True, sign_in="surveyor")
ASSESSOR = Viewer(6, "评估", Role.ASSESSOR, sign_in="assessor")


@pytest.fixture(scope="module")
def city(demo_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """A copy of the demonstration city: a list of single answers is noted in the trail."""
    folder = tmp_path_factory.mktemp("behind") / "city"
    shutil.copytree(demo_folder, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("WENXIAO_DATABASE_URL", raising=False)
        instance = Instance.open(folder)
    yield instance
    instance.close()


@pytest.fixture(scope="module")
def counted(city: Instance) -> tuple[int, str, dict[str, tuple[float, float]]]:
    """An assessment, its unit with the most cases, and both parts of its rates by the counting itself."""
    stored = assessing.get(city, 4)
    with city.session() as session:
        scheme = load(assessments.scheme_text_of(session, number=4) or "")
    unit = max(stored.result.units, key=lambda found: found.n or 0).unit
    answer = metric_values(
        city, period=stored.result.period, codes=CODES, units=[unit], scope=scheme.scope,
        standard=scheme.limits.get("standard"),
    )  # fmt: skip
    parts = {row.metric: (row.numerator or 0, row.denominator or 0) for row in answer.rows if row.unit == unit}
    return 4, unit, parts


def listed(instance: Instance, asked: Behind, viewer: Viewer = SURVEYOR) -> cases.CasePage:
    query = behind.cases_behind(instance, viewer, asked)
    assert query is not None
    with instance.session() as session:
        return cases.page(instance, session, viewer=viewer, among=query, limit=500)


@pytest.mark.parametrize("code", CODES)
def test_as_many_cases_as_the_rate_counts(city: Instance, counted, code: str):
    number, unit, parts = counted
    above, below = parts[code]
    found = {part: listed(city, Behind(number, unit, code, part)).total for part in Part}
    assert found == {Part.COUNTED: below, Part.REACHED: above, Part.REST: below - above}
    assert below > 0


def test_every_listed_case_is_of_the_unit_and_the_rest_were_not_answered(city: Instance, counted):
    number, unit, _ = counted
    rest = listed(city, Behind(number, unit, "R5", Part.REST))
    assert rest.rows
    assert all(row["unit"] == unit and row["first_response_at"] is None for row in rest.rows)


def test_single_answers_are_listed_for_the_survey_role_only_and_each_list_is_noted(city: Instance, counted):
    number, unit, _ = counted
    asked = Behind(number, unit, "S4", Part.REACHED)
    assert behind.cases_behind(city, ASSESSOR, asked) is None
    assert behind.cases_behind(city, ASSESSOR, Behind(number, unit, "R5", Part.REACHED)) is not None
    listed(city, asked)
    with city.session() as session:
        noted = [entry for entry in audit.list_entries(session, viewer=OPERATOR, action="rating.read")]
    assert (noted[0].who, noted[0].subject, noted[0].detail["indicator"]) == ("surveyor", unit, "S4")
    assert all(entry.who == "surveyor" for entry in noted)


@pytest.mark.parametrize(("code", "number"), [("H8", 4), ("nonsense", 4), ("R5", 999)])
def test_what_cannot_be_listed_is_no_list(city: Instance, code: str, number: int):
    assert behind.cases_behind(city, SURVEYOR, Behind(number, "HCB001", code, Part.COUNTED)) is None
