"""Names of files: every kind in both languages, no two alike, fit for every file system."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.paper.reporting import FOR_ONE_UNIT, FORMATS
from reports.document_names import document_name
from reports.packing import FORBIDDEN
from tests.reports.factory import make_source

WITH_MOMENT = {"notice": "2024-03", "daily": "2024-03-05"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_has_a_name_of_its_own_that_tells_period_scheme_and_number(language: str) -> None:
    source = replace(make_source(count=3), language=language)
    unit = source.units[1]
    wanted = [(kind, None) for kind in FORMATS] + [(kind, unit.code) for kind in FOR_ONE_UNIT]
    names = {
        pair: document_name(source, pair[0], unit=pair[1], of=WITH_MOMENT.get(pair[0], "")) for pair in wanted
    }  # fmt: skip
    assert len(set(names.values())) == len(wanted)
    title = source.scheme["title"][language]
    for (_, code), name in names.items():
        assert "2024" in name
        assert title in name
        assert str(source.number) in name
        assert (unit.name in name) == (code is not None)
        assert not FORBIDDEN & set(name)


def test_a_month_and_a_day_are_written_as_people_write_them() -> None:
    source = make_source(count=3)
    assert document_name(source, "notice", of="2024-03").startswith("2024年3月回应群众诉求情况通报，")
    assert document_name(source, "daily", of="2024-03-05").startswith("2024年3月5日回应群众诉求日报，")


@pytest.mark.parametrize(("state", "told"), [("draft", "，草稿"), ("appeal", "，申诉期"), ("published", "，评价3")])
def test_a_document_that_is_not_settled_says_so(state: str, told: str) -> None:
    assert document_name(replace(make_source(count=3), state=state), "annual").endswith(told)


def test_a_name_of_any_unit_stays_a_name_of_one_file() -> None:
    source = make_source(count=3)
    units = [replace(source.units[0], name="../x\n" + "长" * 200), *source.units[1:]]
    name = document_name(replace(source, units=units), "scorecard", unit=units[0].code)
    assert "/" not in name
    assert name.isprintable()
    assert len((name + ".docx").encode()) <= 255
